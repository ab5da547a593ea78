"""Mux machine: WAITING, and Ready of the ports that wait together (43.4.8, 43.4.15)."""

from __future__ import annotations

from harness.case import Case, Match, any_lacpdu, claims, lacpdu
from harness.pdu import PortInfo
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station
from testcases.conformance.rx.test_defaulted import identity

ATTACHED = AGGREGATE_WAIT_TIME + PROMPT
"""Seconds from selection to the LACPDU with Synchronization=1."""


def in_sync(station: Station) -> Match:
    """What a port says that is in sync with this partner: with none it may be, where it is attached alone."""
    return lacpdu(Synchronization=1, partner=identity(station))


def unheard(case: Case, number: int = 1) -> list[Station]:
    """Silent partners on the first wires; the implementation has spoken on each, and heard nothing."""
    stations = [case.station(wire) for wire in case.wires[:number]]
    case.aggregate_heard(stations)
    return stations


@claims("MX-02", wires=1, needs=("active",), seconds=7)
def test_waits(case: Case) -> None:
    """A selected port waits Aggregate_Wait_Time before it attaches"""
    (station,) = unheard(case)
    first = station.say()
    station.start()
    case.never(station, in_sync(station), since=first.time, during=AGGREGATE_WAIT_TIME)
    case.expect(station, in_sync(station), since=first.time, within=ATTACHED)


@claims("MX-02", wires=1, needs=("active",), seconds=8)
def test_waits_no_longer(case: Case) -> None:
    """An LACPDU that is asked for when Aggregate_Wait_Time is over says Synchronization=1"""
    (station,) = unheard(case)
    first = station.say()
    station.start(period=None)
    case.run_for(first.time + case.latest(AGGREGATE_WAIT_TIME) - case.now())
    asked = station.say(partner=PortInfo())
    answer = case.expect(station, any_lacpdu(), since=asked.time, within=PROMPT)
    wanted = in_sync(station)
    case.check(wanted(answer), wanted.words, answer.text())


@claims("MX-03", wires=2, needs=("active",), seconds=8)
def test_waits_for_the_last(case: Case) -> None:
    """Ports that wait together attach together, when the last of them is ready"""
    together = case.reading("ready") == "all"
    one, other = unheard(case, 2)
    first = one.say().time
    one.start()
    case.run_for(first + FAST_PERIODIC_TIME - case.now())
    second = other.say().time
    other.start()
    begun = {one: second if together else first, other: second}
    attached = []
    for station, since in begun.items():
        case.never(station, in_sync(station), since=first, during=since - first + AGGREGATE_WAIT_TIME)
        latest = since - first + ATTACHED
        joined = case.expect(station, in_sync(station), since=first, within=latest, premise="MX-02")
        attached.append(joined.time)
    apart, limit = max(attached) - min(attached), PROMPT if together else None
    case.within(apart, None, limit, "Synchronization=1 on the two ports apart", id="in-sync-apart")


@claims("MX-04", wires=1, needs=("active",), seconds=8)
def test_wait_starts_again(case: Case) -> None:
    """A port that is unselected while it waits starts its wait again"""
    (station,) = unheard(case)
    station.start()
    case.run_for(AGGREGATE_WAIT_TIME / 2)
    changed = station.say(key=0x0B0A)
    case.never(station, in_sync(station), since=changed.time, during=AGGREGATE_WAIT_TIME)
    case.expect(station, in_sync(station), since=changed.time, within=ATTACHED, premise="MX-02")


@claims("MX-21", wires=1, needs=("active",), seconds=11)
def test_repetition_does_not_start_it_again(case: Case) -> None:
    """LACPDUs without news do not start the wait again"""
    (station,) = unheard(case)
    alone = station.say()
    case.expect(station, in_sync(station), since=alone.time, within=ATTACHED, premise="MX-02")
    first = station.say(key=0x0B0A)
    station.start(AGGREGATE_WAIT_TIME / 5, answers=False)
    case.expect(station, in_sync(station), since=first.time, within=ATTACHED)
