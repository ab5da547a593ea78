"""Identities with a zero in them, one's own that stays, keys that are derived (43.3.2, 43.3.5, 43.6.2)."""

from __future__ import annotations

import pytest

from harness.case import Case, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.pdu import State
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, SLOW_PERIODIC_TIME

WATCHED = AGGREGATE_WAIT_TIME + 3 * FAST_PERIODIC_TIME
ADMIN_KEY = 0x0404


@claims("SL-22", wires=1, seconds=7)
@pytest.mark.parametrize("field", ["key", "port"])
def test_zero(case: Case, field: str) -> None:
    """A partner whose key or port number is zero is taken like any other, or never heard, as declared"""
    station = case.station(case.wires[0], **{field: 0})
    case.aggregate(case.wires[:1])
    since = case.now()
    station.start()
    declared = case.pics.zero_partner
    case.report(f"zero_partner: {declared} is declared")
    if declared == "accept":
        system = {"system": station.info.system, field: 0}
        case.expect(station, lacpdu(Distributing=1, partner=system), since=since, within=BRING_UP_TIME)
    else:
        case.never(station, lacpdu(Synchronization=1), since=since, during=WATCHED)
        case.never(station, lacpdu(partner={"system": station.info.system}), since=since, during=WATCHED)
    fast = declared == "accept" or State.Timeout in case.partner_defaults.state
    case.expect(station, lacpdu(), within=2 * FAST_PERIODIC_TIME if fast else SLOW_PERIODIC_TIME)


@claims("SL-23", wires=2, needs=["system_id_stays", "control"], seconds=15)
def test_lender_leaves(case: Case) -> None:
    """Actor_System stays when the port leaves whose address it is"""
    lag = case.bundle(2)
    told = [
        case.expect(station, lacpdu(), within=2 * FAST_PERIODIC_TIME, premise="PT-01")
        for station in lag.stations
    ]
    lent = [frame.source == frame.actor.system for frame in told]
    case.report(f"ports whose address is Actor_System: {sum(lent)} of {len(lent)}")
    leaves = lent.index(True) if any(lent) else 0
    stays = lag.stations[1 - leaves]
    since = case.now()
    lag.aggregate.remove(lag.stations[leaves].wire.port)
    during = case.now() - since + WATCHED
    for frame in case.lacpdus([stays], since=since, during=during)[stays.wire.name]:
        case.equal(frame.actor.system, told[1 - leaves].actor.system, "Actor_System")
    case.expect(stays, lacpdu(Distributing=1), within=2 * FAST_PERIODIC_TIME)


@claims("SL-19", wires=2, needs=["dynamic_keys", "max_links", "set_key", "get"], seconds=12)
def test_dynamic_keys(case: Case) -> None:
    """A link that the limit leaves out has another operational key, and the administrative one is as set"""
    wires = case.wires[:2]
    stations = [case.station(wire) for wire in wires]
    for station in stations:
        station.start()
    aggregate = case.aggregate(wires, max_links=1, key=case.key(ADMIN_KEY))
    case.until(lambda: any(map(lacpdu(Distributing=1), wires[0].received() + wires[1].received())),
               within=BRING_UP_TIME)  # fmt: skip
    since = case.now()
    seen = case.lacpdus(stations, since=since, during=WATCHED)
    keys = {name: {frame.actor.key for frame in frames} for name, frames in seen.items()}
    case.report(f"operational keys by link: {keys}")
    case.equal(len(set.union(*keys.values())), 2, "operational keys of a link in use and one left out:")
    in_use = [name for name, frames in seen.items() if any(map(lacpdu(Distributing=1), frames))]
    case.equal(len(in_use), 1, "links in use:")
    case.equal(aggregate.get("key"), case.key(ADMIN_KEY), "the administrative key")
