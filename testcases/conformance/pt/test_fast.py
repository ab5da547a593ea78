"""Periodic Transmission machine: the fast period (43.4.13)."""

from __future__ import annotations

from itertools import pairwise

from harness.case import Case, claims
from harness.timers import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, TIMER_TOLERANCE

SETTLING_TIME = AGGREGATE_WAIT_TIME + 3 * FAST_PERIODIC_TIME
"""Seconds after which nothing but the period makes an implementation send."""

WATCHED = 30.0
"""Seconds, as the row says."""


@claims("PT-01", wires=1, needs=["long_timeout"], seconds=37)
def test_a_second(case: Case) -> None:
    """A partner with Timeout=1 gets an LACPDU each second, whatever the own Timeout is"""
    wire = case.wires[0]
    station = case.station(wire, Timeout=1)
    case.aggregate([wire], timeout="long")
    began = station.say().time
    station.start()
    case.run_for(SETTLING_TIME)
    settled = case.now()
    seen = case.lacpdus([wire], since=began, during=settled - began + WATCHED)[wire.name]
    times = [began, *(frame.time for frame in seen), settled + WATCHED]
    longest = max(later - earlier for earlier, later in pairwise(times))
    upper = FAST_PERIODIC_TIME + TIMER_TOLERANCE + case.late
    case.within(longest, None, upper, "longest time without an LACPDU")
    gaps = [later - earlier for earlier, later in pairwise(times[1:-1]) if earlier >= settled]
    case.within(
        min(gaps), FAST_PERIODIC_TIME - TIMER_TOLERANCE, None, "shortest time between LACPDUs, once settled"
    )
