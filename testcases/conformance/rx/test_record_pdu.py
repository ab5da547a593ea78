"""Receive machine: recordPDU and the partner's Synchronization (43.4.9)."""

from __future__ import annotations

import pytest

from harness.case import Case, claims, lacpdu
from harness.case.case import BRING_UP_TIME
from harness.timers import PROMPT, SHORT_TIMEOUT_TIME

WRONG = {
    "system": "02:00:5e:00:53:78",
    "system_priority": 0x1234,
    "key": 0x5678,
    "port": 0x4321,
    "port_priority": 0x2143,
    "Aggregation": 0,
}


@claims("RX-17", wires=1, seconds=9)
@pytest.mark.parametrize("field", WRONG)
def test_echo_must_match(case: Case, field: str) -> None:
    """A partner is in sync only if it knows the port right in each field of its identity"""
    wire = case.wires[0]
    station = case.station(wire, Synchronization=0, Collecting=0, Distributing=0)
    station.start()
    case.aggregate([wire])
    case.expect(station, lacpdu(Synchronization=1), within=BRING_UP_TIME, premise=True)
    right = station.echo
    station.fixed_echo = right.change(**{field: WRONG[field]})
    said = station.say(Synchronization=1, Collecting=1, Distributing=1)
    case.never(station, lacpdu(Collecting=1), since=said.time, during=SHORT_TIMEOUT_TIME)
    station.fixed_echo = None
    said = station.say()
    case.expect(station, lacpdu(Collecting=1), since=said.time, within=PROMPT)
