"""Frames that a port does not take wait, in their order, and are counted; a port that stays so is told."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.hardware import HardwareBench
from harness.net.packet_socket import PASSING
from harness.verdict import BenchBroken, BenchError
from harness.wire.outbox import RETRY_TIME, Outbox
from harness.wire.virtual_loop import VirtualLoop

WHERE = "interface te4 in namespace agr-lab0-tester"
LINK_UP = 5.0
FRAMES = [bytes((number,)) * 60 for number in range(200)]


class Port:
    """Takes frames but in ``refuses`` (from, until), when it has an errno for them."""

    def __init__(self, *refuses: tuple[float, float], why: int = errno.ENOBUFS) -> None:
        self.loop = VirtualLoop()
        self.taken: list[bytes] = []
        self.asked: list[float] = []
        self._refuses = [(self.loop.now() + begin, self.loop.now() + end) for begin, end in refuses]
        self._why = why
        self.outbox = Outbox(self.loop, self._offer, WHERE, LINK_UP)

    def _offer(self, frame: bytes) -> None:
        self.asked.append(self.loop.now())
        if any(begin <= self.loop.now() < end for begin, end in self._refuses):
            raise OSError(self._why, os.strerror(self._why))
        self.taken.append(frame)

    def troubles(self, late: float) -> list[str]:
        """What a bench with this port says of itself."""
        delays: Callable[[float], list[str]] = lambda beyond: [  # noqa: E731
            delay.text() for delay in [self.outbox.delay] if delay.frames and delay.longest > beyond
        ]
        limits = SimpleNamespace(late=late, clock_step=0.05)
        loop = SimpleNamespace(measured=lambda: (0.0, 0.0))
        lab = SimpleNamespace(limits=limits, switch_is_judged=False)
        places = SimpleNamespace(elsewhere=[])
        bench = SimpleNamespace(loop=loop, lab=lab, delays=delays, lost_by_switch=list, _places=places)
        return HardwareBench.troubles(cast(HardwareBench, bench))


@pytest.mark.parametrize("why", sorted(PASSING))
def test_a_refusal_of_50_ms_is_waited_out(why: int) -> None:
    """The frames go out in order, those that came later behind them; no verdict is in doubt."""
    port = Port((0.0, 0.05), why=why)
    port.outbox.send(FRAMES[0])
    port.loop.run_for(0.04)
    for frame in FRAMES[1:]:
        port.outbox.send(frame)
    assert port.outbox.waiting and not port.taken
    assert len(port.asked) <= 0.04 / RETRY_TIME + 2
    port.loop.run_for(0.04)
    port.outbox.send(b"last")
    assert port.taken == [*FRAMES, b"last"]
    assert not port.outbox.waiting
    delay = port.outbox.delay
    assert delay.frames == len(FRAMES)
    assert 0.05 <= delay.longest < 0.06
    for words in (WHERE, os.strerror(why), str(len(FRAMES))):
        assert words in delay.text()
    assert port.troubles(late=0.25) == []


def test_a_refusal_beyond_the_allowance_is_a_trouble_of_the_bench() -> None:
    port = Port((0.0, 0.4))
    port.outbox.send(FRAMES[0])
    port.loop.run_for(0.3)
    (still,) = port.troubles(late=0.25)
    assert "up to 300 ms late" in still
    port.loop.run_for(0.3)
    (told,) = port.troubles(late=0.25)
    for words in (WHERE, "No buffer space available", "up to 40", "limits.late 0.25 s"):
        assert words in told


def test_a_refusal_that_lasts_breaks_the_bench() -> None:
    port = Port((0.0, 3600.0))
    begun = port.loop.now()
    port.outbox.send(FRAMES[0])
    with pytest.raises(BenchBroken) as raised:
        port.loop.run_for(60)
    assert LINK_UP < port.loop.now() - begun < LINK_UP + 0.1
    for words in (WHERE, "No buffer space available", "5 s", "limits.link_up"):
        assert words in str(raised.value)
    with pytest.raises(BenchBroken):
        port.outbox.send(FRAMES[1])
    assert isinstance(port.loop.take_failure(), BenchBroken)
    assert isinstance(port.loop.take_failure(), BenchBroken)  # it is not forgotten


def test_a_fault_that_does_not_pass_is_told_at_once() -> None:
    port = Port((0.0, 1.0), why=errno.EMSGSIZE)
    with pytest.raises(BenchError, match=r"te4 .*cannot send: Message too long") as raised:
        port.outbox.send(FRAMES[0])
    assert not isinstance(raised.value, BenchBroken)
    assert not port.outbox.waiting


def test_of_frames_that_wait_one_with_a_fault_of_its_own_keeps_no_other() -> None:
    port = Port()
    refused = iter([errno.ENOBUFS, errno.EMSGSIZE])
    take = port._offer

    def offer(frame: bytes) -> None:
        if frame == FRAMES[0] and (why := next(refused, None)):
            raise OSError(why, os.strerror(why))
        take(frame)

    port.outbox = Outbox(port.loop, offer, WHERE, LINK_UP)
    for frame in FRAMES:
        port.outbox.send(frame)
    with pytest.raises(BenchError, match="Message too long"):
        port.loop.run_for(1)
    port.loop.take_failure()
    port.loop.run_for(1)
    assert port.taken == FRAMES[1:]


def test_what_waits_is_not_sent_in_the_next_testcase() -> None:
    port = Port((0.0, 0.05))
    port.outbox.send(FRAMES[0])
    port.outbox.forget()
    port.loop.run_for(1)
    assert port.taken == []
    assert port.outbox.delay.frames == 0
    port.outbox.send(FRAMES[1])
    assert port.taken == [FRAMES[1]]


def test_nothing_waits_on_a_link_that_something_else_takes_away() -> None:
    port = Port((0.0, 60.0))
    port.outbox.send(FRAMES[0])
    with port.outbox.unqueued():
        assert not port.outbox.waiting
        with pytest.raises(BenchError, match=r"te4 .*cannot send: No buffer space available") as raised:
            port.outbox.send(FRAMES[1])
        assert not isinstance(raised.value, BenchBroken)
        port.loop.run_for(2 * LINK_UP)
        assert not port.outbox.waiting
    assert port.troubles(late=0.25) == []
    port.loop.run_for(60)
    port.outbox.send(FRAMES[2])
    assert port.taken == [FRAMES[2]]


def test_afterwards_frames_wait_again() -> None:
    port = Port((0.0, 0.05))
    with port.outbox.unqueued(), pytest.raises(BenchError):
        port.outbox.send(FRAMES[0])
    port.outbox.send(FRAMES[1])
    port.loop.run_for(1)
    assert port.taken == [FRAMES[1]]


gaps = st.floats(0, 0.02)


@given(st.lists(st.tuples(gaps, gaps), max_size=8), st.lists(gaps, max_size=60))
def test_order_is_kept_and_nothing_is_lost(refusals: list[tuple[float, float]], sends: list[float]) -> None:
    spans, at = [], 0.0
    for idle, long in refusals:
        spans.append((at + idle, at + idle + long))
        at += idle + long
    port = Port(*spans)
    sent = FRAMES[: len(sends)]
    for gap, frame in zip(sends, sent, strict=True):
        port.loop.run_for(gap)
        port.outbox.send(frame)
    port.loop.run_for(1)
    assert port.taken == sent
