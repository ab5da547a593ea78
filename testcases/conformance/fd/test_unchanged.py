"""What passes an aggregate is not changed by it: tags, and frames of the largest size (43.2.1, 43.2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.case import Case, Conversation, carry, claims, flowing, record
from harness.dut.implementation import Aggregate
from harness.wire.wire import Tap, Wire

TCIS = (5 << 13, 1, 7 << 13 | 1 << 12 | 4094)
"""A priority tag; VLAN 1; VLAN 4094 with priority 7 and DEI."""

UNTAGGED, TAGGED = 1514, 1518
"""Octets without FCS: 1518 and 1522 with it."""

FLOWS = 16


def passes(
    case: Case, source: Aggregate | Wire, flows: Sequence[Conversation], places: Sequence[Tap], row: str,
    length: int = 0,
) -> None:  # fmt: skip
    """FAIL unless a frame of each conversation comes out at one of the places, octet for octet."""
    frames = [flow.frame(0, length) for flow in flows]
    passage = carry(case, source, frames, places)
    missing = passage.missing()
    case.check(not missing, f"{len(frames)} frames at {places[0].name}", f"{len(missing)} missing", row=row)
    sent = {flow.number: frame for flow, frame in zip(flows, frames, strict=True)}
    for frame in (frame for found in passage.out().values() for frame in found):
        case.equal(frame.data, sent[record(frame)[0]], "the octets of the frame", row=row)


@claims("FD-07", wires=2, needs=["tagged_frames", "dei"], seconds=8)
def test_tags(case: Case) -> None:
    """VLAN tags and their priorities pass unchanged, both ways"""
    lag = case.bundle(2)
    flowing(case, lag.aggregate, lag.stations)
    wires = [station.wire for station in lag.stations]
    for tci in TCIS:
        own = [replace(flow, tci=tci) for flow in case.conversations(FLOWS, lag.aggregate.mac)]
        passes(case, lag.aggregate, own, [wire.tap for wire in wires], row="FD-07")
        for wire in wires:
            theirs = [replace(flow, tci=tci) for flow in case.conversations(FLOWS, wire.tap.mac)]
            passes(case, wire, theirs, [lag.aggregate.client], row="FD-07")


@claims("FD-18", wires=2, needs=["tagged_frames"], seconds=8)
def test_largest_frames(case: Case) -> None:
    """The largest frames, untagged and tagged, pass each link, both ways"""
    lag = case.bundle(2)
    flowing(case, lag.aggregate, lag.stations)
    wires = [station.wire for station in lag.stations]
    for length, tci in ((UNTAGGED, None), (TAGGED, 7)):
        own = [replace(flow, tci=tci) for flow in case.conversations(FLOWS, lag.aggregate.mac)]
        passes(case, lag.aggregate, own, [wire.tap for wire in wires], "FD-18", length)
        for wire in wires:
            theirs = [replace(flow, tci=tci) for flow in case.conversations(FLOWS, wire.tap.mac)]
            passes(case, wire, theirs, [lag.aggregate.client], "FD-18", length)
