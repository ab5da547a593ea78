"""Receive machine: update_Selected (43.4.9)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.case import Case, claims, lacpdu
from harness.case.case import BRING_UP_TIME
from harness.timers import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT, TIMER_TOLERANCE

ANOTHER = {
    "system": "02:00:5e:00:53:77",
    "system_priority": 0x7101,
    "key": 0x0B0A,
    "port": 0x0200,
    "port_priority": 0x6102,
}
"""Values that differ from those of the station in one octet or in two."""


def selected_anew(case: Case, **change: Any) -> None:
    """A bundled port's partner changes: Synchronization is gone within 1 s, and stays so for the wait."""
    station = case.bundle().station
    case.settle()
    changed = station.say(**change).time
    out = case.expect(station, lacpdu(Synchronization=0), since=changed, within=PROMPT).time
    wait = AGGREGATE_WAIT_TIME - TIMER_TOLERANCE
    case.never(station, lacpdu(Synchronization=1), since=out, during=changed + wait - out)


@claims("RX-24", wires=1, seconds=8)
@pytest.mark.parametrize("field", ANOTHER)
def test_identity(case: Case, field: str) -> None:
    """A partner of another identity makes the port wait again, and then join the LAG of that identity"""
    selected_anew(case, **{field: ANOTHER[field]})
    again = lacpdu(Synchronization=1, Collecting=1, Distributing=1, partner={field: ANOTHER[field]})
    case.expect(case.wires[0], again, within=BRING_UP_TIME)


@claims("RX-24", wires=1, seconds=6)
def test_aggregation(case: Case) -> None:
    """A partner that becomes Individual makes the port leave its LAG; whether alone it carries is declared"""
    selected_anew(case, Aggregation=0)
    case.run_for(TIMER_TOLERANCE + 2 * FAST_PERIODIC_TIME)
    last = [frame for frame in case.wires[0].received() if frame.is_lacpdu][-1]
    case.report(f"individual_partner: {case.pics.individual_partner} is declared; seen {last.text()} (RX-18)")
