"""Transmit machine: three LACPDUs in any Fast_Periodic_Time (43.4.16)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.case import Case, any_lacpdu, claims
from harness.case.case import BRING_UP_TIME
from harness.pdu import Frame, PortInfo, lacpdu_frame
from harness.timers import FAST_PERIODIC_TIME, MAX_LACPDUS_PER_FAST_PERIODIC_TIME, TIMER_TOLERANCE

PROVOKED = 10.0
"""Seconds, as the row says."""

PROVOCATIONS_A_SECOND = 10


def busiest(frames: Sequence[Frame], seconds: float) -> int:
    """Most frames in any time that is shorter than this."""
    times = [frame.time for frame in frames]
    return max(sum(first <= time < first + seconds for time in times) for first in times)


@claims("TX-01", wires=1, seconds=15)
@pytest.mark.parametrize("provocation", ["sync toggles", "wrong echo"])
def test_at_most_three(case: Case, provocation: str) -> None:
    """However often there is news, at most three LACPDUs leave in a Fast_Periodic_Time"""
    station = case.bundle().station
    station.silence()
    since = case.now()
    for turn in range(round(PROVOKED * PROVOCATIONS_A_SECOND)):
        if provocation == "sync toggles":
            station.change(Synchronization=turn % 2)
        echo = PortInfo() if provocation == "wrong echo" else station.echo
        station.put(
            lacpdu_frame(station.wire.tap.mac, station.info, echo)
        )  # the rate is what the row is about
        case.run_for(since + (turn + 1) / PROVOCATIONS_A_SECOND - case.now())
    seen = case.lacpdus([station], since=since, during=PROVOKED)[station.wire.name]
    case.within(len(seen) / PROVOKED, None, None, "LACPDUs a second", "1/s")
    within_a_second = busiest(seen, FAST_PERIODIC_TIME)
    if within_a_second > MAX_LACPDUS_PER_FAST_PERIODIC_TIME:
        case.report(f"deviation: {within_a_second} LACPDUs within {FAST_PERIODIC_TIME:g} s")
    shortest = FAST_PERIODIC_TIME - TIMER_TOLERANCE
    case.within(
        busiest(seen, shortest),
        None,
        MAX_LACPDUS_PER_FAST_PERIODIC_TIME,
        f"LACPDUs within {shortest:g} s",
        "frames",
    )


@claims("TX-07", wires=1, needs=["cut"], seconds=8)
def test_link_up(case: Case) -> None:
    """At link up no more than three LACPDUs leave in the first second"""
    wire = case.bundle().station.wire
    wire.cut()
    case.run_for(FAST_PERIODIC_TIME)
    up = case.link_up(wire)
    case.expect(wire, any_lacpdu(), since=up.ordered, within=BRING_UP_TIME, premise=True)
    first_second = case.frames(wire, any_lacpdu(), since=up.ordered, during=FAST_PERIODIC_TIME)
    case.within(
        len(first_second),
        None,
        MAX_LACPDUS_PER_FAST_PERIODIC_TIME,
        f"LACPDUs in the first {FAST_PERIODIC_TIME:g} s after link up",
        "frames",
    )
