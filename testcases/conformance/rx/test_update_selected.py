"""Receive machine: update_Selected (43.4.9)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.case import Case, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station

ANOTHER = {
    "system": "02:00:5e:00:53:77",
    "system_priority": 0x7101,
    "key": 0x0B0A,
    "port": 0x0200,
    "port_priority": 0x6102,
}
"""Values that differ from those of the station in one octet or in two."""

OF_NO_MATTER = {
    "Activity": 0,
    "Synchronization": 0,
    "Collecting": 0,
    "Distributing": 0,
    "Defaulted": 1,
    "Expired": 1,
}
"""Bits of the partner's state that are no part of its identity, other than in a LAG that works."""

MAX_DELAY = 0xFFFF
"""Collector_Max_Delay, in tens of microseconds."""


def selected_anew(case: Case, **change: Any) -> None:
    """A bundled port's partner changes: Synchronization is gone within 1 s, and stays so for the wait."""
    station = case.bundle().station
    case.settle()
    changed = station.say(**change).time
    out = case.expect(station, lacpdu(Synchronization=0), since=changed, within=PROMPT).time
    wait = changed + AGGREGATE_WAIT_TIME - out
    case.never(station, lacpdu(Synchronization=1), since=out, during=wait)


@claims("RX-24", wires=1, seconds=11)
@pytest.mark.parametrize("field", ANOTHER)
def test_identity(case: Case, field: str) -> None:
    """A partner of another identity makes the port wait again, and then join the LAG of that identity"""
    selected_anew(case, **{field: ANOTHER[field]})
    again = lacpdu(Synchronization=1, Collecting=1, Distributing=1, partner={field: ANOTHER[field]})
    case.expect(case.wires[0], again, within=BRING_UP_TIME)


@claims("RX-24", wires=1, seconds=12)
def test_aggregation(case: Case) -> None:
    """A partner that becomes Individual makes the port leave its LAG; whether alone it carries is declared"""
    selected_anew(case, Aggregation=0)
    case.run_for(case.latest(2 * FAST_PERIODIC_TIME))
    last = [frame for frame in case.wires[0].received() if frame.is_lacpdu][-1]
    case.report(f"individual_partner: {case.pics.individual_partner} is declared; seen {last.text()} (RX-18)")


@claims("RX-25", wires=1, needs=["long_timeout"], seconds=10)
def test_first_pdu_is_enough(case: Case) -> None:
    """The first LACPDU of a partner with another key ends the old LAG, and a LAG with the new key follows"""
    station = case.bundle(timeout="long").station
    case.settle()
    key = ANOTHER["key"]
    changed = station.last(key=key).time
    case.expect(
        station,
        lacpdu(Synchronization=0, Collecting=0, Distributing=0, partner={"key": key}),
        since=changed,
        within=PROMPT,
    )
    case.expect(station, lacpdu(Synchronization=1, partner={"key": key}), since=changed, within=BRING_UP_TIME)


@claims("RX-36", wires=1, needs=["active"], seconds=24)
def test_no_part_of_the_identity(case: Case) -> None:
    """Other bits of the partner's state, and its Collector_Max_Delay, do not unselect the port"""
    station = case.bundle().station
    for bit, value in OF_NO_MATTER.items():
        stays_in_sync(case, station, f"partner's {bit}={value}", **{bit: value})
        stays_in_sync(case, station, f"partner's {bit} as before", **{bit: 1 - value})
    station.max_delay = MAX_DELAY
    stays_in_sync(case, station, f"partner's Collector_Max_Delay={MAX_DELAY}")
    carries = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
    case.expect(station, carries, within=BRING_UP_TIME)
    for value in (0, 1):  # last: it changes how often the implementation speaks
        stays_in_sync(case, station, f"partner's Timeout={value}", Timeout=value)


def stays_in_sync(case: Case, station: Station, words: str, **change: int) -> None:
    """FAIL where Synchronization goes after this change of the partner's."""
    changed = station.say(**change).time
    out = case.frames(station, lacpdu(Synchronization=0), since=changed, during=PROMPT)
    case.check(not out, f"Synchronization=1 after {words}", "; ".join(frame.text() for frame in out))
