"""Receive machine: recordPDU and the partner's Synchronization (43.4.9)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from harness.case import Case, claims, lacpdu, step_missed
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame, PortInfo, State
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from harness.wire.station import Station
from harness.wire.wire import Wire

WRONG = {
    "system": "02:00:5e:00:53:78",
    "system_priority": 0x1234,
    "key": 0x5678,
    "port": 0x4321,
    "port_priority": 0x2143,
    "Aggregation": 0,
}
READY = {"Synchronization": 1, "Collecting": 1, "Distributing": 1}
NOT_READY = dict.fromkeys(READY, 0)
COLLECTS = lacpdu(Collecting=1)


def attached(case: Case, wires: Sequence[Wire]) -> list[Station]:
    """Partners that are not in sync, of ports that wait for them to be: ATTACHED."""
    stations = [case.station(wire, **NOT_READY) for wire in wires]
    for station in stations:
        station.start()
    case.aggregate(wires)
    for station in stations:
        case.expect(station, lacpdu(Synchronization=1), within=BRING_UP_TIME, premise=step_missed)
    return stations


@claims("RX-17", wires=1, seconds=22)
def test_echo_must_match(case: Case) -> None:
    """A partner is in sync only if it says so, and knows the port right in each field of its identity"""
    stations = attached(case, case.wires[: case.pics.max_ports])
    case.never(stations[-1], COLLECTS, during=SHORT_TIMEOUT_TIME)  # its own Synchronization is 0
    left = deque(WRONG)
    while left:  # as many fields at a time as there are wires
        now = {left.popleft(): station for station in stations[: len(left)]}
        wrong = {}
        for field, station in now.items():
            station.fixed_echo = station.echo.change(**{field: WRONG[field]})
            wrong[field] = station.say(**READY).time
        for field, station in now.items():
            seen = case.frames(station, COLLECTS, since=wrong[field], during=SHORT_TIMEOUT_TIME)
            case.check(not seen, f"no Collecting=1 for a partner that knows the {field} wrong", text(seen))
        for station in now.values():
            station.fixed_echo = None
            right = station.say()
            case.expect(station, COLLECTS, since=right.time, within=PROMPT)
            out = station.say(**NOT_READY)
            case.expect(station, lacpdu(Collecting=0), since=out.time, within=BRING_UP_TIME, premise="MX-11")


def text(frames: Sequence[Frame]) -> str:
    """For a message."""
    return "; ".join(frame.text() for frame in frames)


@claims("RX-37", wires=1, needs=["active"], seconds=11)
def test_actively_maintained(case: Case) -> None:
    """A link is maintained by an active partner, or by a passive one that knows that we are active"""
    (station,) = attached(case, case.wires[:1])
    unaware = station.echo.change(Activity=0)
    station.fixed_echo = unaware
    said = station.say(Activity=0, **READY)
    case.expect(
        station, lacpdu(partner={"Activity": 0, "Synchronization": 0}), since=said.time, within=PROMPT
    )
    case.never(station, COLLECTS, since=said.time, during=SHORT_TIMEOUT_TIME)
    station.fixed_echo = None
    said = station.say()
    case.expect(station, COLLECTS, since=said.time, within=PROMPT)
    said = station.say(**NOT_READY)
    case.expect(station, lacpdu(Collecting=0), since=said.time, within=PROMPT, premise="MX-11")
    station.fixed_echo = unaware
    said = station.say(Activity=1, **READY)
    case.expect(station, COLLECTS, since=said.time, within=PROMPT)


@claims("RX-18", wires=1, needs=["active"], seconds=7)
def test_individual_partner(case: Case) -> None:
    """An Individual partner is in sync whatever it knows of us, and carries or is suspended as declared"""
    wire = case.wires[0]
    station = case.station(wire, Aggregation=0)
    station.fixed_echo = PortInfo(state=State.Activity)
    station.start()
    case.aggregate([wire])
    since = case.now()
    in_sync = lacpdu(partner={"Aggregation": 0, "Synchronization": 1})
    case.expect(station, in_sync, since=since, within=BRING_UP_TIME)
    if case.pics.individual_partner == "carry":
        case.expect(station, lacpdu(Collecting=1, Distributing=1), since=since, within=BRING_UP_TIME)
    else:
        case.never(station, COLLECTS, since=since, during=BRING_UP_TIME)
    case.report(f"individual_partner: {case.pics.individual_partner} is declared")
    case.settle()
    station.fixed_echo = PortInfo()
    said = station.say(Activity=0)
    not_maintained = lacpdu(Collecting=0, Distributing=0, partner={"Aggregation": 0, "Synchronization": 0})
    case.expect(station, not_maintained, since=said.time, within=PROMPT)


@claims("RX-19", wires=1, needs=["passive"], seconds=11)
def test_both_passive(case: Case) -> None:
    """A link that neither side maintains carries no data, though the partner says that it is in sync"""
    lag = case.bundle(activity="passive")
    station = lag.station
    with case.offering(lag.aggregate) as offer:
        case.expect(station, offer.data, within=PROMPT, premise="MX-08")
        said = station.say(Activity=0)
        case.never(station, offer.data, since=said.time + PROMPT, during=SHORT_TIMEOUT_TIME)
        passive = [f for f in station.wire.received(said.time + PROMPT) if f.is_lacpdu]
        case.report(f"LACPDUs of the implementation while both sides are passive: {len(passive)}")
        said = station.say(Activity=1)
        case.expect(station, offer.data, since=said.time, within=BRING_UP_TIME + FAST_PERIODIC_TIME)
