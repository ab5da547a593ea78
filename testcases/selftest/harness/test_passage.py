"""Frames carried in batches: what came out, where, how often, and what did not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.case import Case, Passage, carry, conversations
from harness.case.passage import ARRIVAL_TIME, BATCH, SWITCHED_BATCH
from harness.verdict import Inconclusive
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import EchoTap, StatedClock, StillCarrier, wire_and_tap

(FLOW,) = conversations(1, "02:00:5e:00:53:01")


class Through(EchoTap):
    """What is sent here comes out at `places` as `choose(count)` says: indices, for the count-th frame.

    Those of `stays` are taken and never leave.
    """

    def __init__(self, places: list[EchoTap], choose: Callable[[int], list[int]]) -> None:
        super().__init__(places[0].loop, "source")
        self._places, self._choose, self.count = places, choose, 0
        self.stays: set[int] = set()

    def send(self, frame: bytes) -> None:
        if self.count not in self.stays:
            super().send(frame)
        for index in self._choose(self.count):
            self._places[index].hear(frame)
        self.count += 1


class Hand(Case):
    """Of a case only its time, and whether a switch is on the way: what `carry` uses."""

    through_switch = False

    def __init__(self, loop: Any) -> None:
        self._own = loop
        self.late = 0.0

    @property
    def loop(self) -> Any:
        return self._own


def carried(
    choose: Callable[[int], list[int]], number: int, stays: set[int] | None = None, ahead: float = 0.0
) -> tuple[Passage, Through, float]:
    """Carry `number` frames to two places; also how long that took. ``ahead``: how wrong another machine's
    clock is that captures at the second, which has seen the first frame before."""
    wire, tap = wire_and_tap()
    other = EchoTap(tap.loop, "t2")
    if ahead:
        other.clock, other.ahead = StatedClock("there", abs(ahead)), ahead
        other.hear(FLOW.frame(0))
    through = Through([tap, other], choose)
    through.stays = stays or set()
    source = Wire("source", "re9", through, StillCarrier(), capture="tester", straight=True)
    begin = tap.loop.now()
    passage = carry(Hand(tap.loop), source, FLOW.frames(number), [wire, other])
    return passage, through, tap.loop.now() - begin


def test_all_frames_that_come_out_are_told_by_place() -> None:
    passage, _, seconds = carried(lambda count: [count % 2], 3 * BATCH + 1)
    assert {name: len(frames) for name, frames in passage.out().items()} == {
        "t1": 3 * BATCH // 2 + 1,
        "t2": 3 * BATCH // 2,
    }
    assert passage.missing() == []
    assert seconds == 0


@pytest.mark.parametrize("ahead", [-0.1, 0.1])
def test_what_another_machine_captures_is_told_by_its_place_in_the_capture(ahead: float) -> None:
    """Whatever the clocks say: what was captured before is none of it, what is captured now is."""
    passage, _, _ = carried(lambda count: [1], 2 * BATCH, ahead=ahead)
    assert len(passage.out()["t2"]) == 2 * BATCH
    assert passage.missing() == [] and max(passage.copies().values()) == 1


def test_a_lost_frame_is_waited_for_and_ends_the_passage() -> None:
    lost = BATCH + 5
    passage, through, seconds = carried(lambda count: [] if count == lost else [0], 4 * BATCH)
    assert passage.missing() == [(FLOW.number, lost)]
    assert through.count == 2 * BATCH
    assert seconds == ARRIVAL_TIME


def test_a_batch_is_smaller_where_a_switch_is_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hand, "through_switch", True)
    passage, through, _ = carried(lambda count: [] if count == SWITCHED_BATCH + 5 else [0], BATCH)
    assert through.count == 2 * SWITCHED_BATCH
    assert passage.batch == SWITCHED_BATCH


def test_copies_are_counted_over_all_places() -> None:
    passage, _, _ = carried(lambda count: [0, 1] if count == 7 else [0], 10)
    assert [key for key, times in passage.copies().items() if times > 1] == [(FLOW.number, 7)]
    assert passage.copies()[FLOW.number, 7] == 2


def test_frames_that_were_changed_are_told() -> None:
    """In an octet, or by what was added; not those that came as they were sent."""
    passage, through, _ = carried(lambda count: [0], 10)
    sent = FLOW.frame(3)
    for octets in (sent[:-1] + b"x", sent + b"\0", sent):
        through._places[1].hear(octets)
    assert [frame.data for frame in passage.changed()] == [sent[:-1] + b"x", sent + b"\0"]


def test_what_never_left_the_tester_s_port_is_not_charged() -> None:
    with pytest.raises(Inconclusive, match=r"^1 of 10 frames of the tester's were not seen leaving .*source"):
        carried(lambda count: [] if count == 3 else [0], 10, stays={3})
    with pytest.raises(Inconclusive):  # also where another one is lost on its way
        carried(lambda count: [] if count in (3, 4) else [0], 10, stays={3})
    passage, _, _ = carried(lambda count: [] if count == 4 else [0], 10)
    assert passage.missing() == [(FLOW.number, 4)]
