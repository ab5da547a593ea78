"""Transmit machine: what is told, and how soon (43.4.16)."""

from __future__ import annotations

from itertools import pairwise

from harness.case import Case, any_lacpdu, blocked, claims, lacpdu
from harness.pdu import Frame, PortInfo
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.verdict import BenchError
from harness.wire.station import Station
from testcases.conformance.tx.provoking import another_port, first_port, provoke

BURST = 3 * FAST_PERIODIC_TIME

BLOCKED = RELEASED = 2.0
"""Seconds, as TX-06 says."""


@claims("TX-02", "TX-03", wires=1, needs=["long_timeout"], floods=True, seconds=14)
def test_burst(case: Case) -> None:
    """While news comes faster than it may be told nothing old is told, and the last of it within 1 s"""
    station = case.bundle(timeout="long").station
    station.last(Timeout=0)  # no period tells it
    case.settle()
    asked = station.say(partner=PortInfo())
    answer = case.expect(station, any_lacpdu(), since=asked.time, within=PROMPT, premise="TX-05")
    case.settle()
    first = first_port(station)
    sent = provoke(case, {station: case.now()}, BURST, another_port)[station]
    last = lacpdu(partner={"port": first + len(sent) - 1})
    case.run_for(PROMPT)
    nothing_old(case, station, sent, first, answer.time - asked.time)
    told = case.check_frame(station, last, since=sent[-1].time, within=PROMPT, row="TX-02")
    if told is not None:
        words = "last change until it is told"
        case.within(told.time - sent[-1].time, None, None, words, id="last-change-to-told")


def nothing_old(case: Case, station: Station, sent: list[Frame], first: int, takes: float) -> None:
    """FAIL where an LACPDU tells of a change when the next one had long come.

    ``takes`` are seconds from an LACPDU to its answer where nothing limits that.
    """
    during = case.now() - sent[0].time
    for frame in case.lacpdus([station], since=sent[0].time, during=during, row="TX-02")[station.wire.name]:
        number = frame.partner.port - first
        known = sum(change.time < frame.time - takes - case.late for change in sent) - 1
        case.check(
            number >= known, f"news no older than that of port {first + known}", frame.text(), row="TX-03"
        )
    spacing = max(later.time - earlier.time for earlier, later in pairwise(sent))
    case.within(spacing, None, None, "longest time between two changes", id="longest-between-changes")


@claims("TX-06", wires=1, needs=["long_timeout", "blocked"], seconds=16)
def test_send_fails(case: Case) -> None:
    """Whether news that could not be sent is sent when it can be is reported; what comes later is told"""
    station = case.bundle(timeout="long").station
    case.quiet(station)
    wrong = station.echo.change(Timeout=1)
    with blocked(case, station.wire):
        begin = case.now()
        station.say(partner=wrong)
        case.run_for(BLOCKED)
        passed = [frame for frame in station.wire.received(begin) if frame.is_lacpdu]
    if passed:
        raise BenchError(f"{station.wire.port} sends although it is blocked: {passed[0].text()}")
    released = case.now()

    def told() -> float | None:
        return next((f.time - released for f in station.wire.received(released) if f.is_lacpdu), None)

    after = case.until(told, within=RELEASED)
    words = f"{after:.2f} s after it" if after is not None else f"not within {RELEASED:g} s of it"
    case.report(f"news that could not be sent for {BLOCKED:g} s until its release: told {words}")
    case.settle()
    said = station.say(partner=wrong)
    case.expect(station, any_lacpdu(), since=said.time, within=PROMPT)


@claims("TX-05", wires=1, needs=["long_timeout"], seconds=12)
def test_answer(case: Case) -> None:
    """A partner that knows the implementation wrong is answered within 1 s"""
    station = case.bundle(timeout="long").station
    case.quiet(station)
    said = station.say(partner=station.echo.change(Timeout=1))
    answer = case.expect(station, any_lacpdu(), since=said.time, within=PROMPT)
    case.within(answer.time - said.time, None, None, "wrong echo to answer", id="wrong-echo-to-answer")
