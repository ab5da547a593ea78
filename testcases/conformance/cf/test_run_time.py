"""Changes of administrative variables at run time (43.3.14)."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.pdu import State
from harness.profile.constants import (
    FAST_PERIODIC_TIME,
    PROMPT,
    SLOW_PERIODIC_TIME,
    periodic_time,
)
from harness.verdict import ImplementationRefused
from testcases.conformance.sl.undisturbed import undisturbed


class Change(NamedTuple):
    """One change of a variable, and the bit of Actor_State that becomes this value by it."""

    row: str
    variable: str
    before: str
    after: str
    bit: str
    value: int


CHANGES = (
    Change("CF-01", "timeout", "long", "short", "Timeout", 1),
    Change("CF-01", "timeout", "short", "long", "Timeout", 0),
    Change("CF-02", "activity", "active", "passive", "Activity", 0),
    Change("CF-02", "activity", "passive", "active", "Activity", 1),
)

SILENT = SLOW_PERIODIC_TIME + 5 * FAST_PERIODIC_TIME
"""Seconds in which even the slow period shows."""


@claims(
    "CF-01", "CF-02", wires=4,
    needs=["several_aggregates", "short_timeout", "long_timeout", "active", "passive",
           "while_running:timeout", "while_running:activity"], seconds=12,
)  # fmt: skip
@pytest.mark.parametrize("partner_timeout", [1, 0], ids=["partner's Timeout 1", "partner's Timeout 0"])
def test_next_lacpdu(case: Case, partner_timeout: int) -> None:
    """A change of the timeout or the activity stands in the next LACPDU, and in every one from there on"""
    stations = [case.station(wire) for wire in case.wires[: len(CHANGES)]]
    for station in stations:
        station.start()
    aggregates = [
        case.aggregate([station.wire], f"agr{number}", **{change.variable: change.before})
        for number, (station, change) in enumerate(zip(stations, CHANGES, strict=True))
    ]
    case.distributing(stations)
    for station in stations:
        station.say(Timeout=partner_timeout)
    latest = periodic_time(bool(partner_timeout))
    ordered = case.now()
    for aggregate, change in zip(aggregates, CHANGES, strict=True):
        aggregate.set(change.variable, change.after)
    done = case.now()
    for station, change in zip(stations, CHANGES, strict=True):
        new, old = lacpdu(**{change.bit: change.value}), lacpdu(**{change.bit: 1 - change.value})
        frame = case.check_frame(station, new, since=ordered, within=done - ordered + latest, row=change.row)
        if frame is None:
            continue
        case.never(station, old, since=frame.time, during=2 * FAST_PERIODIC_TIME, row=change.row)
        words = f"{change.before} to {change.after}, from the last order until an LACPDU says so"
        name = f"{change.before}-to-{change.after}"
        case.within(max(frame.time - done, 0.0), None, None, words, id=name)


@claims(
    "CF-03",
    wires=2,
    needs=["several_aggregates", "set_system_priority", "while_running:system-priority"],
    whole=["system-priority"],
    seconds=12,
)
def test_system_priority(case: Case) -> None:
    """A new system priority is a new LAG ID: the link is attached again with it, and distributes"""
    wires = case.wires[:2]
    station, other = [case.station(wire) for wire in wires]
    for one in (station, other):
        one.start()
    changing = case.aggregate(wires[:1], system_priority=0x4001)
    staying = case.aggregate(wires[1:], "agr1")
    case.distributing([station, other])
    with case.offering(staying) as outward:
        since = case.now()
        changing.set("system-priority", 0x4002)
        case.expect(
            station, lacpdu(system_priority=0x4002, Synchronization=1, Distributing=1),
            since=since, within=case.now() - since + BRING_UP_TIME,
        )  # fmt: skip
    case.never(station, lacpdu(system_priority=0x4001), during=2 * FAST_PERIODIC_TIME)
    said = [
        State.Synchronization in frame.actor.state
        for frame in station.wire.received(since)
        if frame.is_lacpdu
    ]
    changes = sum(now != before for before, now in pairwise([True, *said]))
    case.report(f"changes of Synchronization on the way: {changes} (2: it was lost and regained once)")
    lost = outward.missing(other.wire.received(since))
    case.report(f"lost frames of the other aggregate: {len(lost)} of {len(outward.sent)}")


@claims("CF-04", wires=2, needs=["set_port_priority"], seconds=11)
def test_port_priority(case: Case) -> None:
    """A new priority of a port does not disturb the others"""
    lag = case.bundle(2)
    changed, other = lag.stations
    case.settle()
    with undisturbed(case, lag.aggregate, [other], "CF-04", changed):
        since = case.now()
        lag.aggregate.set("port-priority", 0x0123, port=changed.wire.port)
        told = lacpdu(port_priority=0x0123, Distributing=1)
        case.expect(changed, told, since=since, within=case.now() - since + BRING_UP_TIME)
    sync = [
        State.Synchronization in frame.actor.state
        for frame in changed.wire.received(since)
        if frame.is_lacpdu
    ]
    case.report(f"the port itself: {'kept' if all(sync) else 'lost and regained'} Synchronization")


@claims("CF-05", wires=2, needs=["several_aggregates", "lacp_off", "control"], seconds=48)
def test_out_of_service(case: Case) -> None:
    """A port that is removed, or has LACP switched off, says no more: its partner is told, or times out"""
    removed, off = [case.station(wire) for wire in case.wires[:2]]
    for station in (removed, off):
        station.start()
    one, two = case.aggregate([removed.wire]), case.aggregate([off.wire], "agr1")
    case.distributing([removed, off])
    since = case.now()
    one.remove(removed.wire.port)
    two.set("lacp", False, port=off.wire.port)
    done = case.now()
    for station in (removed, off):
        case.never(station, any_lacpdu(), since=done + PROMPT, during=SILENT)
        last = [frame for frame in station.wire.received(since) if frame.is_lacpdu][-1:]
        case.report(f"{station.wire.name}: last words {last[0].text() if last else 'none'}")
    if case.pics.farewell:
        case.expect(removed, lacpdu(Synchronization=0), since=since, within=done - since + PROMPT)


@claims("CF-05", wires=2, needs=["cut", "several_aggregates", "control"], seconds=24)
def test_removed_without_carrier(case: Case) -> None:
    """A port that is removed while its link is down is free at once, for another aggregate too"""
    lag = case.bundle(2)
    station, wire = lag.station, lag.station.wire
    wire.cut()
    case.run_for(FAST_PERIODIC_TIME)
    lag.aggregate.remove(wire.port)
    case.arrived()
    back = case.now()
    wire.restore()
    case.never(station, any_lacpdu(), since=back, during=case.now() - back + 4 * FAST_PERIODIC_TIME)
    wire.cut()
    lag.aggregate.add(wire.port)
    case.run_for(FAST_PERIODIC_TIME)
    lag.aggregate.remove(wire.port)
    case.arrived()
    try:
        case.aggregate([wire], "agr1")
    except ImplementationRefused as refused:
        case.fail(f"{wire.port} taken by agr1", str(refused))
    wire.restore()
    case.expect(station, lacpdu(Distributing=1), since=case.now(), within=BRING_UP_TIME)
