"""Individual links beside others, whichever is there first (43.4.14.1 h and i)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from harness.case import Case, claims
from harness.wire.station import Station
from testcases.conformance.sl.apart import FLOWS, HELD, Pair, join, never_both, one_at_least, settled

ORDERS = ["Individual first", "Individual last"]


@contextmanager
def pair(case: Case, other: Station, individual: Station) -> Iterator[Pair]:
    """An aggregate over two links, with data both ways on both; the second is to be Individual."""
    aggregate = case.aggregate(case.wires[:2])
    with (
        case.offering(aggregate, FLOWS) as outward,
        case.offering(other.wire) as one,
        case.offering(individual.wire) as two,
    ):
        yield Pair(case, aggregate, [other, individual], outward, [one, two])


def story(case: Case, order: str, make: Callable[[Pair, bool], None]) -> None:
    """FAIL where data is on both links while one is Individual; ``make`` makes it so, or not any more."""
    stations = [case.station(wire) for wire in case.wires[:2]]
    individual = stations[ORDERS.index(order)]
    other = stations[1 - ORDERS.index(order)]
    with pair(case, other, individual) as two:
        make(two, True)
        begin = case.now()
        stations[0].start()
        settled(two, begin, HELD)
        second = case.now()
        stations[1].start()
        one_at_least(two)
        settled(two, second, HELD)
        never_both(two, begin)
        make(two, False)  # the control run: nothing else keeps them apart
        joined = join(two, {})
        made = case.now()
        make(two, True)
        case.arrived()
        settled(two, made, max(HELD, joined))
    never_both(two, case.now() - HELD)


def by_partner(two: Pair, individual: bool) -> None:
    """The partner says so from its next LACPDU on."""
    two.stations[1].change(Aggregation=int(not individual))


def by_operator(two: Pair, individual: bool) -> None:
    """The operator says so of the port."""
    two.aggregate.set("individual", individual, port=two.stations[1].wire.port)


@claims("SL-27", wires=2, seconds=27)
@pytest.mark.parametrize("order", ORDERS)
def test_individual_partner(case: Case, order: str) -> None:
    """A link whose partner is Individual and another one share no Aggregator, whichever came first"""
    story(case, order, by_partner)


@claims("SL-27", wires=2, needs=["individual", "while_running:individual"], seconds=27)
@pytest.mark.parametrize("order", ORDERS)
def test_individual_port(case: Case, order: str) -> None:
    """A port that is Individual and another one share no Aggregator, whichever came first"""
    story(case, order, by_operator)
