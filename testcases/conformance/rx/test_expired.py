"""Receive machine: EXPIRED, and the timeout that leads to it (43.4.4, 43.4.12)."""

from __future__ import annotations

from collections import deque

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.timers import (
    EXPIRY_SHOWN,
    FAST_PERIODIC_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
    TIMER_TOLERANCE,
)

PHASES = 10
"""Moments of a period at which the partner falls silent."""


@claims("RX-05", wires=1, needs=("cut", "active"), seconds=2)
def test_link_up(case: Case) -> None:
    """A port that comes up is EXPIRED, and says so before it hears of a partner"""
    wire = case.wires[0]
    station = case.station(wire)
    wire.cut()
    case.aggregate([wire])
    up = case.link_up(wire)
    limit = FAST_PERIODIC_TIME + TIMER_TOLERANCE + case.late
    first = case.expect(station, any_lacpdu(), since=up.ordered, within=up.done - up.ordered + limit)
    case.check(
        lacpdu(Expired=1, Collecting=0, Distributing=0)(first),
        "a first LACPDU with Expired=1, Collecting=0, Distributing=0",
        first.text(),
    )


@claims("RX-06", "RX-07", "RX-08", wires=1, needs=("short_timeout",), seconds=8)
def test_what_expires(case: Case) -> None:
    """Expiry sets Expired and the partner's Timeout, and clears the partner's Synchronization"""
    station = case.bundle(timeout="short").station
    silent = station.last(Timeout=0).time
    limit = SHORT_TIMEOUT_TIME + TIMER_TOLERANCE + EXPIRY_SHOWN + case.late
    case.expect(station, lacpdu(Expired=1), since=silent, within=limit, row="RX-08")
    case.expect(station, lacpdu(Expired=1, partner={"Timeout": 1}), since=silent, within=limit, row="RX-06")
    case.expect(
        station,
        lacpdu(Expired=1, Distributing=0, partner={"Synchronization": 0}),
        since=silent,
        within=limit,
        row="RX-07",
    )


@claims("RX-09", wires=1, needs=("short_timeout",), seconds=19)
def test_short_timeout(case: Case) -> None:
    """With Timeout=1 a bundled port expires 3 s after the last LACPDU, at whatever moment that came"""
    wires = case.wires[: case.pics.max_ports]
    lag = case.bundle(len(wires), timeout="short")
    upper = SHORT_TIMEOUT_TIME + TIMER_TOLERANCE + EXPIRY_SHOWN + case.late
    phases = deque((number + 0.5) * FAST_PERIODIC_TIME / PHASES for number in range(PHASES))
    while phases:
        tick = case.expect(lag.station, any_lacpdu(), within=2 * FAST_PERIODIC_TIME, premise=True).time
        silent = []
        for station in lag.stations[: len(phases)]:
            phase = phases.popleft()
            case.run_for(tick + phase - case.now())
            silent.append((station, phase, station.last().time))
        for station, phase, since in silent:
            expired = case.expect(station, lacpdu(Expired=1), since=since, within=2 * upper)
            case.within(
                expired.time - since,
                SHORT_TIMEOUT_TIME - TIMER_TOLERANCE,
                upper,
                f"silence to Expired=1, {phase:.2f} s behind a PDU of the implementation",
            )
        for station, _, _ in silent:
            station.start()
        case.distributing([station for station, _, _ in silent])


@claims("RX-15", wires=1, needs=("short_timeout",), seconds=9)
def test_leaves_expired(case: Case) -> None:
    """A valid LACPDU brings an EXPIRED port back to CURRENT, and to Collecting at once"""
    station = case.bundle(timeout="short").station
    silent = station.last().time
    limit = SHORT_TIMEOUT_TIME + FAST_PERIODIC_TIME + TIMER_TOLERANCE + case.late
    case.expect(station, lacpdu(Expired=1), since=silent, within=limit, premise=True)
    case.run_for(silent + SHORT_TIMEOUT_TIME + FAST_PERIODIC_TIME - case.now())
    said = station.say()
    case.expect(station, lacpdu(Expired=0, Collecting=1), since=said.time, within=PROMPT)
