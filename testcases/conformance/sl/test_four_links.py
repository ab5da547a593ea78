"""Which links are used where each System takes two of four (43.6.1, 43C)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.case import Case, claims, flowing
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station
from testcases.conformance.sl.test_standby import ACTIVE, NOT_STANDBY, OURS, THEIRS

LINKS, USED = 4, 2


@claims(
    "SL-29",
    wires=LINKS,
    needs=["max_links", "set_system_priority", "set_port_priority", "cut"],
    whole=["system-priority"],
    seconds=18,
)
@pytest.mark.parametrize("decides", ["implementation", "partner"])
def test_two_of_four(case: Case, decides: str) -> None:
    """The deciding System's port priorities say which two are used, and which is next when one is lost"""
    wires = case.wires[:LINKS]
    stations = [case.station(wire, port_priority=LINKS - place) for place, wire in enumerate(wires)]
    own = OURS if decides == "implementation" else THEIRS
    aggregate = case.aggregate(wires, max_links=USED, system_priority=own)
    for place, wire in enumerate(wires):
        aggregate.set("port-priority", 1 + place, port=wire.port)
    for station in stations:
        station.start()
    order = stations if decides == "implementation" else stations[::-1]
    used(case, order[:USED], order[USED:])
    flowing(case, aggregate, wires)
    order[0].wire.cut()
    used(case, order[1 : 1 + USED], order[1 + USED :])


def used(case: Case, chosen: Sequence[Station], others: Sequence[Station]) -> None:
    """FAIL unless these links are in use, and stay so, and no others are."""
    since = case.now()
    for station in chosen:
        case.expect(station, ACTIVE, since=since, within=BRING_UP_TIME)
    case.run_for(PROMPT)
    since = case.now()
    for station in others:
        case.never(station, NOT_STANDBY, since=since, during=2 * FAST_PERIODIC_TIME)
