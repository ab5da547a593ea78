"""Aggregates with one key: two systems may use the same number (43.3.5, 43.3.6)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu, step_missed
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT

KEY = 0x0303


@claims("AG-13", "SL-13", wires=2, needs=["agr_manual", "several_aggregates", "set_key"], seconds=9)
def test_same_key_of_two_systems(case: Case) -> None:
    """Two aggregates, each a system of its own, may have one key, and both carry"""
    wires = case.wires[:2]
    stations = [case.station(wire) for wire in wires]
    for station in stations:
        station.start()
    aggregates = [case.aggregate([wire], f"agr{number}", key=KEY) for number, wire in enumerate(wires)]
    case.distributing(stations)
    said = [
        case.expect(station, lacpdu(Distributing=1), within=2 * FAST_PERIODIC_TIME, premise=step_missed).actor
        for station in stations
    ]
    keys = [actor.key for actor in said]
    case.equal(keys, [KEY, KEY], "the keys of both aggregates", row="AG-13")
    systems = [actor.system for actor in said]
    case.check(systems[0] != systems[1], "two LAGs by their systems", systems, row="SL-13")
    for aggregate, wire in zip(aggregates, wires, strict=True):
        with case.offering(aggregate) as outward, case.offering(wire) as inward:
            case.check_frame(wire, outward.data, within=PROMPT, row="AG-13")
            case.check_frame(aggregate.client, inward.data, within=PROMPT, row="AG-13")
