"""What the host sends bears the address of the aggregate on every link (43.2.10.1)."""

from __future__ import annotations

from collections import Counter

from harness.case import Case, carry, claims
from testcases.conformance.fd.test_distribution import lag_of_all, none_lost

FLOWS = 64
"""Conversations of which some are on each link."""


@claims("FD-17", wires=2, seconds=8)
def test_source_address(case: Case) -> None:
    """Data of the host's leaves with the aggregate's address on every link, not with the port's"""
    lag = lag_of_all(case)
    since = case.now()
    frames = [flow.frame(0) for flow in case.conversations(FLOWS, lag.aggregate.mac)]
    passage = carry(case, lag.aggregate, frames, lag.stations)
    none_lost(case, passage, frames)
    if case.pics.spreads:
        used = [wire for wire, found in passage.out().items() if found]
        case.equal(len(used), len(lag.stations), "links with frames of the host's:")
    for station in lag.stations:
        # Whatever the host sends by itself meanwhile is judged, too.
        others = Counter(frame.source for frame in station.wire.received(since) if frame.is_data)
        del others[lag.aggregate.mac]
        words = f"{lag.aggregate.mac} as source of all data on {station.wire.name}"
        case.check(not others, words, dict(others))
