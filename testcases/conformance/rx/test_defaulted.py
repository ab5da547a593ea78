"""Receive machine: DEFAULTED (43.4.12)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.case.match import Match
from harness.pdu import Frame
from harness.timers import SHORT_TIMEOUT_TIME, SLOW_PERIODIC_TIME, TIMER_TOLERANCE

GIVEN_UP = {"Expired": 0, "Defaulted": 1, "Synchronization": 0, "Collecting": 0, "Distributing": 0}


def defaulted() -> Match:
    """What a port says when it has given its partner up."""
    return lacpdu(**GIVEN_UP)


def partner_is_default(case: Case, frame: Frame) -> None:
    """FAIL unless the Partner information is what the implementation declares for no partner."""
    case.equal(frame.partner.text(), case.partner_defaults.text(), "Partner information", row="RX-13")


@claims("RX-12", "RX-13", wires=1, needs=("active", "short_timeout"), seconds=11)
def test_partner_falls_silent(case: Case) -> None:
    """A bundled port whose partner falls silent gives it up 3 s after EXPIRED, and takes the defaults"""
    station = case.bundle(timeout="short").station
    silent = station.last().time
    limit = 2 * (SHORT_TIMEOUT_TIME + TIMER_TOLERANCE + case.late)
    frame = case.expect(station, defaulted(), since=silent, within=limit, row="RX-12")
    partner_is_default(case, frame)


@claims("RX-12", "RX-13", wires=1, needs=("active",), seconds=36)
def test_no_partner_ever(case: Case) -> None:
    """A port that never heard a partner is DEFAULTED 3 s after it came up, and says so when it next speaks"""
    wire = case.wires[0]
    station = case.station(wire)
    case.aggregate([wire])
    attached = case.now()
    given_up = SHORT_TIMEOUT_TIME + 2 * (TIMER_TOLERANCE + case.late)
    limit = given_up + SLOW_PERIODIC_TIME + TIMER_TOLERANCE
    frame = case.expect(station, defaulted(), since=attached, within=limit, row="RX-12")
    partner_is_default(case, frame)
