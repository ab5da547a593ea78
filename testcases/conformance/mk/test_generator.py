"""A Marker generator: what it sends when conversations move, and how long it waits (43.2.5, 43A.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations, pairwise

from harness.case import Case, Lag, any_lacpdu, claims, marker
from harness.case.offer import OFFER_PERIOD, Offer
from harness.pdu import SLOW_PROTOCOLS_ADDRESS, Frame
from harness.pdu.build import marker_response_frame
from harness.profile.constants import COLLECTOR_MAX_DELAY_UNIT, FAST_PERIODIC_TIME, PROMPT, Duration
from harness.wire.station import Station
from testcases.conformance.fd.moving import (
    DISTANCE,
    FLOWS,
    MOVING,
    Arrival,
    arrivals,
    come_out,
    lag_with_slow_links,
    moved,
    some_moved,
)

LONGEST = "longest pause of a conversation that moved"


@contextmanager
def third_link(case: Case, lag: Lag) -> Iterator[tuple[Offer, Station]]:
    """Traffic over two links, and a third one that takes its share of it while the block begins."""
    wire = case.wires[2]
    added = case.station(wire)
    added.start()
    with case.offering(lag.aggregate, FLOWS) as offer:
        case.run_for(MOVING / 3)
        lag.aggregate.add(wire.port)
        case.distributing([added])
        yield offer, added


def markers(station: Station) -> list[Frame]:
    """The Markers that a station has received."""
    return [frame for frame in station.wire.received() if frame.is_marker]


@claims("MK-22", wires=3, needs=["marker_generator", "control"], seconds=17)
def test_markers(case: Case) -> None:
    """Each link that loses a conversation carries a Marker, and no two that wait have one transaction"""
    lag = lag_with_slow_links(case, 2, 2)
    with third_link(case, lag):
        case.run_for(MOVING)
    come_out(case)
    sent = []
    for station in lag.stations:
        said = case.expect(station, any_lacpdu(), within=2 * FAST_PERIODIC_TIME, premise="PT-01")
        for frame in markers(station):
            sent.append(frame)
            case.equal(frame.destination, SLOW_PROTOCOLS_ADDRESS, "destination address")
            case.equal(frame.source, said.source, "source address of the port's LACPDUs")
            case.equal(frame.marker.requester_port, said.actor.port, "Requester_Port")
            case.equal(frame.marker.requester_system, said.actor.system, "Requester_System")
        case.check(bool(markers(station)), f"a Marker on {station.wire.name}", "none")
    case.report(f"Markers by link: { {s.wire.name: len(markers(s)) for s in lag.stations} }")
    alike = [
        one.text()
        for one, other in combinations(sorted(sent, key=lambda frame: frame.time), 2)
        if other.time - one.time < DISTANCE and one.marker.transaction_id == other.marker.transaction_id
    ]
    case.check(not alike, "another transaction for each Marker that is not answered yet", "; ".join(alike))


def pauses(case: Case, lag: Lag, since: float, waits: int) -> list[float]:
    """Seconds for which each conversation pauses that moves to a third link; so many waits are waited for."""
    with third_link(case, lag) as (offer, added):
        case.expect(lag.station, marker(), since=since, within=case.now() - since + PROMPT)
        case.run_for(waits * case.pics.marker_wait)
    come_out(case)
    found = arrivals([*lag.stations, added], offer, since)
    some_moved(case, found)
    return standstills(found)


def standstills(found: Sequence[Arrival]) -> list[float]:
    """Seconds from the last frame of a conversation on a link to its first on another."""
    return [
        after.time - before.time
        for way in moved(found).values()
        for before, after in pairwise(way)
        if before.wire != after.wire
    ]


@claims("MK-23", wires=3, needs=["marker_generator", "control"], seconds=16)
def test_bounded_wait(case: Case) -> None:
    """Conversations whose Marker is swallowed go on when the declared wait is over, and not before"""
    declared = case.pics.marker_wait
    lag = case.bundle(2)
    for station in lag.stations:
        station.responds = False
    longest = max(pauses(case, lag, case.now(), 3))
    least, most = Duration(declared), declared + OFFER_PERIOD
    case.within(longest, least, most, LONGEST, id="longest-pause")


def answers_to_others(station: Station) -> None:
    """Answer each Marker as if another port, another System or another transaction had asked."""

    def answer(frame: Frame) -> None:
        if frame.sent or not frame.is_marker:
            return
        asked = (frame.marker.requester_port, frame.marker.requester_system, frame.marker.transaction_id)
        for port, system, transaction in (
            (asked[0] ^ 1, asked[1], asked[2]),
            (asked[0], station.info.system, asked[2]),
            (asked[0], asked[1], asked[2] ^ 0xFFFFFFFF),
        ):
            station.wire.send(marker_response_frame(station.wire.tap.mac, port, system, transaction))

    station.responds = False
    station.wire.tap.listen(answer)


@claims("MK-23", wires=3, needs=["marker_generator", "control"], seconds=16, floods=True)
def test_responses_to_others(case: Case) -> None:
    """Responses to another port, another System or another transaction end no wait"""
    lag = case.bundle(2)
    for station in lag.stations:
        answers_to_others(station)
    longest = max(pauses(case, lag, case.now(), 3))
    least, most = Duration(case.pics.marker_wait), case.pics.marker_wait + OFFER_PERIOD
    case.within(longest, least, most, LONGEST, id="longest-pause")


@claims("MK-23", wires=3, needs=["marker_generator"], seconds=18)
def test_waits_side_by_side(case: Case) -> None:
    """Of two links that stop one soon after the other, and swallow Markers, each is waited for as declared"""
    declared = case.pics.marker_wait
    lag = case.bundle(3)
    since = case.now()
    with case.offering(lag.aggregate, FLOWS) as offer:
        case.run_for(MOVING / 3)
        for station in lag.stations[:2]:
            station.responds = False
            station.say(Synchronization=0, Collecting=0, Distributing=0)
            case.run_for(declared / 2)
        case.run_for(MOVING)
    come_out(case)
    found = arrivals(lag.stations, offer, since)
    some_moved(case, found)
    case.within(max(standstills(found)), None, declared + OFFER_PERIOD, LONGEST, id="longest-pause")


@claims("MK-23", wires=3, needs=["marker_generator", "control"], seconds=18)
def test_response_ends_the_wait(case: Case) -> None:
    """Conversations whose Marker is answered at once go on before the declared wait is over"""
    lag = case.bundle(2)
    longest = max(pauses(case, lag, case.now(), 3))
    limit = case.earliest(Duration(case.pics.marker_wait))
    # Nothing is added: it must end before the wait itself may be over.
    case.within(longest, None, limit, LONGEST, id="longest-pause", exact=True)


@claims("MK-23", wires=3, needs=["marker_generator", "control"], seconds=23)
def test_never_answers(case: Case) -> None:
    """A partner that answers no Marker is waited for as long as its Collector_Max_Delay, each time"""
    lag = case.bundle(2)
    least = case.pics.marker_wait / 2
    for station in lag.stations:
        station.responds = False
        station.max_delay = round(least / COLLECTOR_MAX_DELAY_UNIT)
    case.settle()
    found = pauses(case, lag, case.now(), 7)
    most = case.pics.marker_wait + OFFER_PERIOD
    shortest = "shortest pause of a conversation that moved"
    case.within(min(found), least - case.late, None, shortest, id="shortest-pause")
    case.within(max(found), None, most, LONGEST, id="longest-pause")
