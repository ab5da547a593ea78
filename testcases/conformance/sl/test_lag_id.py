"""Selection: which links share a LAG (43.3.6, 43.4.14)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.case import Case, claims, lacpdu, spread
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import PROMPT
from testcases.conformance.sl.apart import never_joined

FLOWS = 4
"""Conversations, some on each link."""

ANOTHER_PARTNER = [
    ("SL-02", "system", "02:00:5e:00:53:02"),
    ("SL-03", "system_priority", 0x7002),
    ("SL-04", "key", 0x0A0C),
]


@claims("SL-01", wires=2, seconds=8, smoke=True)
def test_same_partner(case: Case) -> None:
    """Links with the same LAG ID become one LAG: one actor, one partner, one client"""
    wires = case.wires[:2]
    stations = [case.station(wire) for wire in wires]
    for station in stations:
        station.start()
    aggregate = case.aggregate(wires)
    since = case.now()
    one, other = (
        case.expect(station, lacpdu(Distributing=1), since=since, within=BRING_UP_TIME)
        for station in stations
    )
    for name in ("system_priority", "system", "key"):
        case.equal(getattr(other.actor, name), getattr(one.actor, name), f"Actor {name} on both links:")
        case.equal(getattr(other.partner, name), getattr(one.partner, name), f"Partner {name} on both links:")
    for station in stations:
        with case.offering(station.wire) as inward:
            case.expect(aggregate.client, inward.data, within=PROMPT)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param(*rest, id=rest[0], marks=claims(row, wires=2, seconds=20))
        for row, *rest in ANOTHER_PARTNER
    ],
)
def test_different_partners(case: Case, field: str, value: Any) -> None:
    """Links whose partners differ in system, system priority or key alone never carry one client's frames"""
    never_joined(case, field, value)


@claims("SL-05", wires=2, needs=["spreads"], seconds=6)
def test_port_identifiers(case: Case) -> None:
    """Partner port numbers and priorities, all different, do not keep aggregatable links out of one LAG"""
    wires = case.wires[:2]
    stations = [case.station(wire) for wire in wires]
    stations[1].change(port=0x7E01, port_priority=0x0102)
    for station in stations:
        station.start()
    aggregate = case.aggregate(wires)
    since = case.now()
    for station in stations:
        case.expect(station, lacpdu(Distributing=1), since=since, within=BRING_UP_TIME)
    with case.offering(aggregate, spread(case, aggregate, stations).some(FLOWS)) as offer:
        for station in stations:
            case.expect(station, offer.data, within=PROMPT)
    for station in stations:
        with case.offering(station.wire) as inward:
            case.expect(aggregate.client, inward.data, within=PROMPT)
