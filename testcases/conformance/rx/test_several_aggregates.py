"""Receive machine: current_while_timer is each port's own, and each aggregate's (43.4.10, 43.4.12)."""

from __future__ import annotations

from harness.case import Case, claims
from harness.profile.constants import SHORT_TIMEOUT_TIME
from testcases.conformance.rx.test_short_timeout import expires_in_time
from testcases.conformance.sl.aggregates import lags


@claims("RX-09", wires=2, needs=["several_aggregates", "short_timeout"], seconds=18)
def test_timeout_of_each_aggregate(case: Case) -> None:
    """Each aggregate's partner is given up 3 s after its own last LACPDU, whatever another one's says"""
    stations = [lag.station for lag in lags(case, 2, timeout="short")]
    for first, second in (stations, stations[::-1]):
        since = first.last().time
        case.run_for(SHORT_TIMEOUT_TIME / 2)
        later = second.last().time
        expires_in_time(case, first, since, "while another aggregate's partner speaks", row="RX-09")
        expires_in_time(case, second, later, "after another aggregate's partner", row="RX-09")
        for station in stations:
            station.start()
        case.distributing(stations)
