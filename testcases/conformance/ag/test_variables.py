"""LACP's administrative variables (30.7), which agr(4) lists as missing: set, read back, and on the wire."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from harness.case import Case, Lag, Match, any_lacpdu, claims, lacpdu, where
from harness.case.premises import BRING_UP_TIME
from harness.dut.abilities import running
from harness.dut.implementation import Variable
from harness.profile.constants import (
    AGGREGATE_WAIT_TIME,
    FAST_PERIODIC_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
)
from harness.wire.station import Station

NEW_DEFAULTS = SHORT_TIMEOUT_TIME + AGGREGATE_WAIT_TIME + PROMPT
"""Seconds in which a port that is made to default anew does so, and waits for others."""


class Setting(NamedTuple):
    """A variable, a value that is not its default, and what shows it in the next LACPDUs."""

    variable: str
    value: Variable
    shows: Match
    needs: tuple[str, ...] = ()
    port: bool = False
    selects: bool = False  # ports may be selected anew


SETTINGS = [
    Setting(
        "system-priority", 0x1234, lacpdu(system_priority=0x1234), ("set_system_priority",), selects=True
    ),
    Setting(
        "system-id", "02:00:5e:00:53:66", lacpdu(system="02:00:5e:00:53:66"), ("shared_system",), selects=True
    ),
    Setting("key", 0x0456, lacpdu(key=0x0456), ("set_key",), selects=True),
    Setting("activity", "passive", lacpdu(Activity=0), ("passive",)),
    Setting("timeout", "short", lacpdu(Timeout=1), ("short_timeout",)),
    Setting(
        "collector-max-delay",
        1000,
        where("Collector_Max_Delay 1000", lambda f: f.is_lacpdu and f.collector_max_delay == 1000),
    ),
    Setting("port-priority", 0x4321, lacpdu(port_priority=0x4321), ("set_port_priority",), port=True),
    Setting("individual", True, lacpdu(Aggregation=0), ("individual",), port=True, selects=True),
]


def shown_in_time(case: Case, lag: Lag, variable: str, shows: Match, since: float) -> None:
    """FAIL unless some member says so of a variable within a second of the command."""
    done = case.now()

    def told() -> Station | None:
        return next((s for s in lag.stations if any(map(shows, s.wire.received(since)))), None)

    said = case.until(told, within=PROMPT)
    seen = "; ".join(
        frame.text() for station in lag.stations for frame in station.wire.received(since) if frame.is_lacpdu
    )
    case.check(said is not None, f"{shows.words} within {PROMPT:g} s", seen or "no LACPDU")
    if said is not None:
        first = min(frame.time for frame in said.wire.received(since) if shows(frame))
        took, words = max(first - done, 0.0), f"until {shows.words}"
        case.within(took, None, None, words, id=f"{variable}-told")


def set_and_told(case: Case, lag: Lag, setting: Setting) -> None:
    """Set a variable and back; FAIL unless it was told and read back, and disturbed no port where what is
    selected does not depend on it (43.4.14)."""
    port = lag.stations[1].wire.port if setting.port else None
    before = lag.aggregate.get(setting.variable, port)
    case.check(before != setting.value, f"another {setting.variable} before", before)
    for station in lag.stations:
        station.start(None)  # says nothing that is to be answered
        station.say(Timeout=0)  # what would be sent without a change is sent every 30 s
    case.settle()
    since = case.now()
    lag.aggregate.set(setting.variable, setting.value, port)
    shown_in_time(case, lag, setting.variable, setting.shows, since)
    case.equal(lag.aggregate.get(setting.variable, port), setting.value, f"{setting.variable} read back")
    lag.aggregate.set(setting.variable, before, port)
    case.equal(lag.aggregate.get(setting.variable, port), before, f"{setting.variable} read back")
    if setting.selects:
        for station in lag.stations:
            station.start()
            station.say(Timeout=1)
        case.distributing(lag.stations)
    else:
        for station in lag.stations:
            case.never(station, lacpdu(Synchronization=0), since=since, during=case.now() - since + PROMPT)


@claims(
    "AG-13",
    wires=1,
    needs=["agr_manual", "active", "long_timeout", "short_timeout"],
    whole=["system-id", "system-priority"],
    seconds=20,
)
def test_defaulted_stays(case: Case) -> None:
    """A Defaulted port does not begin anew when a variable is set that its partner is not made of"""
    lag = case.bundle(timeout="short")
    lag.station.last()
    case.expect(lag.station, lacpdu(Defaulted=1), within=3 * SHORT_TIMEOUT_TIME, premise="RX-12")
    for setting in SETTINGS:
        if setting.variable in ("activity", "timeout"):
            continue  # what is passive says nothing, and the timeout is short already
        if all(map(case.can, (*setting.needs, running(setting.variable)))):
            since = case.now()
            lag.aggregate.set(
                setting.variable, setting.value, lag.station.wire.port if setting.port else None
            )
            case.never(lag.station, lacpdu(Expired=1), since=since, during=case.now() - since + PROMPT)
            case.expect(lag.station, setting.shows, since=since, within=PROMPT)


@claims(
    "AG-13",
    wires=2,
    needs=["agr_manual", "active", "long_timeout", "get"],
    whole=["system-id", "system-priority"],
    seconds=45,
)
def test_settings(case: Case) -> None:
    """Each variable can be set at any time and read back, and shows on the wire within 1 s"""
    lag = case.bundle(2)
    for setting in SETTINGS:
        missing = [need for need in (*setting.needs, running(setting.variable)) if not case.can(need)]
        if missing:
            case.report(f"{setting.variable}: the PICS or the adapter says no to {', '.join(missing)}")
        else:
            set_and_told(case, lag, setting)


@claims(
    "AG-13",
    wires=2,
    needs=[
        "agr_manual",
        "min_links",
        "max_links",
        "get",
        "while_running:max-links",
        "while_running:min-links",
    ],
    seconds=14,
)
@pytest.mark.parametrize(("bound", "links"), [("max-links", 1), ("min-links", 3)])
def test_bounds(case: Case, bound: str, links: int) -> None:
    """A bound on the number of links can be set at any time and read back, and shows within 1 s"""
    lag = case.bundle(2)
    set_and_told(case, lag, Setting(bound, links, lacpdu(Synchronization=0, Distributing=0), selects=True))


@claims("AG-13", wires=1, needs=["agr_manual", "lacp_off", "get"], seconds=10)
def test_lacp_of_a_port(case: Case) -> None:
    """LACP can be switched off for a port, and on again"""
    lag = case.bundle()
    port = lag.station.wire.port
    lag.aggregate.set("lacp", False, port)
    case.run_for(PROMPT)
    case.never(lag.station, any_lacpdu(), during=2 * FAST_PERIODIC_TIME)
    case.equal(lag.aggregate.get("lacp", port), False, "lacp read back")
    since = case.now()
    lag.aggregate.set("lacp", True, port)
    shown_in_time(case, lag, "lacp", any_lacpdu(), since)
    case.equal(lag.aggregate.get("lacp", port), True, "lacp read back")


@claims(
    "AG-13",
    wires=1,
    needs=["agr_manual", "independent_control", "coupled_control", "while_running:control", "get"],
    seconds=9,
)
@pytest.mark.parametrize("control", ["coupled", "independent"])
def test_control(case: Case, control: str) -> None:
    """Coupled control does not wait for the partner's Collecting, independent control does; at any time"""
    other = {"coupled": "independent", "independent": "coupled"}[control]
    lag = case.bundle(control=other)
    lag.station.change(Collecting=0, Distributing=0)
    lag.station.say()
    case.settle()
    since = case.now()
    lag.aggregate.set("control", control)
    distributes = lacpdu(Collecting=1, Distributing=int(control == "coupled"))
    shown_in_time(case, lag, "control", distributes, since)
    case.equal(lag.aggregate.get("control"), control, "control read back")


@claims(
    "AG-13",
    wires=1,
    needs=["agr_manual", "set_defaulted", "short_timeout", "while_running:defaulted", "get"],
    seconds=22,
)
def test_defaulted(case: Case) -> None:
    """A port without a partner is down or an Individual link of the aggregate, as the operator says"""
    lag = case.bundle(timeout="short")
    lag.station.last()
    case.expect(lag.station, lacpdu(Defaulted=1), within=3 * SHORT_TIMEOUT_TIME, premise="RX-12")
    with case.offering(lag.aggregate) as offer:
        case.never(lag.station, offer.data, during=PROMPT)
        lag.aggregate.set("defaulted", "individual")
        case.equal(lag.aggregate.get("defaulted"), "individual", "defaulted read back")
        case.expect(lag.station, offer.data, within=NEW_DEFAULTS)
        lag.aggregate.set("defaulted", "down")
        case.run_for(PROMPT)
        case.never(lag.station, offer.data, during=PROMPT)


@claims(
    "AG-13", wires=1, needs=["agr_manual", "set_defaulted", "lacp_off", "while_running:defaulted"], seconds=16
)
def test_defaulted_without_lacp(case: Case) -> None:
    """A port whose LACP is off has no partner either: it is what the operator says of such ports"""
    wire = case.wires[0]
    aggregate = case.aggregate([wire])
    aggregate.set("lacp", False, wire.port)
    with case.offering(aggregate) as offer:
        case.never(wire, offer.data, during=BRING_UP_TIME)
        aggregate.set("defaulted", "individual")
        case.expect(wire, offer.data, within=BRING_UP_TIME)


@claims(
    "AG-14",
    wires=1,
    needs=[
        "agr_manual",
        "short_timeout",
        "set_key",
        "shared_system",
        "set_system_priority",
        "get",
        "control",
    ],
    whole=["system-id", "system-priority"],
    seconds=6,
)
def test_before_the_first_port(case: Case) -> None:
    """Variables that are set before the first port comes are in force when it does"""
    aggregate = case.aggregate([])
    values = {"system-priority": 0x1234, "system-id": "02:00:5e:00:53:66", "key": 77, "timeout": "short"}
    for variable, value in values.items():
        aggregate.set(variable, value)
        case.equal(aggregate.get(variable), value, f"{variable} read back")
    wire, begun = case.wires[0], case.now()
    aggregate.add(wire.port)
    first = case.expect(wire, any_lacpdu(), since=begun, within=BRING_UP_TIME)
    said = lacpdu(system_priority=0x1234, system="02:00:5e:00:53:66", key=77, Timeout=1)
    case.check(said(first), f"a first LACPDU: {said.words}", first.text())


@claims("AG-14", wires=2, needs=["agr_manual", "min_links", "max_links", "control"], seconds=8)
def test_bounds_before_the_first_port(case: Case) -> None:
    """Bounds on the number of links that are set before the first port are in force when ports come"""
    station = case.station(case.wires[0])
    station.start()
    aggregate = case.aggregate([], min_links=2)
    aggregate.add(station.wire.port)
    case.expect(station, lacpdu(partner={"Synchronization": 1}), within=BRING_UP_TIME, premise="LF-26")
    case.never(station, lacpdu(Synchronization=1), during=AGGREGATE_WAIT_TIME + PROMPT)
