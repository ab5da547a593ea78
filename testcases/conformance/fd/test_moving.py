"""A link joins or leaves a LAG under traffic: no conversation that moves loses its order (43A.3).

The first link is slow, so that a frame that takes another one too early overtakes those on their way.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import pytest

from harness.case import Case, Lag, claims, lacpdu, spread
from harness.case.offer import Pace
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame, State
from harness.profile.constants import PROMPT
from harness.verdict import NotJudged
from harness.wire.moment import apart
from harness.wire.station import Station
from testcases.conformance.fd.moving import (
    DISTANCE,
    FLOWS,
    MOVING,
    Arrival,
    arrivals,
    clog,
    come_out,
    lag_with_slow_links,
    none_dead,
    offering,
    order_kept,
    slow_down,
    some_moved,
)

TRIES = 3
"""Times that a link is removed, until one was used to the end."""

FAREWELL = lacpdu(Synchronization=0, Collecting=0, Distributing=0)

OFTEN = Pace(every=DISTANCE / 16)
"""A frame of each conversation, several times while one is on its way."""

SENDING_ON = 0.5
"""Seconds from the farewell for which the partner still sends, as one that is slow to hear of it."""


@claims("FD-11", wires=3, needs=["moved_conversations", "control"], seconds=18)
def test_link_added(case: Case) -> None:
    """Conversations that move to a new link keep their order, though their old one is slow"""
    lag = lag_with_slow_links(case, 2, 1, queue=True)
    wire = case.wires[2]
    added = case.station(wire)
    added.start()
    since = case.now()
    with offering(case, lag) as offer:
        case.run_for(MOVING / 3)
        clog(case, lag.station)
        lag.aggregate.add(wire.port)
        case.distributing([added])
        case.run_for(MOVING)
    come_out(case)
    found = arrivals([*lag.stations, added], offer, since)
    order_kept(case, offer, found, row="FD-11")
    some_moved(case, found)


@claims("FD-11", wires=3, needs=["marker_generator", "static_aggregation", "control"], seconds=18)
def test_link_added_without_LACP(case: Case) -> None:
    """Conversations keep their order where no LACP runs, too: frames are under way on a link with carrier"""
    *first, wire = case.wires[:3]
    stations = [case.station(each) for each in (*first, wire)]
    for station in stations:
        station.answers = True  # Markers; it hears no LACPDU
    lag = Lag(case.aggregate(first, static=True), stations[:2])
    slow_down(case, lag.station, queue=True)
    since = case.now()
    with offering(case, lag) as offer:
        for each in first:
            case.expect(each, offer.data, within=BRING_UP_TIME, premise="AG-11")
        clog(case, lag.station)
        lag.aggregate.add(wire.port)
        case.until(lambda: any(map(offer.data, wire.received(since))), within=BRING_UP_TIME)
        case.run_for(MOVING)
    come_out(case)
    found = arrivals(stations, offer, since)
    order_kept(case, offer, found, row="FD-11", lossless=False)
    some_moved(case, found)


@claims("FD-12", wires=3, needs=["moved_conversations", "control"], seconds=18)
def test_link_removed(case: Case) -> None:
    """Conversations of a link that is removed keep their order, and none of their frames is lost"""
    lag = lag_with_slow_links(case, 3, 1, queue=True)
    since = case.now()
    with offering(case, lag) as offer:
        case.run_for(MOVING / 3)
        clog(case, lag.station)
        lag.aggregate.remove(lag.station.wire.port)
        case.run_for(MOVING)
    come_out(case)
    found = arrivals(lag.stations, offer, since)
    order_kept(case, offer, found, row="FD-12")
    some_moved(case, found)


@claims("FD-12", wires=2, needs=["moved_conversations", "farewell", "control"], seconds=16)
def test_partner_stops(case: Case) -> None:
    """Conversations keep their order though the partner of the removed link takes part no more when told

    Some are on the slow link until it leaves: all are of that link, and where none was there in the end other
    ones are tried.
    """
    lag = lag_with_slow_links(case, 2, 1)
    slow = lag.station
    slow.follows = True
    for _ in range(TRIES):
        flows = spread(case, lag.aggregate, lag.stations, each=2 * FLOWS).links[slow.wire.name]
        since = case.now()
        with case.offering(lag.aggregate, flows[: 2 * FLOWS]) as offer:
            case.run_for(PROMPT)
            lag.aggregate.remove(slow.wire.port)
            case.run_for(MOVING)
        come_out(case)
        found = arrivals(lag.stations, offer, since)
        order_kept(case, offer, taken(slow, found, since), row="FD-12")
        some_moved(case, found)
        if used_to_the_end(slow, found, since):
            return
        slow.follows = False  # what a port says that waits to be attached again ends nothing
        lag.aggregate.add(slow.wire.port)
        slow.say(Collecting=1, Distributing=1)
        case.distributing([slow])
        slow.follows = True
        case.run_for(MOVING)  # until its conversations are back
    raise NotJudged(f"no conversation was on {slow.wire.name} when its last Marker was sent")


@claims("FD-12", wires=2, needs=["agr_manual", "moved_conversations", "farewell", "control"], seconds=16)
def test_partner_sends_on(case: Case) -> None:
    """What the partner of a removed link sends until it takes part no more is delivered

    The clause lets an implementation drop it; agr(4) says that a port is detached without loss.
    """
    lag = case.bundle(2)
    first = lag.station
    offers, ended = ExitStack(), []

    def end() -> None:
        offers.close()
        first.change(Collecting=0, Distributing=0)
        ended.append(case.now())

    def heard(frame: Frame) -> None:
        if not frame.sent and FAREWELL(frame):
            stop_listening()
            case.loop.call_at(case.now() + SENDING_ON, end)

    stop_listening = first.wire.tap.listen(heard)
    with offers:
        inward = offers.enter_context(case.offering(first.wire))
        case.run_for(PROMPT)
        since = case.now()
        lag.aggregate.remove(first.wire.port)
        case.until(lambda: bool(ended), within=MOVING)
    if not ended:
        case.unmet("TX-09", FAREWELL.words, "none")
    case.expect(first, FAREWELL, since=since, within=case.now() - since, premise="TX-09")
    case.arrived()
    lost = inward.lost(lag.aggregate.client.received())
    case.check(not lost, f"all of {len(inward.sent)} frames at the client", f"{len(lost)} lost", row="FD-12")


@claims("FD-12", wires=2, needs=["moved_conversations"], seconds=16)
@pytest.mark.parametrize("ways", [(0, 1, 0), (0, 1)], ids=["and-away-again", "to-stay"])
def test_back(case: Case, ways: Sequence[int]) -> None:
    """A link is back while its conversations are to move, and stays or goes again: they keep their order

    In the end each of them goes on, wherever.
    """
    lag = lag_with_slow_links(case, 2, 1)
    slow = lag.station
    flows = spread(case, lag.aggregate, lag.stations, each=FLOWS // 2).links[slow.wire.name]
    case.settle()
    since = case.now()
    with case.offering(lag.aggregate, flows[:FLOWS], pace=OFTEN) as offer:
        save_words(case, [slow])
        for in_sync in ways:
            slow.say(Synchronization=in_sync, Collecting=in_sync, Distributing=in_sync)
            case.run_for(DISTANCE / 4)
        slow.start()
        case.run_for(MOVING)
    come_out(case)
    found = arrivals(lag.stations, offer, since)
    order_kept(case, offer, found, row="FD-12", lossless=False)
    none_dead(case, offer, found, row="FD-12")
    if not ways[-1]:
        some_moved(case, found)


@claims("FD-12", wires=3, needs=["moved_conversations"], seconds=20)
def test_back_to_less(case: Case) -> None:
    """A link is back while its conversations are to move, and a new one takes some: they keep their order

    Those that are to stay may go on at once; those that the new link takes wait as before.
    """
    lag = lag_with_slow_links(case, 3, 1)
    slow, steady, new = lag.stations
    new.say(Synchronization=0, Collecting=0, Distributing=0)
    case.run_for(MOVING)
    flows = spread(case, lag.aggregate, [slow, steady], each=FLOWS).links[slow.wire.name]
    case.settle()
    since = case.now()
    with case.offering(lag.aggregate, flows[:FLOWS], pace=OFTEN) as offer:
        save_words(case, [slow, new])
        slow.say(Synchronization=0, Collecting=0, Distributing=0)
        case.run_for(DISTANCE / 4)
        for station in (new, slow):
            station.say(Synchronization=1, Collecting=1, Distributing=1)
        for station in (new, slow):
            station.start()
        case.run_for(MOVING)
    come_out(case)
    found = arrivals(lag.stations, offer, since)
    order_kept(case, offer, found, row="FD-12", lossless=False)
    none_dead(case, offer, found, row="FD-12")
    some_moved(case, found)


def save_words(case: Case, stations: Sequence[Station]) -> None:
    """The partner says nothing of its own for as long as the transmit limit (43.4.16) looks back.

    So it can say at once what comes next. Its periodic LACPDUs must go on after that: an implementation may
    have the short timeout.
    """
    for station in stations:
        station.start(None)
    case.run_for(PROMPT)


def taken(stopped: Station, found: Sequence[Arrival], since: float) -> list[Arrival]:
    """Without what arrives on the link of a partner when that has said that it collects no more."""
    told = [frame for frame in stopped.wire.frames if frame.sent and frame.is_lacpdu and frame.time >= since]
    end = next((one.time for one in told if State.Collecting not in one.actor.state), float("inf"))
    return [one for one in found if one.wire != stopped.wire.name or one.time + apart(one.seen, end) <= end]


def used_to_the_end(slow: Station, found: Sequence[Arrival], since: float) -> bool:
    """Whether a frame was on its way on the slow link behind which conversations waited for its last Marker.

    Without a Marker all that moved had frames there.
    """
    markers = [frame.time for frame in slow.wire.received(since) if frame.is_marker]
    left = [one.time - slow.distance for one in found if one.wire == slow.wire.name]
    return not markers or any(markers[-1] - DISTANCE / 2 <= time <= markers[-1] for time in left)
