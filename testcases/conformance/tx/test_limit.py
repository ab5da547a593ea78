"""Transmit machine: three LACPDUs in any Fast_Periodic_Time (43.4.16)."""

from __future__ import annotations

from collections import deque

import pytest

from harness.case import Case, any_lacpdu, claims
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import (
    FAST_PERIODIC_TIME,
    MAX_LACPDUS_PER_FAST_PERIODIC_TIME,
    PROMPT,
)
from testcases.conformance.sp.test_rate import busiest
from testcases.conformance.tx.provoking import Provocation, provoke, sync_toggles, wrong_echo

PHASES = 10
"""Moments of a period at which a burst begins."""

BURST = 1.5 * FAST_PERIODIC_TIME
"""Seconds: more than the limit looks at, whatever it counts from."""


def limited_time(case: Case) -> float:
    """Seconds in which no more than three LACPDUs may be seen, as the limit is read; asks the reading.

    The bench may have seen the first one late.
    """
    tolerant = case.reading("transmit_limit") == "tolerant"
    return case.earliest(FAST_PERIODIC_TIME) if tolerant else FAST_PERIODIC_TIME - case.late


@claims("TX-01", wires=1, floods=True, seconds=22)
@pytest.mark.parametrize("provocation", [sync_toggles, wrong_echo], ids=["sync toggles", "wrong echo"])
def test_at_most_three(case: Case, provocation: Provocation) -> None:
    """However often there is news, and whenever it begins, at most three LACPDUs leave in a second"""
    lag = case.bundle(len(case.wires[: case.pics.max_ports]))
    for station in lag.stations:
        station.silence()
    since = case.now()
    phases = deque((number + 0.5) * FAST_PERIODIC_TIME / PHASES for number in range(PHASES))
    while phases:
        case.settle()
        begins = {}
        for station in lag.stations[: len(phases)]:
            tick = case.expect(station, any_lacpdu(), since=case.now() - FAST_PERIODIC_TIME,
                               within=3 * FAST_PERIODIC_TIME, premise="PT-01").time  # fmt: skip
            begins[station] = tick + FAST_PERIODIC_TIME + phases.popleft()
        provoke(case, begins, BURST, provocation)
    case.settle()
    seen = case.lacpdus(lag.stations, since=since, during=case.now() - since)
    within_a_second = max(busiest(frames, FAST_PERIODIC_TIME) for frames in seen.values())
    case.report(f"at most {within_a_second} LACPDUs within {FAST_PERIODIC_TIME:g} s")
    shortest = limited_time(case)
    case.within(
        max(busiest(frames, shortest) for frames in seen.values()),
        None,
        MAX_LACPDUS_PER_FAST_PERIODIC_TIME,
        f"LACPDUs within {shortest:g} s",
        "frames",
        id="busiest-period",
    )


@claims("TX-10", wires=2, needs=["long_timeout"], floods=True, seconds=14)
def test_limit_of_each_port(case: Case) -> None:
    """A port answers at once while another one has more to say than it may"""
    provoked, other = case.bundle(2, timeout="long").stations
    provoked.silence()
    case.quiet(other)
    since = case.now()
    provoke(case, {provoked: since}, BURST, wrong_echo)
    said = other.say(partner=wrong_echo(other, 0))
    provoke(case, {provoked: case.now()}, BURST, wrong_echo)
    answer = case.expect(other, any_lacpdu(), since=said.time, within=PROMPT)
    words = "wrong echo to answer on the other port"
    case.within(answer.time - said.time, None, None, words, id="wrong-echo-to-answer")
    busy = len(case.frames(provoked, any_lacpdu(), since=since, during=case.now() - since))
    case.report(f"LACPDUs on the port that was provoked: {busy} in {case.now() - since:.1f} s")


@claims("TX-07", wires=1, needs=["cut"], seconds=11)
def test_link_up(case: Case) -> None:
    """At link up no more than three LACPDUs leave in the first second"""
    wire = case.bundle().station.wire
    wire.cut()
    case.run_for(FAST_PERIODIC_TIME)
    up = case.link_up(wire)
    case.expect(wire, any_lacpdu(), since=up.ordered, within=BRING_UP_TIME, premise="PT-10")
    first_second = case.frames(wire, any_lacpdu(), since=up.ordered, during=FAST_PERIODIC_TIME)
    case.within(
        len(first_second),
        None,
        MAX_LACPDUS_PER_FAST_PERIODIC_TIME,
        f"LACPDUs in the first {FAST_PERIODIC_TIME:g} s after link up",
        "frames",
        id="first-period",
    )
