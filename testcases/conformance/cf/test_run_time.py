"""Changes of administrative variables at run time (43.3.14)."""

from __future__ import annotations

import pytest

from harness.case import Case, claims, lacpdu
from harness.timers import TIMER_TOLERANCE, periodic_time

BIT = {"short": 1, "long": 0}


@claims("CF-01", wires=1, needs=["short_timeout", "long_timeout"], seconds=8)
@pytest.mark.parametrize("values", [("long", "short"), ("short", "long")], ids=" to ".join)
@pytest.mark.parametrize("partner_timeout", [1, 0], ids=["partner's Timeout 1", "partner's Timeout 0"])
def test_timeout(case: Case, partner_timeout: int, values: tuple[str, str]) -> None:
    """A change of the timeout stands in the next LACPDU"""
    before, after = values
    lag = case.bundle(timeout=before)
    lag.station.say(Timeout=partner_timeout)
    changed = case.now()
    lag.aggregate.set("timeout", after)
    done = case.now()
    at_the_latest = periodic_time(bool(partner_timeout)) + TIMER_TOLERANCE + case.late
    frame = case.expect(
        lag.station, lacpdu(Timeout=BIT[after]), since=changed, within=done - changed + at_the_latest
    )
    case.within(max(frame.time - done, 0.0), None, None, f"{before} to {after}, until an LACPDU says so")
