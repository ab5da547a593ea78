"""The Marker Responder takes what is not checked, and leaves alone what is no Marker (43.5.3, 43.5.4)."""

from __future__ import annotations

import pytest

from harness.case import Case, any_lacpdu, claims, lacpdu, marker_response, step_missed, where
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame, marker_response_frame
from harness.profile.constants import (
    FAST_PERIODIC_TIME,
    MARKER_RESPONSE_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
)
from harness.wire.station import Station
from testcases.conformance.sp.test_rate import SECOND, busiest

TRANSACTION = 0x61626364
VERSION, TYPE, LENGTH = 15, 16, 17
UNCHECKED = slice(30, 32), slice(34, 124)

BETWEEN = FAST_PERIODIC_TIME / 4
"""Seconds between two Markers, as the slow-protocol rate has it."""

MARKER_TLV_LENGTH = 16
UNKNOWN_TYPES = (0, 3, 4, 16, 127, 128, 254, 255)

MARKERS = 20
FLOOD, FLOOD_RATE = 100, 100.0
WATCHED = 2 * PROMPT

ANY_MARKER_PDU = where("a Marker or Marker Response", lambda frame: frame.marker is not None)


def ask(station: Station, transaction: int = TRANSACTION, **octets: int) -> Frame:
    """Send a Marker with other octets: ``o15=255`` is the version."""
    frame = bytearray(marker_octets(station, transaction))
    for place, value in octets.items():
        frame[int(place[1:])] = value
    return station.put(bytes(frame))


def marker_octets(station: Station, transaction: int) -> bytes:
    """A Marker of the station's own."""
    response = marker_response_frame(
        station.wire.tap.mac, station.info.port, station.info.system, transaction
    )
    return response[:TYPE] + b"\x01" + response[TYPE + 1 :]


def answered(
    case: Case, station: Station, asked: Frame, row: str, transaction: int = TRANSACTION
) -> Frame | None:
    """FAIL unless a Marker is answered; records how soon."""
    found = case.check_frame(
        station, marker_response(transaction), since=asked.time, within=MARKER_RESPONSE_TIME, row=row
    )
    if found is not None:
        words = "Marker to response"
        case.within(found.time - asked.time, None, None, words, id="marker-to-response")
    return found


@claims("MK-08", "MK-09", "MK-10", wires=1, needs=["marker_responder"], seconds=7)
def test_what_is_not_checked(case: Case) -> None:
    """Markers of any version, with any pad and reserved octets, and longer ones, are answered"""
    station = case.bundle().station
    for number, version in enumerate((0, 2, 255)):
        asked = ask(station, TRANSACTION + number, o15=version)
        answered(case, station, asked, "MK-08", TRANSACTION + number)
        case.run_for(BETWEEN)
    filled = bytearray(marker_octets(station, TRANSACTION + 8))
    for octets in UNCHECKED:
        filled[octets] = b"\xff" * len(filled[octets])
    answered(case, station, station.put(bytes(filled)), "MK-09", TRANSACTION + 8)
    case.run_for(BETWEEN)
    longer = station.put(marker_octets(station, TRANSACTION + 9) + b"\xee" * 32)
    answered(case, station, longer, "MK-10", TRANSACTION + 9)


@claims("MK-11", wires=1, seconds=26)
def test_wrong_lengths(case: Case) -> None:
    """A Marker with any wrong length in its TLV is dropped or answered, and does no harm"""
    lag = case.bundle(len(case.wires[: case.pics.max_ports]))
    since = case.now()
    wrong = [length for length in range(256) if length != MARKER_TLV_LENGTH]
    ports = len(lag.stations)
    for first in range(0, len(wrong), ports):  # a few on each port, so that each keeps the rate
        for station, length in zip(lag.stations, wrong[first : first + ports], strict=False):
            ask(station, TRANSACTION + length, o17=length)
        case.run_for(BETWEEN)
    taken = {
        frame.marker.transaction_id - TRANSACTION
        for station in lag.stations
        for frame in station.wire.received(since)
        if frame.is_marker_response
    }
    case.report(f"wrong lengths that were answered: {sorted(taken) or 'none'}")
    case.run_for(FAST_PERIODIC_TIME)
    for station in lag.stations:
        case.never(station, lacpdu(Distributing=0), since=since, during=case.now() - since)
        if case.can("marker_responder"):
            answered(case, station, ask(station), "MK-11")


@claims("MK-13", "MK-18", wires=1, needs=["marker_responder"], seconds=13)
def test_one_response_each(case: Case) -> None:
    """Each Marker has one response, and has it while nothing else passes"""
    station = case.bundle().station
    since = case.now()
    for number in range(MARKERS):
        asked = ask(station, TRANSACTION + number)
        if answered(case, station, asked, "MK-18", TRANSACTION + number) is None:
            return
        case.run_for(since + (number + 1) * BETWEEN - case.now())
    case.run_for(PROMPT)
    got = [f.marker.transaction_id for f in station.wire.received(since) if f.is_marker_response]
    wanted = [TRANSACTION + number for number in range(MARKERS)]
    case.equal(sorted(got), wanted, "the transactions that were answered", row="MK-13")


@claims("MK-14", "MK-15", wires=1, needs=["marker_responder"], seconds=11)
def test_not_a_marker(case: Case) -> None:
    """Marker Responses and Marker PDUs of unknown types are not answered"""
    station = case.bundle().station
    asked = station.put(
        marker_response_frame(station.wire.tap.mac, station.info.port, station.info.system, TRANSACTION)
    )
    case.never(station, ANY_MARKER_PDU, since=asked.time, during=WATCHED, row="MK-14")
    for kind in UNKNOWN_TYPES:
        asked = ask(station, o16=kind)
        case.never(station, ANY_MARKER_PDU, since=asked.time, during=BETWEEN, row="MK-15")
    case.never(station, ANY_MARKER_PDU, since=asked.time, during=WATCHED, row="MK-15")
    answered(case, station, ask(station), "MK-15")


@claims("MK-20", wires=1, floods=True, seconds=10)
def test_too_many(case: Case) -> None:
    """More Markers than the rate allows do no harm: LACP goes on; Responses keep the rate as it is read"""
    own, _ = case.own_timeout()
    station = case.bundle(**own).station
    since = case.now()
    for number in range(FLOOD):
        station.wire.send(marker_octets(station, number))
        case.run_for(since + (number + 1) / FLOOD_RATE - case.now())
    case.run_for(PROMPT)
    got = [frame for frame in station.wire.received(since) if frame.is_marker_response]
    most = case.profile.slow_protocol_frames_per_second if case.reading("marker_rate") == "kept" else None
    # The bench may have seen the first one late.
    at_once = busiest(got, SECOND - case.late)
    words = f"Responses in a second to {FLOOD} Markers in a second"
    case.within(at_once, None, most, words, "frames", id="responses-in-a-second")
    case.never(station, lacpdu(Distributing=0), since=since, during=case.now() - since)
    case.expect(station, any_lacpdu(), within=2 * PROMPT)
    if case.can("marker_responder"):
        answered(case, station, ask(station), "MK-20")


@claims("MK-21", wires=1, seconds=9)
def test_other_addresses(case: Case) -> None:
    """A Marker to the port's own address, or of another type, is reported and harmless"""
    station = case.bundle().station
    own = case.expect(station, any_lacpdu(), within=2 * FAST_PERIODIC_TIME, premise="PT-01").source
    octets = marker_octets(station, TRANSACTION)
    since = case.now()
    for words, frame in {
        "to the port's own address": bytes.fromhex(own.replace(":", "")) + octets[6:],
        "of type 88-0A": octets[:12] + b"\x88\x0a" + octets[14:],
    }.items():
        asked = station.put(frame)
        case.run_for(PROMPT)
        seen = any(map(marker_response(TRANSACTION), station.wire.received(asked.time)))
        case.report(f"a Marker {words}: {'answered' if seen else 'not answered'}")
    case.never(station, lacpdu(Synchronization=0), since=since, during=case.now() - since)
    case.expect(station, any_lacpdu(), within=2 * FAST_PERIODIC_TIME)


@claims("MK-19", wires=1, needs=["marker_responder", "independent_control"], seconds=6)
def test_collecting_only(case: Case) -> None:
    """A port that collects and does not distribute answers Markers"""
    lag = case.bundle(**case.control("independent"))
    lag.station.say(Collecting=0, Distributing=0)
    case.expect(
        lag.station, lacpdu(Collecting=1, Distributing=0), within=2 * FAST_PERIODIC_TIME, premise="MX-10"
    )
    answered(case, lag.station, ask(lag.station), "MK-19")


@claims("MK-25", wires=1, needs=["active", "marker_responder"], seconds=9)
@pytest.mark.parametrize("state", ["EXPIRED", "DEFAULTED"])
def test_no_partner(case: Case, state: str) -> None:
    """Whether Markers are answered on a port that hears no partner is as it is read, and LACP goes on"""
    station = case.station(case.wires[0])
    case.aggregate_heard([station])
    if state == "DEFAULTED":
        case.run_for(case.latest(SHORT_TIMEOUT_TIME))
    answered_as_read(case, station, state)
    station.start()
    case.expect(station, lacpdu(Distributing=1), within=BRING_UP_TIME)


@claims("MK-25", wires=1, needs=["marker_responder"], seconds=7)
@pytest.mark.parametrize("state", ["ATTACHED", "individual"])
def test_not_collecting(case: Case, state: str) -> None:
    """Whether Markers are answered on a port that does not collect is as it is read, and LACP goes on"""
    bit = "Synchronization" if state == "ATTACHED" else "Aggregation"
    station = case.station(case.wires[0], **{bit: 0})
    station.start()
    case.aggregate(case.wires[:1])
    in_sync = {"Synchronization": 1}
    suspended = state == "individual" and case.pics.individual_partner == "suspend"
    heard = lacpdu(partner={bit: 0}, **({} if suspended else in_sync))
    missed = "LF-26" if suspended else step_missed
    case.expect(station, heard, within=BRING_UP_TIME, premise=missed)
    asked = answered_as_read(case, station, state)
    case.expect(station, any_lacpdu(), since=asked.time, within=2 * FAST_PERIODIC_TIME)


def answered_as_read(case: Case, station: Station, state: str) -> Frame:
    """FAIL where a Marker has no response, and the reading asks for one; gives the Marker."""
    asked = ask(station)
    if case.reading("marker_not_collecting") == "answered":
        answered(case, station, asked, "MK-25")
        return asked
    response = marker_response(TRANSACTION)
    seen = case.until(lambda: any(map(response, station.wire.received(asked.time))), within=PROMPT)
    case.report(f"a Marker on a port that is {state}: {'answered' if seen else 'not answered'}")
    return asked


@claims("MK-17", wires=1, needs=["marker_responder"], seconds=8)
def test_under_load(case: Case) -> None:
    """The responder answers while data passes as fast as the client and the tester send"""
    lag = case.bundle()
    with case.offering(lag.aggregate, 50), case.offering(lag.station.wire, 50):
        for number in range(4):
            case.run_for(BETWEEN)
            asked = ask(lag.station, TRANSACTION + number)
            answered(case, lag.station, asked, "MK-17", TRANSACTION + number)


@claims("MK-16", wires=1, needs=["marker_responder"], seconds=6)
def test_behind_data(case: Case) -> None:
    """How data that came before a Marker, and its response, reach the client and the wire is reported"""
    lag = case.bundle()
    station, client = lag.station, lag.aggregate.client
    (flow,) = case.conversations(1, station.wire.tap.mac)
    frames = flow.frames(200)
    station.wire.tap.send_all(frames)
    response = answered(case, station, ask(station), "MK-16")
    wanted = {bytes(frame) for frame in frames}
    case.until(lambda: wanted <= {frame.data for frame in client.frames}, within=PROMPT)
    arrived = [frame.time for frame in client.received() if frame.data in wanted]
    case.equal(len(arrived), len(frames), "frames before the Marker that reached the client")
    words = "last delivery of data behind the response"
    case.within(max(arrived) - response.time, None, None, words, id="last-delivery")
