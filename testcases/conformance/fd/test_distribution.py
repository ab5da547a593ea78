"""Frame Distribution: each frame on one link, each conversation on one (43.2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.case import Case, Lag, Passage, carry, claims, flowing
from harness.profile.constants import PROMPT

FRAMES = 10_000
GROUP_FRAMES = 1_000
SOURCES = 10
"""Conversations that differ in what a distribution may look at, so that all of it is used."""

GROUPS = {
    "broadcast": "ff:ff:ff:ff:ff:ff",
    "multicast IPv4": "01:00:5e:00:01:81",
    "multicast IPv6": "33:33:00:01:00:03",
}


def lag_of_all(case: Case) -> Lag:
    """All straight wires in one LAG whose client's frames pass."""
    lag = case.bundle(len(case.wires[: case.pics.max_ports]))
    flowing(case, lag.aggregate, lag.stations)
    return lag


def none_lost(case: Case, passage: Passage, wanted: Sequence[bytes], row: str | None = None) -> None:
    """FAIL unless every frame was sent and came out."""
    missing = passage.missing()
    came = len(passage.sent) - len(missing)
    case.check(
        came == len(wanted),
        f"all {len(wanted)} frames of the client's on the links",
        f"{came} of the first {len(passage.sent)}; the first that is missing is {missing[:1]}",
        row=row,
    )


@claims("FD-01", wires=2, seconds=8, smoke=True)
def test_one_conversation(case: Case) -> None:
    """All frames of a conversation go to one link, and none is lost"""
    lag = lag_of_all(case)
    (flow,) = case.conversations(1, lag.aggregate.mac)
    frames = flow.frames(FRAMES)
    passage = carry(case, lag.aggregate, frames, lag.stations)
    used = {wire: len(found) for wire, found in passage.out().items() if found}
    case.check(len(used) == 1, "all frames of one conversation on one link", used or "no frame on any")
    none_lost(case, passage, frames)


@claims("FD-04", wires=2, seconds=9)
@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
def test_group_frames(case: Case, group: str) -> None:
    """Frames to a group leave once, on one link, not on each"""
    lag = lag_of_all(case)
    flows = [replace(flow, destination=group) for flow in case.conversations(SOURCES, lag.aggregate.mac)]
    frames = [flow.frame(number) for number in range(GROUP_FRAMES // SOURCES) for flow in flows]
    passage = carry(case, lag.aggregate, frames, lag.stations)
    case.run_for(PROMPT)  # copies may come later
    most = max(passage.copies().values(), default=0)
    case.check(most <= 1, "each frame to a group once over all links", f"one that left {most} times")
    none_lost(case, passage, frames)
