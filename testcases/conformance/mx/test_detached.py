"""Mux machine: DETACHED, and the NTT of each state that is entered (43.4.15)."""

from __future__ import annotations

import pytest

from harness.case import Case, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT
from testcases.conformance.mx.test_attached import attached

DETACHED = lacpdu(Synchronization=0, Collecting=0, Distributing=0)
HOLD = 1.5 * FAST_PERIODIC_TIME
"""Seconds for which a state is held before it is left."""


@claims("MX-01", wires=1, needs=("long_timeout",), seconds=12)
@pytest.mark.parametrize("state", ["DISTRIBUTING", "ATTACHED"])
def test_says_so(case: Case, state: str) -> None:
    """A port that is unselected says at once that it is neither in sync nor collects nor distributes"""
    if state == "ATTACHED":
        station, _ = attached(case, timeout="long")
    else:
        station = case.bundle(timeout="long").station
    case.quiet(station)
    said = station.say(key=0x0B0A)
    case.expect(station, DETACHED, since=said.time, within=PROMPT)


@claims("MX-13", wires=1, seconds=10)
def test_waits_again(case: Case) -> None:
    """A port that is unselected detaches, and waits before it attaches again"""
    station = case.bundle().station
    case.settle()
    said = station.say(key=0x0B0A).time
    detached = case.expect(station, DETACHED, since=said, within=PROMPT).time
    wait = said + AGGREGATE_WAIT_TIME - detached
    case.never(station, lacpdu(Synchronization=1), since=detached, during=wait)
    case.expect(station, lacpdu(Synchronization=1), since=detached, within=BRING_UP_TIME)


@claims("MX-18", wires=1, needs=("long_timeout",), seconds=16)
def test_each_state_is_said(case: Case) -> None:
    """Entering DETACHED, ATTACHED and COLLECTING each makes the port speak"""
    station = case.bundle(timeout="long").station
    case.quiet(station)
    said = station.say(key=0x0B0A, Synchronization=0, Collecting=0, Distributing=0).time
    case.expect(station, DETACHED, since=said, within=PROMPT)
    attached = lacpdu(Synchronization=1, Collecting=0, Distributing=0)
    entered = case.expect(station, attached, since=said, within=AGGREGATE_WAIT_TIME + PROMPT).time
    case.run_for(entered + HOLD - case.now())
    said = station.say(Synchronization=1).time
    case.expect(station, lacpdu(Synchronization=1, Collecting=1), since=said, within=PROMPT)
