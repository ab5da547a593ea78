"""The pace of conversations: each has its frames in order, at its instants, and they take turns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.case.offer import OFFER_PERIOD, STEADY, Offer, Pace
from harness.case.traffic import conversations, record
from harness.wire.loop import Loop
from testcases.selftest.harness.stub import wire_and_tap

FLOWS = 30
CONVERSATIONS = conversations(FLOWS, "02:00:5e:00:53:09")
PERIODS = 3

Sent = tuple[int, int, int]
"""Instant, conversation, sequence."""

paces = st.integers(1, 24).flatmap(
    lambda period: st.builds(
        Pace, st.just(period), st.sets(st.integers(0, period - 1), min_size=1).map(sorted).map(tuple)
    )
)


def offered(pace: Pace, instants: int) -> list[Sent]:
    """What FLOWS conversations send in so many instants."""
    wire, tap = wire_and_tap()
    offer = Offer(tap.loop, wire, CONVERSATIONS, "data", pace)
    begun = tap.loop.now()
    offer.start()
    tap.loop.run_for((instants - 0.5) * OFFER_PERIOD)
    offer.stop()
    told = [(frame.time - begun, record(frame)) for frame in tap.frames]
    sent = [(round(time / OFFER_PERIOD), *one) for time, one in told if one]
    assert offer.sent == [one[1:] for one in sent]
    return sent


@given(paces)
def test_every_conversation_has_its_frames_in_order_at_its_instants(pace: Pace) -> None:
    instants = PERIODS * pace.period
    ways: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for instant, conversation, sequence in offered(pace, instants):
        ways[conversation].append((instant, sequence))
    for conversation in range(FLOWS):
        begin = conversation % pace.period
        due = [begin + period * pace.period + after for period in range(PERIODS) for after in pace.at]
        due = [instant for instant in due if instant < instants]
        assert ways[conversation] == list(zip(due, range(len(due)), strict=True))


def test_thin_conversations_all_have_some_frames_and_keep_their_numbers() -> None:
    wire, tap = wire_and_tap()
    offer = Offer(tap.loop, wire, CONVERSATIONS, "data", Pace(period=4))
    offer.start()
    offer.thin(5)
    tap.loop.run_for((4 * 5 - 1.5) * OFFER_PERIOD)
    thin = list(offer.sent)
    assert {conversation for conversation, _ in thin} == set(range(FLOWS))
    offer.thin(1)
    tap.loop.run_for(4 * OFFER_PERIOD)
    offer.stop()
    assert len(offer.sent) == len(thin) + FLOWS
    for conversation in range(FLOWS):
        numbers = [number for one, number in offer.sent if one == conversation]
        assert numbers == sorted(set(numbers))
    assert not offer.behind


def test_many_take_turns() -> None:
    """Two frames a second of each of 30: once all have begun there are two, three or four at each instant."""
    counts = Counter(instant for instant, _, _ in offered(Pace(20, (0, 3)), 60) if instant >= 23)
    assert set(counts) == set(range(23, 60))
    assert set(counts.values()) == {2, 3, 4}


def test_a_steady_conversation_has_a_frame_at_every_instant() -> None:
    expected = [(instant, flow, instant) for instant in range(5) for flow in range(FLOWS)]
    assert offered(STEADY, 5) == expected


class Late:
    """A loop whose timers go off so many seconds late."""

    def __init__(self, loop: Any, late: float) -> None:
        self._loop, self._late = loop, late
        self.now, self.lock = loop.now, loop.lock

    def call_at(self, when: float, action: Callable[[], None]) -> Any:
        return self._loop.call_at(when + self._late, action)


@pytest.mark.parametrize(
    ("late", "said"), [(0, ""), (0.001, ""), (0.025, "the generator sent 41 times in 3.00 s, not 60 times")]
)
def test_a_pace_that_was_not_kept_is_told(late: float, said: str) -> None:
    wire, tap = wire_and_tap()
    offer = Offer(cast(Loop, Late(tap.loop, late)), wire, CONVERSATIONS, "data")
    offer.start()
    tap.loop.run_for(3.0 + 0.01)
    offer.stop()
    assert offer.behind == said.replace("3.00", "3.01")
