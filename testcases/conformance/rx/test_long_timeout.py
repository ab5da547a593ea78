"""Receive machine: the long timeout (43.4.4, 43.4.12)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.timers import EXPIRY_SHOWN, LONG_TIMEOUT_TIME, PROMPT, SHORT_TIMEOUT_TIME, TIMER_TOLERANCE


@claims("RX-10", "RX-11", wires=1, needs=("long_timeout",), seconds=96)
def test_long_timeout(case: Case) -> None:
    """With Timeout=0 a bundled port expires 90 s after the last LACPDU, though the partner's Timeout is 1"""
    station = case.bundle(timeout="long").station
    silent = station.last(Timeout=1).time
    short = SHORT_TIMEOUT_TIME + TIMER_TOLERANCE + EXPIRY_SHOWN + case.late
    case.never(station, lacpdu(Expired=1), since=silent, during=short, row="RX-11")
    upper = LONG_TIMEOUT_TIME + TIMER_TOLERANCE + EXPIRY_SHOWN + case.late
    expired = case.expect(station, lacpdu(Expired=1), since=silent, within=upper + PROMPT, row="RX-10")
    case.within(
        expired.time - silent, LONG_TIMEOUT_TIME - TIMER_TOLERANCE, upper, "silence to Expired=1", row="RX-10"
    )
