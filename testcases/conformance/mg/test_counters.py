"""Counters of 30.7.3.1, compared with the frames on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from operator import eq

from harness.case import Case, Lag, Match, agreement, any_lacpdu, ask, claims, marker, marker_response
from harness.pdu.build import marker_frame
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station
from testcases.conformance.fd.moving import DISTANCE, FLOWS, MOVING

LACPDU, MARKER, RESPONSE = any_lacpdu(), marker(), marker_response()

MARKERS = 3
COUNTED = 5 * FAST_PERIODIC_TIME
"""Seconds of LACPDUs that are counted."""

OTHERS, ILLEGAL = range(3, 11), (0, 11, 128, 255)
"""Subtypes of 43B.4 that are of other protocols, and those that are nobody's."""

SUBTYPE_AT = 14
"""Octets before the subtype: a NIC pads so short a frame with zeros, and zero is illegal too."""


def counters(lag: Lag, station: Station) -> dict[str, int]:
    """The counters of the station's port."""
    return dict(lag.aggregate.status().ports[station.wire.port].counters)


def slow(station: Station, subtype: int, length: int = 124) -> bytes:
    """A slow-protocol frame of a subtype, with nothing in it."""
    head = marker_frame(station.wire.tap.mac, 1, station.info.system, 1)[:SUBTYPE_AT]
    return (head + bytes([subtype])).ljust(length, b"\0")


def frames(station: Station, sent: bool, kind: Match, until: float) -> int:
    """Frames of a kind on the station's wire up to a moment: the station's own (True), or the other end's."""
    with station.wire.tap.loop.lock:
        return sum(f.sent is sent and f.time <= until and kind(f) for f in station.wire.frames)


def agree(case: Case, lag: Lag, station: Station, name: str, sent: bool, kind: Match, row: str) -> None:
    """FAIL unless a counter comes to be what the wire has carried since the port was attached."""

    found = agreement(
        case,
        [station.wire],
        lambda: counters(lag, station)[name],
        lambda until: frames(station, sent, kind, until),
        eq,
        within=2 * FAST_PERIODIC_TIME,
    )
    words = f"{name} {found.said}, frames {found.after}"
    case.check(found.right, f"{name} as many as frames on {station.wire.name}", words, row=row)
    case.report(words)


def one_more(case: Case, lag: Lag, octets: Sequence[bytes], name: str, other: str, row: str) -> None:
    """FAIL unless each of these frames is counted under the first name, and not under the other one."""
    for frame in octets:
        before = counters(lag, lag.station)
        lag.station.put(frame)
        ask(case, lambda before=before: counters(lag, lag.station)[name] > before[name], within=PROMPT)
        after = counters(lag, lag.station)
        words = f"{len(frame)} octets, {frame[12:16].hex(' ')} ...:"
        case.equal(after[name] - before[name], 1, f"{words} {name} grows by", row=row)
        case.equal(after[other] - before[other], 0, f"{words} {other} grows by", row=row)


@claims("MG-01", wires=1, needs=["counters"], seconds=14)
def test_lacpdus(case: Case) -> None:
    """LACPDUsRx and LACPDUsTx are what the wire has carried"""
    station = case.station(case.wires[0])
    lag = Lag(case.aggregate([station.wire]), [station])
    case.run_for(PROMPT)  # what comes before the port listens is nobody's
    station.start()
    case.distributing([station])
    case.run_for(COUNTED)
    agree(case, lag, station, "LACPDUsTx", False, LACPDU, "MG-01")
    agree(case, lag, station, "LACPDUsRx", True, LACPDU, "MG-01")


@claims("MG-02", "MK-24", wires=1, needs=["counters", "marker_responder"], seconds=7)
def test_markers(case: Case) -> None:
    """MarkerPDUsRx and MarkerResponsePDUsTx count Markers and their responses"""
    lag = case.bundle()
    for number in range(MARKERS):
        lag.station.marker(number)
        case.run_for(FAST_PERIODIC_TIME / 4)
    agree(case, lag, lag.station, "MarkerPDUsRx", True, MARKER, "MG-02")
    agree(case, lag, lag.station, "MarkerResponsePDUsTx", False, RESPONSE, "MK-24")


@claims("MK-24", wires=3, needs=["counters", "marker_generator", "control"], seconds=16)
def test_markers_of_the_generator(case: Case) -> None:
    """MarkerPDUsTx and MarkerResponsePDUsRx count the Markers of a generator and the responses to them"""
    lag = case.bundle(2)
    added = case.station(case.wires[2])
    added.start()
    with case.offering(lag.aggregate, FLOWS):
        lag.aggregate.add(added.wire.port)
        case.distributing([added])
        case.run_for(MOVING)
    case.expect(lag.station, MARKER, since=0.0, within=case.now() + DISTANCE, premise="MK-22")
    agree(case, lag, lag.station, "MarkerPDUsTx", False, MARKER, "MK-24")
    agree(case, lag, lag.station, "MarkerResponsePDUsRx", True, RESPONSE, "MK-24")


@claims("MG-03", "SP-04", wires=1, needs=["counters", "other_subtypes"], seconds=13)
def test_unknown(case: Case) -> None:
    """UnknownRx counts slow-protocol frames of others, and other frames to the slow-protocol address"""
    lag = case.bundle()
    unsupported = [subtype for subtype in OTHERS if subtype not in case.pics.slow_protocols]
    octets = [slow(lag.station, subtype) for subtype in unsupported]
    other = slow(lag.station, 0)
    octets.append(other[:12] + b"\x08\x00" + other[14:])
    since = case.now()
    one_more(case, lag, octets, "UnknownRx", "IllegalRx", "MG-03")
    answers = [f.text() for f in lag.station.wire.received(since) if f.subtype in unsupported]
    case.check(not answers, "no answer to subtypes of others", "; ".join(answers), row="SP-04")


@claims("MG-04", "SP-03", wires=1, needs=["counters", "other_subtypes"], seconds=8)
def test_illegal(case: Case) -> None:
    """IllegalRx counts illegal subtypes, frames without one, and LACPDUs that are badly formed"""
    lag = case.bundle()
    octets = [slow(lag.station, subtype) for subtype in ILLEGAL]
    octets += [slow(lag.station, 1, length=60), slow(lag.station, 0)[:SUBTYPE_AT]]
    since = case.now()
    one_more(case, lag, octets, "IllegalRx", "UnknownRx", "MG-04")
    answers = [f.text() for f in lag.station.wire.received(since) if f.subtype in ILLEGAL]
    case.check(not answers, "no answer to illegal subtypes", "; ".join(answers), row="SP-03")


@claims("MG-03", "MK-15", wires=1, needs=["counters"], seconds=9)
def test_unknown_marker(case: Case) -> None:
    """A Marker PDU of no known type is counted once, as unknown or as illegal"""
    lag = case.bundle()
    before = counters(lag, lag.station)
    sent = lag.station.put(slow(lag.station, 2))

    def counted() -> int:
        after = counters(lag, lag.station)
        return sum(after[name] - before[name] for name in ("UnknownRx", "IllegalRx"))

    ask(case, counted, within=PROMPT)
    case.equal(counted(), 1, "UnknownRx and IllegalRx together grow by", row="MG-03")
    case.never(lag.station, RESPONSE, since=sent.time, during=PROMPT, row="MK-15")
