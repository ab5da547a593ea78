"""Several aggregates of one implementation that are busy at once: each minds its own links."""

from __future__ import annotations

from typing import Any

from harness.case import Case, Lag

MOST = 4
"""Aggregates, where there are so many wires: what two of them share may still be enough for both."""


def number_of(case: Case) -> int:
    """How many aggregates of one link each there may be."""
    return min(len(case.wires), MOST)


def lags(case: Case, number: int, links: int = 1, **variables: Any) -> list[Lag]:
    """So many aggregates, each over as many straight wires with a willing, fast partner; all distribute."""
    found = [begun(case, place, links, **variables) for place in range(number)]
    case.distributing([station for lag in found for station in lag.stations])
    return found


def quiet_lags(case: Case, number: int, **variables: Any) -> list[Lag]:
    """So many aggregates of one link each: what distributes has a silent partner that asks for no LACPDUs, so
    that one limit for all of them is not used up by their periods."""
    found = []
    for place in range(number):
        found.append(lag := begun(case, place, 1, **variables))
        case.distributing(lag.stations)
        lag.station.last(Timeout=0)
    return found


def begun(case: Case, place: int, links: int, **variables: Any) -> Lag:
    """An aggregate and its partners, that have begun to speak; ``place`` is its own among the others."""
    wires = case.wires[place * links : (place + 1) * links]
    stations = [case.station(wire) for wire in wires]
    for station in stations:
        station.start()
    return Lag(case.aggregate(wires, f"agr{place}", **variables), stations)
