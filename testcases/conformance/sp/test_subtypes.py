"""Subtypes that are not LACP's or the Marker Protocol's: others' and nobody's (43B.4, 43B.5)."""

from __future__ import annotations

from harness.case import Case, claims, marker_response
from harness.pdu import Frame, PortInfo
from harness.profile.constants import MARKER_RESPONSE_TIME, PROMPT
from testcases.conformance.sp.unimpressed import (
    BETWEEN,
    BODY,
    TRANSACTION,
    settled,
    slow,
    tempting,
    unimpressed,
)

ILLEGAL = (0, *range(11, 256))
UNSUPPORTED = range(3, 11)

OAM = bytes.fromhex("0050 00 01 10 01 0000 00 01 05ee 005e53 00000000".replace(" ", ""))
"""Information OAMPDU behind its subtype, 3: flags, code, Local Information TLV."""

OSSP = bytes.fromhex("0019a7 0001 10 000000 01 0004 02".replace(" ", ""))
"""An organization's own protocol behind its subtype, 10: OUI, and the clock quality that is sent with it."""


def foreign(frame: Frame) -> bool:
    """Whether it is one of this file's frames, or what was made of one."""
    return bytes([BODY]) * 8 in frame.data


@claims("SP-03", "SP-11", wires=1, needs=["other_subtypes"], seconds=27)
def test_illegal(case: Case) -> None:
    """Subtypes 0 and 11 to 255 are not answered, change nothing, and are not the client's"""
    lag = case.bundle(len(case.wires[: case.pics.max_ports]))
    since = settled(case)
    ports = len(lag.stations)
    for first in range(0, len(ILLEGAL), ports):  # a few on each port, so that each keeps the rate
        for station, subtype in zip(lag.stations, ILLEGAL[first : first + ports], strict=False):
            for body in tempting(station):
                station.put(slow(station, subtype, body))
        case.run_for(BETWEEN)
    case.run_for(PROMPT)
    unimpressed(case, lag.stations, since, "SP-03")
    passed = {frame.subtype for frame in lag.aggregate.client.received(since) if foreign(frame)}
    case.check(not passed, "no illegal subtype at the client", sorted(map(str, passed)), row="SP-11")


@claims("SP-04", "SP-11", wires=1, needs=["other_subtypes"], seconds=11)
def test_unsupported(case: Case) -> None:
    """OAM, OSSP and other protocols' subtypes are nothing to LACP, and the client's as it is read"""
    lag = case.bundle()
    station = lag.station
    since = settled(case)
    for subtype in UNSUPPORTED:
        own = {3: OAM, 10: OSSP}.get(subtype, b"")
        for body in (own, *tempting(station)):
            station.put(slow(station, subtype, body))
        case.run_for(BETWEEN)
    case.run_for(PROMPT)
    unimpressed(case, [station], since, "SP-04")
    passed = sorted({frame.subtype or 0 for frame in lag.aggregate.client.received(since) if foreign(frame)})
    if case.reading("unsupported_subtypes") == "passed_up":
        case.equal(passed, list(UNSUPPORTED), "subtypes that are passed up:", row="SP-11")
    case.report(f"SP-11: subtypes that were passed up: {passed}")


@claims("SP-08", wires=2, needs=["other_subtypes"], seconds=21)
def test_not_forwarded(case: Case) -> None:
    """Frames of slow protocols never leave on another port than they came in on, whatever their subtype"""
    lag = case.bundle(2)
    since = settled(case)
    for station, other in (lag.stations, lag.stations[::-1]):
        asked = station.marker(TRANSACTION)
        if case.can("marker_responder"):
            case.expect(station, marker_response(TRANSACTION), since=asked.time, within=MARKER_RESPONSE_TIME)
        for subtype in (0, *UNSUPPORTED, 255):
            station.put(slow(station, subtype))
            case.run_for(BETWEEN)
        station.say(partner=PortInfo())
        case.run_for(PROMPT)
        leaked = [
            frame.text()
            for frame in other.wire.received(since)
            if foreign(frame) or frame.source == station.wire.tap.mac or marker_response(TRANSACTION)(frame)
        ]
        case.check(not leaked, f"nothing on {other.wire.name} of what came in on {station.wire.name}", leaked)
        since = settled(case)
