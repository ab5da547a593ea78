"""Which links have a place where there are not enough for all, or too few links (43.4.14, 43.6.1)."""

from __future__ import annotations

import pytest

from harness.case import Case, claims, flowing, lacpdu, step_missed
from harness.case.premises import BRING_UP_TIME, STEP_LATE
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from harness.wire.station import Station
from testcases.conformance.sl.carrying import carrying
from testcases.conformance.sl.test_standby import ACTIVE, OURS, THEIRS, becomes_active

DEFAULTED_TIME = 2 * SHORT_TIMEOUT_TIME
"""Seconds until a port has given up waiting for a partner (43.4.12)."""


@claims(
    "SL-16",
    wires=2,
    needs=["max_links", "set_system_priority", "set_port_priority"],
    whole=["system-priority"],
    seconds=6,
)
@pytest.mark.parametrize("priorities", [(1, 2), (2, 1)], ids=["first preferred", "second preferred"])
def test_other_lag_takes_no_place(case: Case, priorities: tuple[int, int]) -> None:
    """A link that belongs to another LAG takes no place of those that a LAG may have"""
    wires = case.wires[:2]
    stations = [case.station(wire, key=key) for wire, key in zip(wires, (1, 2), strict=True)]
    aggregate = case.aggregate(wires, max_links=1, system_priority=OURS)
    for wire, priority in zip(wires, priorities, strict=True):
        aggregate.set("port-priority", priority, port=wire.port)
    since = case.now()
    for station in stations:
        station.start()

    def used() -> list[Station]:
        return [station for station in stations if any(map(ACTIVE, station.wire.received(since)))]

    found, words = case.until(used, within=BRING_UP_TIME), "one of two LAGs of a link each in use"
    sent = stations[0].wire.received(since)
    if not found and case.until(used, within=STEP_LATE):
        case.unmet(step_missed(sent), words, f"none within {BRING_UP_TIME:g} s")
    case.check(bool(found), words, "none")
    with case.offering(aggregate) as offer:
        case.expect(found[0], offer.data, within=PROMPT)


@claims(
    "SL-18",
    wires=2,
    needs=["max_links", "set_system_priority", "set_port_priority", "control"],
    whole=["system-priority"],
    seconds=10,
)
def test_equal_priorities(case: Case) -> None:
    """Of ports with equal priorities the one with the lower number is used, whichever was added first"""
    wires = case.wires[:2]
    stations = [case.station(wire) for wire in wires]
    aggregate = case.aggregate(wires, max_links=1, system_priority=OURS)
    aggregate.remove(wires[0].port)
    aggregate.add(wires[0].port)
    case.arrived()
    for station in stations:
        station.start()
    numbers = {}
    for station in stations:
        said = case.expect(station, lacpdu(), within=BRING_UP_TIME, premise="PT-01")
        numbers[said.actor.port] = station
    lower, higher = numbers[min(numbers)], numbers[max(numbers)]
    becomes_active(case, lower, [higher], row="SL-18")


@claims(
    "SL-18",
    wires=2,
    needs=["max_links", "set_system_priority"],
    whole=["system-priority"],
    values={"max-links": 1, "system-priority": THEIRS},
    seconds=9,
)
def test_equal_priorities_of_the_partner(case: Case) -> None:
    """Where the partner decides, of its ports with equal priorities the one with the lower number is used"""
    wires = case.wires[:2]
    higher, lower = (case.station(wire, port=port) for wire, port in zip(wires, (2, 1), strict=True))
    case.aggregate(wires, max_links=1, system_priority=THEIRS)
    for station in (higher, lower):
        station.start()
    becomes_active(case, lower, [higher], row="SL-18")


@claims("CF-11", wires=2, needs=["set_defaulted"], seconds=14)
def test_partner_displaces_individual(case: Case) -> None:
    """A link without a partner, that carries data meanwhile, gives its place to a LAG with one"""
    wires = case.wires[:2]
    stations = [case.station(wire) for wire in wires]
    aggregate = case.aggregate(wires, defaulted="individual")
    with case.offering(aggregate, 8) as offer:
        alone = case.until(lambda: carrying(stations, offer), within=DEFAULTED_TIME + BRING_UP_TIME)
        case.check(bool(alone), "the client's frames on a link without a partner", "none")
        (with_partner,) = (station for station in stations if station not in (alone or stations)[:1])
        with_partner.start()
        told = case.expect(with_partner, offer.data, within=BRING_UP_TIME).time
        case.never(alone[0], offer.data, since=told + PROMPT, during=2 * FAST_PERIODIC_TIME)


@claims("CF-11", wires=2, needs=["set_defaulted", "cut"], seconds=12)
def test_absent_partner_displaces_nothing(case: Case) -> None:
    """A link that comes back without its partner leaves a link that carries data without one in its place"""
    alone, left = (case.station(wire) for wire in case.wires[:2])
    aggregate = case.aggregate(case.wires[:2], defaulted="individual")
    with case.offering(aggregate, 8) as offer:
        left.start()
        case.distributing([left])
        case.expect(left, offer.data, within=PROMPT, premise="MX-08")
        left.silence()
        left.wire.cut()
        case.expect(alone, offer.data, within=DEFAULTED_TIME + BRING_UP_TIME)
        up = case.link_up(left.wire)
        while case.now() < up.done + SHORT_TIMEOUT_TIME:
            case.expect(alone, offer.data, since=case.now(), within=PROMPT)
            case.run_for(PROMPT)
    case.never(left, offer.data, since=up.ordered, during=case.now() - up.ordered)


@claims("AG-13", wires=2, needs=["min_links"], values={"min-links": 2}, seconds=22)
def test_too_few_links(case: Case) -> None:
    """A LAG of fewer links than an aggregate needs carries nothing, willing as its partner may be"""
    wires = case.wires[:2]
    few, second = (case.station(wire) for wire in wires)
    aggregate = case.aggregate(wires, min_links=2)
    few.start()
    with case.offering(aggregate, 8) as outward, case.offering(few.wire) as inward:
        case.expect(few, lacpdu(), within=BRING_UP_TIME, premise="PT-01")
        since = case.now()
        case.never(few, outward.data, since=since, during=BRING_UP_TIME)
        case.never(aggregate.client, inward.data, since=since, during=BRING_UP_TIME)
    second.start()  # the control run
    case.distributing([few, second])
    flowing(case, aggregate, wires)


@claims("SL-16", "AG-13", wires=3, needs=["min_links", "gives_way"], values={"min-links": 2}, seconds=17)
def test_enough_links_displace_too_few(case: Case) -> None:
    """A LAG of fewer links than an aggregate needs gives its place to one of enough"""
    wires = case.wires[:3]
    few, *enough = (case.station(wire, key=key) for wire, key in zip(wires, (1, 2, 2), strict=True))
    aggregate = case.aggregate(wires, min_links=2)
    with case.offering(aggregate, 8) as offer:
        few.start()
        case.never(few, offer.data, during=BRING_UP_TIME, row="AG-13")
        for station in enough:
            station.start()
        case.distributing(enough)
        case.check_frame(enough[0], offer.data, within=BRING_UP_TIME, row="SL-16")
