"""Which of several LAGs an aggregate's one client is given (43.4.14), in what order links come up."""

from __future__ import annotations

from itertools import permutations

import pytest

from harness.case import Case, claims, lacpdu, spread, step_missed
from harness.case.premises import BRING_UP_TIME
from harness.dut.implementation import Aggregate
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station
from testcases.conformance.sl.carrying import carrying
from testcases.conformance.sl.undisturbed import undisturbed

FLOWS = 6
"""Conversations, some on each of three links."""

RESELECTION_TIME = 5.0
"""Seconds, as SL-14 has it."""

HELD = AGGREGATE_WAIT_TIME + 2 * FAST_PERIODIC_TIME
"""Seconds in which a LAG that takes another one's place carries data."""


@claims("SL-14", wires=2, needs=["reselects", "cut"], seconds=13)
def test_last_link_lost(case: Case) -> None:
    """A LAG that has lost its last link gives its place to another"""
    after_the_first(case)


@claims("SL-15", wires=2, needs=["reselects", "keeps_lag", "cut"], seconds=26)
def test_equal_comes_back(case: Case) -> None:
    """A LAG keeps its place while its equal comes, goes and comes again"""
    aggregate, first, other = after_the_first(case)
    with undisturbed(case, aggregate, [other], "SL-15") as kept:
        since = case.now()
        first.wire.restore()
        case.run_for(HELD)
        first.wire.cut()
        case.run_for(PROMPT)
        first.wire.restore()
        case.run_for(HELD)
        case.never(first, kept.data, since=since, during=case.now() - since)


def after_the_first(case: Case) -> tuple[Aggregate, Station, Station]:
    """Two LAGs of a link each; the one that was used first loses its link, the other must take its place."""
    wires = case.wires[:2]
    stations = [case.station(wire, key=key) for wire, key in zip(wires, (1, 2), strict=True)]
    for station in stations:
        station.start()
    aggregate = case.aggregate(wires)
    with case.offering(aggregate, FLOWS) as offer:
        carries = case.until(lambda: carrying(stations, offer), within=BRING_UP_TIME)
        if not carries:
            sent = stations[0].wire.received()
            case.unmet(step_missed(sent), "one of two LAGs of a link each in use", "none")
        first = carries[0]
        (other,) = (station for station in stations if station is not first)
        case.run_for(HELD)
        if carrying([other], offer):
            case.unmet("SL-04", "the client's frames in one of two LAGs", f"on {other.wire.name}, too")
        ordered = case.now()
        first.wire.cut()
        limit = case.now() - ordered + RESELECTION_TIME
        found = case.expect(other, offer.data, since=ordered, within=limit)
        words = "carrier loss to data in the other LAG"
        case.within(found.time - ordered, None, None, words, id="carrier-loss-to-data")
    case.distributing([other])
    return aggregate, first, other


@claims("SL-21", wires=3, needs=["cut", "spreads"], seconds=9)
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=lambda order: "".join(map(str, order)))
def test_order_of_link_up(case: Case, order: tuple[int, ...]) -> None:
    """In whatever order three links come up they become one LAG, and it uses all of them"""
    wires = case.wires[:3]
    stations = [case.station(wire) for wire in wires]
    for station in stations:
        station.wire.cut()
    aggregate = case.aggregate(wires)
    for number in order:
        wires[number].restore()
        stations[number].start()
        case.run_for(FAST_PERIODIC_TIME / 2)
    since = case.now()
    told = [case.expect(s, lacpdu(Distributing=1), since=since, within=BRING_UP_TIME) for s in stations]
    said = {(frame.actor.system_priority, frame.actor.system, frame.actor.key) for frame in told}
    case.equal(len(said), 1, "different (system priority, system, key) on the three links:")
    with case.offering(aggregate, spread(case, aggregate, stations).some(FLOWS)) as offer:
        for station in stations:
            case.expect(station, offer.data, within=PROMPT)
    for station in stations:
        with case.offering(station.wire) as inward:
            case.expect(aggregate.client, inward.data, within=PROMPT)
