"""The administrative partner of a port: what it is taken to be while none is heard (43.4.7)."""

from __future__ import annotations

from harness.case import Case, claims, flowing, lacpdu
from harness.case.premises import BRING_UP_TIME, STEP_LATE
from harness.dut.implementation import Aggregate, Variable
from harness.pdu import State
from harness.profile.constants import (
    FAST_PERIODIC_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
    SLOW_PERIODIC_TIME,
)
from harness.wire.wire import Wire

IDENTITY: dict[str, Variable] = {
    "system_priority": 0x1234, "system": "02:00:5e:00:53:a1", "key": 0x0506,
    "port_priority": 0x0708, "port": 0x090A,
}  # fmt: skip

OTHER_KEY = 0x0507

USED = State.Aggregation | State.Synchronization | State.Collecting | State.Distributing
IN_USE = State(USED | State.Timeout)
"""Partner_Admin_Port_State of a partner without LACP that aggregates, collects and distributes. It has the
Short Timeout, so that each state is told within a second (43.4.13)."""

FLOWS = 16


def set_partner(aggregate: Aggregate, wire: Wire, **values: Variable) -> None:
    """Set Partner_Admin_* of the port on a wire."""
    for name, value in values.items():
        aggregate.set(f"partner-{name.replace('_', '-')}", value, port=wire.port)


@claims("CF-13", wires=1, needs=["set_partner_admin"], seconds=24, timeouts=1)
def test_values(case: Case) -> None:
    """Partner_Admin values that are set are the partner's while none is heard, and not while one is"""
    variables, timeout = case.own_timeout()
    station = case.station(case.wires[0])
    aggregate = case.aggregate([station.wire], **variables)
    set_partner(aggregate, station.wire, **IDENTITY)
    administrative = lacpdu(partner=IDENTITY)
    case.expect(station, administrative, within=SLOW_PERIODIC_TIME)  # the port may be Defaulted by now
    station.start()
    heard = dict(zip(IDENTITY, station.info.identity, strict=True))
    case.distributing([station])
    since = case.now()
    case.expect(station, lacpdu(partner=heard), since=since, within=2 * FAST_PERIODIC_TIME)
    since = case.now()
    set_partner(aggregate, station.wire, key=OTHER_KEY)
    for wrong in (lacpdu(Synchronization=0), lacpdu(Distributing=0), lacpdu(partner={"key": OTHER_KEY})):
        case.never(station, wrong, since=since, during=case.now() - since + PROMPT)
    set_partner(aggregate, station.wire, key=IDENTITY["key"])
    last = station.last()
    defaulted = lacpdu(Defaulted=1, Expired=0, partner=IDENTITY)
    case.expect(station, defaulted, since=last.time + PROMPT, within=timeout + SHORT_TIMEOUT_TIME + PROMPT)


@claims("CF-14", wires=2, needs=["set_partner_admin"], seconds=34)
def test_lag_by_hand(case: Case) -> None:
    """Ports whose administrative partner is one System, in sync, are a LAG without LACP at the other end"""
    stations = [case.station(wire) for wire in case.wires[:2]]  # silent
    aggregate = case.aggregate(case.wires[:2])
    since = case.now()
    for wire in case.wires[:2]:
        set_partner(aggregate, wire, system=IDENTITY["system"], key=IDENTITY["key"], state=int(IN_USE))
    used = lacpdu(Defaulted=1, Distributing=1, partner={"system": IDENTITY["system"], "key": IDENTITY["key"]})
    within = case.now() - since + SHORT_TIMEOUT_TIME + STEP_LATE  # how long a port waits is MX-02's
    for station in stations:
        case.expect(station, used, since=since, within=within)
    flowing(case, aggregate, stations)
    for station in stations:
        with case.offering(station.wire) as inward:
            case.expect(aggregate.client, inward.data, within=PROMPT)
    set_partner(aggregate, case.wires[1], key=OTHER_KEY)
    left = lacpdu(Synchronization=0, Collecting=0, Distributing=0)
    case.expect(stations[1], left, within=PROMPT)
    case.run_for(PROMPT)
    with case.offering(case.wires[1]) as foreign, case.offering(aggregate, FLOWS) as outward:
        case.never(aggregate.client, foreign.data, during=BRING_UP_TIME)
        case.never(stations[1], outward.data, during=PROMPT)
