"""Frames that are nothing to LACP: what a port says must go on as if they had not come."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from harness.case import Case
from harness.pdu import SLOW_PROTOCOLS_ADDRESS, PortInfo, lacpdu_frame, marker_frame
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.wire.station import Station

BETWEEN = FAST_PERIODIC_TIME / 4
"""Seconds between two frames to one port, as the rate of the slow protocols has it (43B.2)."""

BODY = 0x5A
"""An octet that nothing else on a bench is full of: frames are known by it wherever they come out."""

ROGUE_KEY = 0x0E0E
TRANSACTION = 0x5A5A5A5A

# Offsets in the frame: behind the subtype, and where reserved octets end an LACPDU and a Marker.
VERSION, LACP_RESERVED, MARKER_RESERVED = 15, 74, 34


def slow(station: Station, subtype: int, body: bytes = b"", length: int = 124) -> bytes:
    """A frame of a slow protocol, without FCS."""
    head = address(SLOW_PROTOCOLS_ADDRESS) + address(station.wire.tap.mac) + b"\x88\x09" + bytes([subtype])
    return (head + body).ljust(length, bytes([BODY]))


def rogue(station: Station) -> bytes:
    """An LACPDU of another partner, who knows nothing of the port: it would be unselected, and say so."""
    return lacpdu_frame(station.wire.tap.mac, station.info.change(key=ROGUE_KEY), PortInfo())


def tempting(station: Station) -> list[bytes]:
    """What stands behind the subtype: of an LACPDU and of a Marker that each would be answered."""
    source, asks = station.wire.tap.mac, station.info
    asked = marker_frame(source, asks.port, asks.system, TRANSACTION)
    return [rogue(station)[VERSION:LACP_RESERVED], asked[VERSION:MARKER_RESERVED]]


def address(mac: str) -> bytes:
    """Six octets."""
    return bytes.fromhex(mac.replace(":", ""))


def settled(case: Case) -> float:
    """Let what has happened be answered; gives from when on nothing but periodic LACPDUs leaves."""
    case.run_for(2 * FAST_PERIODIC_TIME)
    return case.now()


def unimpressed(case: Case, stations: Sequence[Station], since: float, row: str) -> None:
    """FAIL unless nothing but periodic LACPDUs has left on these links since then, and all say the same."""
    for station in stations:
        name = station.wire.name
        seen = station.wire.received(since)
        frames = [frame for frame in seen if frame.is_lacpdu]
        case.check(bool(frames), f"LACPDUs on {name}", "none", row=row)
        for frame in frames:
            case.equal(frame.actor.text(), frames[0].actor.text(), f"Actor on {name} as before:", row=row)
            case.equal(frame.partner.text(), station.info.text(), f"Partner on {name} as before:", row=row)
        others = [frame.text() for frame in seen if frame.subtype is not None and not frame.is_lacpdu]
        case.check(not others, f"no answer on {name}", "; ".join(others), row=row)
        gaps = [after.time - before.time for before, after in pairwise(frames)]
        shortest = case.earliest(FAST_PERIODIC_TIME) - case.late
        early = [gap for gap in gaps if gap < shortest]
        case.check(not early, f"no LACPDU on {name} but the periodic ones", f"gaps of {early} s", row=row)
