"""A station keeps the slow-protocol rate, echoes what it heard, and answers as update_NTT would."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.pdu import PortInfo, State, lacpdu_frame
from harness.profile.constants import FAST_PERIODIC_TIME, MAX_LACPDUS_PER_FAST_PERIODIC_TIME
from harness.wire.loop import Timer
from harness.wire.station import RATE_MARGIN, Station
from testcases.selftest.harness.stub import EchoTap, station

THEIRS = PortInfo(0x8000, "02:aa:bb:cc:dd:01", 7, 0x8000, 1, State(0x3D))


def sent_times(tap: EchoTap) -> list[float]:
    return [frame.time for frame in tap.frames if frame.sent]


def worst_rate(times: list[float]) -> int:
    return max((sum(start <= t <= start + FAST_PERIODIC_TIME for t in times) for start in times), default=0)


def test_start_sends_at_once_and_each_period() -> None:
    me, tap = station()
    begun = tap.loop.now()
    me.start(1.0)
    tap.loop.run_for(5)
    assert [round(t - begun, 6) for t in sent_times(tap)] == [0, 1, 2, 3, 4, 5]


def test_silence_is_silent() -> None:
    me, tap = station()
    me.start(1.0)
    tap.loop.run_for(2.5)
    me.silence()
    before = len(sent_times(tap))
    tap.hear(lacpdu_frame("02:aa:bb:cc:dd:02", THEIRS, PortInfo()))
    tap.loop.run_for(10)
    assert len(sent_times(tap)) == before


def test_echo_is_what_was_heard_last() -> None:
    me, tap = station()
    tap.hear(lacpdu_frame("02:aa:bb:cc:dd:02", THEIRS, PortInfo()))
    assert me.say(Collecting=0).partner == THEIRS
    me.fixed_echo = THEIRS.change(key=9, Timeout=1)
    assert me.say().partner == THEIRS.change(key=9, Timeout=1)


def test_answers_a_pdu_that_knows_it_wrong_and_only_that() -> None:
    me, tap = station()
    me.start(None)
    tap.loop.run_for(5)
    tap.hear(lacpdu_frame("02:aa:bb:cc:dd:02", THEIRS, me.info.change(key=1)))
    wrong = len(sent_times(tap))
    assert wrong == 2  # the first one of start(), and the answer
    tap.loop.run_for(5)
    tap.hear(lacpdu_frame("02:aa:bb:cc:dd:02", THEIRS, me.info))
    tap.loop.run_for(5)
    assert len(sent_times(tap)) == wrong


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 0.5), st.integers(0, 3)), max_size=40))
def test_never_more_than_three_in_a_fast_periodic_time(steps: list[tuple[float, int]]) -> None:
    """CF-12: whatever the testcase asks for, and whatever the implementation provokes."""
    me, tap = station()
    me.start(1.0)
    for wait, what in steps:
        if what == 0:
            me.say(Collecting=not me.info.state & State.Collecting)
        elif what == 1:
            tap.hear(lacpdu_frame("02:aa:bb:cc:dd:02", THEIRS.change(port=2), PortInfo()))
        elif what == 2:
            me.start(0.1)
        tap.loop.run_for(wait)
    tap.loop.run_for(3)
    assert worst_rate(sent_times(tap)) <= MAX_LACPDUS_PER_FAST_PERIODIC_TIME


def test_a_late_answer_says_what_holds_then() -> None:
    me, tap = station()
    me.start(None)
    for key in (1, 2, 3, 4):
        me.change(key=key)
        tap.hear(lacpdu_frame("02:aa:bb:cc:dd:02", THEIRS.change(port=key), PortInfo()))
    tap.loop.run_for(2)
    assert [frame.actor.key for frame in tap.frames if frame.sent][-1] == 4


def talked_to(me: Station, tap: EchoTap, every: float) -> None:
    """The implementation has news so often, for ever."""
    ports = itertools.count(1)

    def tell() -> None:
        tap.hear(lacpdu_frame("02:aa:bb:cc:dd:02", THEIRS.change(port=next(ports) % 1000 + 1), PortInfo()))
        tap.loop.call_at(tap.loop.now() + every, tell)

    tell()


@settings(max_examples=30)
@given(st.floats(0.001, 0.3), st.lists(st.floats(0, 1.5), min_size=1, max_size=4))
def test_a_testcase_speaks_in_time_to_a_partner_with_much_to_tell(every: float, waits: list[float]) -> None:
    me, tap = station()
    me.start(1.0)
    talked_to(me, tap, every)
    for key, wait in enumerate(waits):
        tap.loop.run_for(wait)
        asked = tap.loop.now()
        assert me.say(key=key).time <= asked + FAST_PERIODIC_TIME + 2 * RATE_MARGIN
    assert worst_rate(sent_times(tap)) <= MAX_LACPDUS_PER_FAST_PERIODIC_TIME


@pytest.mark.parametrize("behind", [0.0, 0.005, 0.5])
def test_it_asks_for_no_time_that_has_passed(monkeypatch: pytest.MonkeyPatch, behind: float) -> None:
    """Not even when the clock went on while it had to wait, and a testcase waits to speak."""
    me, tap = station()
    asked: list[float] = []
    call_at = tap.loop.call_at

    def asks(when: float, action: Callable[[], None]) -> Timer:
        asked.append(when - tap.loop.now())
        return call_at(when, action)

    me.start(None)
    for key in range(MAX_LACPDUS_PER_FAST_PERIODIC_TIME):
        me.say(key=key)
    monkeypatch.setattr(tap.loop, "call_at", asks)
    tap.loop.run_for(FAST_PERIODIC_TIME + RATE_MARGIN + behind)
    me._speaking = True
    talked_to(me, tap, 0.05)
    tap.loop.run_for(0.5)
    assert asked and min(asked) >= 0
    assert len(asked) < 200


def test_it_speaks_on_when_what_a_testcase_says_cannot_be_made() -> None:
    me, tap = station()
    me.start(0.5)
    with pytest.raises(ZeroDivisionError):
        me.send(lambda: bytes(1 // 0))
    before = len(sent_times(tap))
    tap.loop.run_for(5)
    assert len(sent_times(tap)) > before
