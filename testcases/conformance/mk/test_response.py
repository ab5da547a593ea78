"""The Marker Responder: where a Marker Response goes, and what it carries (43.2.6, 43.5)."""

from __future__ import annotations

from random import Random

import pytest

from harness.case import Case, Match, claims, lacpdu, marker_response, where
from harness.pdu import SLOW_PROTOCOLS_ADDRESS, Frame
from harness.pdu.build import marker_packet
from harness.pdu.layers import SLOW_PROTOCOLS_TYPE, SUBTYPE_MARKER
from harness.profile.constants import FAST_PERIODIC_TIME, MARKER_RESPONSE_TIME, PROMPT
from harness.wire.station import Station

TRANSACTION = 0x51525354

# Offsets in the frame, 43.5.3.2.
VERSION = 15
TLV = slice(16, 18)
REQUEST = slice(18, 30)
PAD = slice(30, 32)
TERMINATOR = slice(32, 34)
RESERVED = slice(34, 124)
LENGTH = 124


def ask(station: Station, *, filler: int = 0, transaction: int = TRANSACTION) -> Frame:
    """Send a Marker whose pad and reserved octets are `filler`; gives it as it passed the wire."""
    pad, reserved = bytes([filler]) * 2, bytes([filler]) * 90
    packet = marker_packet(
        station.wire.tap.mac, station.info.port, station.info.system, transaction, pad=pad, reserved=reserved
    )
    return station.put(bytes(packet))


def answer_to(marker: Frame) -> Match:
    """Whatever bears the request of this Marker, so that a wrong header is seen as what it is."""
    return where("an answer to the Marker", lambda frame: marker.data[REQUEST] in frame.data)


def answer(case: Case, station: Station, marker: Frame, row: str) -> Frame:
    """The answer to a Marker; FAIL where there is none."""
    found = case.expect(station, answer_to(marker), since=marker.time, within=MARKER_RESPONSE_TIME, row=row)
    words = f"Marker to response on {station.wire.name}"
    case.within(found.time - marker.time, None, None, words, id="marker-to-response")
    return found


@claims("MK-01", "MK-12", wires=2, seconds=11)
def test_every_port_answers(case: Case) -> None:
    """Each bundled port answers the Markers that come in on it, and no other port does"""
    lag = case.bundle(len(case.wires[: case.pics.max_ports]))
    for number, station in enumerate(lag.stations):
        transaction = TRANSACTION + number
        asked = station.marker(transaction)
        response = marker_response(transaction)
        within = MARKER_RESPONSE_TIME
        answered = case.check_frame(station, response, since=asked.time, within=within, row="MK-01")
        for other in lag.stations:
            if answered and other is not station:
                case.never(other, response, since=asked.time, during=PROMPT, row="MK-12")


@claims("MK-02", "MK-03", "MK-04", "MK-05", wires=2, needs=["marker_responder"], seconds=8)
def test_header(case: Case) -> None:
    """A Marker Response goes to the slow-protocol address from the port's own, as version 1 and TLV type 2"""
    lag = case.bundle(2)
    sources = []
    for station in lag.stations:
        own = case.expect(station, lacpdu(), within=2 * FAST_PERIODIC_TIME, premise="PT-01").source
        frame = answer(case, station, ask(station), row="MK-04")
        case.equal(frame.destination, SLOW_PROTOCOLS_ADDRESS, "destination address", row="MK-02")
        case.equal(frame.source, own, "source address of the port's LACPDUs", row="MK-03")
        case.check(not frame.data[6] & 1, "an individual source address", frame.source, row="MK-03")
        case.equal(f"{frame.type:04x}", f"{SLOW_PROTOCOLS_TYPE:04x}", "Length/Type", row="MK-04")
        case.equal(frame.subtype, SUBTYPE_MARKER, "subtype", row="MK-04")
        case.equal(frame.data[VERSION], 1, "version", row="MK-04")
        case.equal(frame.data[TLV], b"\x02\x10", "TLV type and length", row="MK-05")
        sources.append(frame.source)
    case.check(sources[0] != sources[1], "another source address on each port", sources[0], row="MK-03")


@claims("MK-07", wires=1, needs=["marker_responder"], seconds=5)
@pytest.mark.parametrize("filler", [0x00, 0xFF], ids=["zero", "ones"])
def test_layout(case: Case, filler: int) -> None:
    """A Marker Response is 124 octets: pad, terminator, reserved octets that are zero or the Marker's"""
    station = case.bundle().station
    marker = ask(station, filler=filler)
    data = answer(case, station, marker, row="MK-07").data
    case.equal(len(data), LENGTH, "octets without FCS")
    case.equal(data[TERMINATOR], b"\0\0", "terminator")
    for name, octets in {"pad": PAD, "reserved octets": RESERVED}.items():
        copied = marker.data[octets]
        case.check(
            data[octets] in (bytes(len(copied)), copied),
            f"{name} zero or as in the Marker",
            data[octets].hex(" "),
        )


REQUESTS = {
    "distinct": (0x0107, "02:00:5e:00:53:21", 0x01020304),
    "zero": (0, "00:00:00:00:00:00", 0),
    "ones": (0xFFFF, "ff:ff:ff:ff:ff:ff", 0xFFFFFFFF),
}


@claims("MK-06", wires=1, needs=["marker_responder"], seconds=9, smoke=True)
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_copies_the_request(case: Case, request_: tuple[int, str, int]) -> None:
    """Requester_Port, Requester_System and Requester_Transaction_ID come back unchanged"""
    copies(case, case.bundle().station, *request_)


@claims("MK-06", wires=1, needs=["marker_responder"], seconds=7)
def test_copies_random_requests(case: Case) -> None:
    """Requests of random values come back unchanged"""
    station = case.bundle().station
    random = Random(TRANSACTION)  # the same values in every run
    for _ in range(5):
        system = random.randbytes(6).hex(":")
        copies(case, station, random.getrandbits(16), system, random.getrandbits(32))
        case.run_for(FAST_PERIODIC_TIME / 4)


def copies(case: Case, station: Station, port: int, system: str, transaction: int) -> None:
    """FAIL unless a Marker with these values is answered with them."""
    asked = station.marker(transaction, port=port, system=system)
    within = {"since": asked.time, "within": MARKER_RESPONSE_TIME}
    response = case.expect(station, marker_response(), **within).marker
    case.equal(response.requester_port, port, "Requester_Port")
    case.equal(response.requester_system, system, "Requester_System")
    case.equal(response.transaction_id, transaction, "Requester_Transaction_ID")
