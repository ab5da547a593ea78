"""A link joins or leaves a LAG under traffic: no conversation that moves loses its order (43A.3).

The first link is slow, so that a frame that takes another one too early overtakes those on their way.
"""

from __future__ import annotations

from harness.case import Case, Lag, claims
from harness.case.premises import BRING_UP_TIME
from testcases.conformance.fd.moving import (
    FLOWS,
    MOVING,
    arrivals,
    clog,
    come_out,
    lag_with_slow_links,
    offering,
    order_kept,
    slow_down,
    some_moved,
)


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
    """Conversations keep their order though the partner of the removed link takes part no more when told"""
    lag = lag_with_slow_links(case, 2, 1)
    slow = lag.station
    slow.follows = True
    since = case.now()
    with case.offering(lag.aggregate, 4 * FLOWS) as offer:
        case.run_for(MOVING / 3)
        lag.aggregate.remove(slow.wire.port)
        case.run_for(MOVING)
    come_out(case)
    found = arrivals(lag.stations, offer, since)
    order_kept(case, offer, found, row="FD-12")
    some_moved(case, found)
