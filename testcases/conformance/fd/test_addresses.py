"""What the host sends bears the address of the aggregate on every link (43.2.10.1)."""

from __future__ import annotations

from collections import Counter

from harness.case import Case, carry, claims, spread
from harness.pdu import Frame
from testcases.conformance.fd.test_distribution import lag_of_all, none_lost

FLOWS = 64
"""Conversations of which some are on each link."""

TAG = 0x8100
NETWORK_LAYERS = (0x0800, 0x0806, 0x86DD)
"""IPv4, ARP, IPv6: what a host sends through its aggregate.

A protocol of a single port (CDP, LLDP, PVST+, UDLD) sends past it, with the port's own address.
"""


def through_the_aggregate(frame: Frame) -> bool:
    """Whether a frame is one that the host sends through its aggregate."""
    kind = frame.type if frame.type != TAG else int.from_bytes(frame.data[16:18], "big")
    return kind in NETWORK_LAYERS


@claims("FD-17", wires=2, seconds=8)
def test_source_address(case: Case) -> None:
    """Data of the host's leaves with the aggregate's address on every link, not with the port's"""
    lag = lag_of_all(case)
    flows = case.conversations(FLOWS, lag.aggregate.mac)
    if case.pics.spreads:
        flows = spread(case, lag.aggregate, lag.stations).some(FLOWS)
    since = case.now()
    frames = [flow.frame(0) for flow in flows]
    passage = carry(case, lag.aggregate, frames, lag.stations)
    none_lost(case, passage, frames)
    for station in lag.stations:
        # Whatever the host sends by itself meanwhile is judged, too.
        seen = [frame for frame in station.wire.received(since) if frame.is_data]
        own = Counter(frame.source for frame in seen if through_the_aggregate(frame))
        del own[lag.aggregate.mac]
        words = f"{lag.aggregate.mac} as source of what is IPv4, ARP or IPv6 on {station.wire.name}"
        case.check(not own, words, dict(own))
        past = Counter(f"{f.source} to {f.destination}" for f in seen if not through_the_aggregate(f))
        if past:
            case.report(f"other frames on {station.wire.name}, not judged: {dict(past)}")
