"""Frames to 01-80-C2-00-00-00 to -0F are the client's, but for LACP's and the Marker Protocol's (43.2.9).

The control parser takes what is addressed to 01-80-C2-00-00-02 with the slow protocols' type; all else goes
to the Frame Collector. A bridge keeps such frames to itself, and is a client: its spanning tree needs them.
"""

from __future__ import annotations

import pytest

from harness.case import Case, claims, where
from harness.dut.implementation import Aggregate
from harness.profile.constants import PROMPT
from harness.wire.wire import Tap, Wire
from testcases.conformance.fd.test_distribution import lag_of_all

LLC_BPDU = b"\x00\x26\x42\x42\x03"
"""Length and LLC header of a Configuration BPDU (802.1D 9.3.1)."""

KINDS = {
    "BPDU": ("0180c2000000", LLC_BPDU),
    "another type to the slow protocols' address": ("0180c2000002", b"\x88\xb5"),
    "EAPOL": ("0180c2000003", b"\x88\x8e"),
    "LLDP": ("0180c200000e", b"\x88\xcc"),
    "all LANs": ("0180c2000010", b"\x88\xb5"),
    "MVRP": ("0180c2000021", b"\x88\xf5"),
}
"""Destination, and what stands behind the source: in the range of 802.1D table 7-10, and beside it."""

TIMES = 3
"""Frames of each kind on each way: none may be lost."""

OCTETS = 60


def frame(kind: str, source: str, number: int) -> bytes:
    """One that no other frame of the testcase is equal to."""
    destination, head = KINDS[kind]
    octets = bytes.fromhex(destination + source.replace(":", "")) + head
    return (octets + b"\x5a" * 8 + bytes([number])).ljust(OCTETS, b"\0")


def comes_out_once(
    case: Case, source: Aggregate | Wire, octets: bytes, places: list[Tap], words: str
) -> None:
    """FAIL unless the frame comes out at one of the places, unchanged, and only once."""
    since = case.now()
    (source if isinstance(source, Wire) else source.client).send(octets)
    same = where(words, lambda seen: seen.data == octets)

    def seen() -> int:
        return sum(map(same, (frame for place in places for frame in place.received(since))))

    case.until(lambda: seen() > 0, within=PROMPT)
    case.run_for(PROMPT / 4)  # a copy may come later
    case.equal(seen(), 1, f"times that {words} came out:")


@claims("FD-20", wires=2, needs=["reserved_addresses", "reserved_groups"], seconds=20)
@pytest.mark.parametrize("kind", KINDS, ids=[kind.replace(" ", "-").replace("'", "") for kind in KINDS])
def test_reserved_addresses(case: Case, kind: str) -> None:
    """What bridges keep to themselves passes between the client and the LAG, both ways, once"""
    lag = lag_of_all(case)
    client = lag.aggregate.client
    for station in lag.stations:
        with case.offering(station.wire) as inward:
            case.expect(client, inward.data, within=PROMPT, premise="MX-15")
    links = [station.wire.tap for station in lag.stations]
    for number in range(TIMES):
        out = frame(kind, lag.aggregate.mac, number)
        comes_out_once(case, lag.aggregate, out, links, f"a frame of the client's ({kind})")
        for station in lag.stations:
            inward_frame = frame(kind, station.wire.tap.mac, number)
            words = f"a frame from {station.wire.name} ({kind})"
            comes_out_once(case, station.wire, inward_frame, [client], words)
