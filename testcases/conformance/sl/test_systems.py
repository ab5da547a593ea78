"""Several aggregates of one System: its LAG IDs hold the own key (43.3.3, 43.3.6)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu, step_missed
from harness.dut.implementation import Aggregate
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station

SYSTEM = "02:00:5e:00:53:77"
KEYS = (0x0101, 0x0202)
FLOWS = 16


@claims(
    "SL-07",
    "SL-13",
    wires=2,
    needs=["several_aggregates", "shared_system", "set_key"],
    whole=["system-id"],
    seconds=14,
)
def test_two_keys_of_one_system(case: Case) -> None:
    """Two aggregates of one System have a LAG each, with the same partner at the other ends"""
    wires = case.wires[:2]
    stations = [case.station(wire) for wire in wires]
    for station in stations:
        station.start()
    aggregates = [
        case.aggregate([wire], f"agr{number}", system_id=SYSTEM, key=case.key(key))
        for number, (wire, key) in enumerate(zip(wires, KEYS, strict=True))
    ]
    case.distributing(stations)
    said = [
        case.expect(station, lacpdu(Distributing=1), within=2 * FAST_PERIODIC_TIME, premise=step_missed).actor
        for station in stations
    ]
    for actor in said:
        case.equal(actor.system, SYSTEM, "Actor_System", row="SL-13")
    tuples = [(actor.system_priority, actor.system, actor.key) for actor in said]
    case.check(tuples[0] != tuples[1], "system priority, system and key that differ", tuples[0], row="SL-13")
    ports = [actor.port for actor in said]
    case.check(ports[0] != ports[1], "two port numbers in one System", ports[0], row="SL-13")
    for aggregate, own, other in zip(aggregates, stations, reversed(stations), strict=True):
        apart(case, aggregate, own, other)


def apart(case: Case, aggregate: Aggregate, own: Station, other: Station) -> None:
    """FAIL unless an aggregate's frames leave on its own link alone, and what comes there reaches it."""
    with case.offering(aggregate, FLOWS) as offer:
        case.check_frame(own, offer.data, within=PROMPT, row="SL-07")
        case.never(other, offer.data, during=PROMPT, row="SL-07")
    with case.offering(own.wire) as inward:
        case.check_frame(aggregate.client, inward.data, within=PROMPT, row="SL-07")
    with case.offering(other.wire) as foreign:
        case.never(aggregate.client, foreign.data, during=PROMPT, row="SL-07")


@claims(
    "SL-13", wires=1, needs=["several_aggregates", "shared_system", "set_key"], whole=["system-id"], seconds=5
)
def test_one_key_twice(case: Case) -> None:
    """A second aggregate with the same system priority, system and key is refused, or has another key"""
    case.aggregate(case.wires[:1], system_id=SYSTEM, key=case.key(KEYS[0]))
    with case.refusal("the same system and key for a second aggregate", "key"):
        case.aggregate([], "agr1", system_id=SYSTEM, key=case.key(KEYS[0]))


@claims("SL-13", "AG-14", wires=1, needs=["several_aggregates", "set_key", "agr_manual", "get"], seconds=6)
def test_one_key_without_ports(case: Case) -> None:
    """Aggregates that are no System yet, having no port, may have one key"""
    first, second = (case.aggregate([], name) for name in ("agr0", "agr1"))
    first.set("key", case.key(KEYS[0]))
    second.set("key", case.key(KEYS[0]))
    case.equal(second.get("key"), case.key(KEYS[0]), "the second one's key", row="SL-13")
    case.equal(first.get("key"), case.key(KEYS[0]), "the key of an aggregate without ports", row="AG-14")


@claims("SL-13", wires=1, needs=["several_aggregates", "shared_system", "set_key", "set_system_priority",
        "get"], whole=["system-id", "system-priority"], seconds=4)  # fmt: skip
def test_one_key_of_two_systems(case: Case) -> None:
    """Aggregates of two Systems, which differ in their system priority alone, may have one key"""
    case.aggregate(case.wires[:1], system_id=SYSTEM, key=case.key(KEYS[0]), system_priority=1)
    second = case.aggregate([], "agr1", system_id=SYSTEM, system_priority=2)
    second.set("key", case.key(KEYS[0]))
    case.equal(second.get("key"), case.key(KEYS[0]), "the second one's key")
