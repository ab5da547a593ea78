"""Transmit machine: what is told, and how soon (43.4.16)."""

from __future__ import annotations

from itertools import pairwise

from harness.bench.station import Station
from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.pdu import Frame
from harness.timers import FAST_PERIODIC_TIME, PROMPT
from testcases.conformance.tx.provoking import another_port, first_port, provoke

BURST = 3 * FAST_PERIODIC_TIME


@claims("TX-02", "TX-03", wires=1, needs=["long_timeout"], floods=True, seconds=10)
def test_burst(case: Case) -> None:
    """While news comes faster than it may be told nothing old is told, and the last of it within 1 s"""
    station = case.bundle(timeout="long").station
    station.last(Timeout=0)  # no period tells it
    case.settle()
    first = first_port(station)
    sent = provoke(case, {station: case.now()}, BURST, another_port)[station]
    last = lacpdu(partner={"port": first + len(sent) - 1})
    case.run_for(PROMPT)
    nothing_old(case, station, sent, first)
    told = case.expect(station, last, since=sent[-1].time, within=PROMPT, row="TX-02")
    case.within(told.time - sent[-1].time, None, None, "last change until it is told")


def nothing_old(case: Case, station: Station, sent: list[Frame], first: int) -> None:
    """FAIL where an LACPDU tells of a change when the next one had long come."""
    for frame in case.lacpdus([station], since=sent[0].time, during=case.now() - sent[0].time)[
        station.wire.name
    ]:
        number = frame.partner.port - first
        known = sum(change.time < frame.time - case.late for change in sent) - 1
        case.check(
            number >= known, f"news no older than that of port {first + known}", frame.text(), row="TX-03"
        )
    spacing = max(later.time - earlier.time for earlier, later in pairwise(sent))
    case.within(spacing, None, None, "longest time between two changes")


@claims("TX-05", wires=1, needs=["long_timeout"], seconds=12)
def test_answer(case: Case) -> None:
    """A partner that knows the implementation wrong is answered within 1 s"""
    station = case.bundle(timeout="long").station
    case.quiet(station)
    said = station.say(partner=station.echo.change(Timeout=1))
    answer = case.expect(station, any_lacpdu(), since=said.time, within=PROMPT)
    case.within(answer.time - said.time, None, None, "wrong echo to answer")
