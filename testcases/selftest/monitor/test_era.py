"""Within an era what data are judged by does not change; whatever changes it begins another one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.monitor.rules.data import _out_of_sync
from testcases.selftest.monitor.story import THEM, US, WORKING, Story
from testcases.selftest.monitor.test_rules import IDLE, OUT

STEP, SPAN = 0.01, 3.0

UNWILLING = US.change(state=OUT)

CHANGES: dict[str, Callable[[Story], object]] = {
    "the port goes out of sync": lambda story: story.pdu(THEM.change(state=IDLE)),
    "the port is in sync again": lambda story: story.pdu(THEM.change(state=WORKING)),
    "the partner goes out of sync": lambda story: story.ours(UNWILLING),
    "the partner is in sync again": lambda story: story.ours(),
    "an order": lambda story: story.acts.dut.set("lacp", True),  # type: ignore[attr-defined]
    "the carrier goes": lambda story: story.wires[0].cut(),
}


def judged(first: str, then: str) -> tuple[list[tuple[int, ...]], list[str]]:
    """Eras and what is wrong in them, in steps of time: two changes, and SPAN seconds after each."""
    story = Story().ours().wait(0.5).pdu().wait(2)
    begin = story.loop.now()
    CHANGES[first](story)
    story.wait(SPAN)
    CHANGES[then](story)
    story.wait(SPAN)
    (wire,) = story.scene().wires
    times = [begin + number * STEP for number in range(round(2 * SPAN / STEP))]
    return [wire.era(time) for time in times], [_out_of_sync(wire, time) for time in times]


@pytest.mark.parametrize("then", CHANGES)
@pytest.mark.parametrize("first", CHANGES)
def test_within_an_era_nothing_changes(first: str, then: str) -> None:
    eras, wrong = judged(first, then)
    assert len(set(zip(eras, wrong, strict=True))) == len(set(eras))


def test_there_are_few_eras_and_all_that_can_be_wrong() -> None:
    eras, wrong = judged("the port goes out of sync", "the port is in sync again")
    assert len(set(eras)) <= 8 and set(wrong) == {"", "its own Synchronization is 0"}
    assert set(judged("the partner goes out of sync", "an order")[1]) == {"", "its partner is not in sync"}
