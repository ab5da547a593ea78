"""Two Aggregators of one System with LAGs to the same partner (43.3.6, 43.4.14.1 e and f)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.case import Case, claims, lacpdu
from harness.dut.implementation import Aggregate
from harness.profile.constants import PROMPT
from harness.wire.station import Station

SYSTEM = "02:00:5e:00:53:78"
KEYS, THEIRS = (0x0102, 0x0203), (0x0A01, 0x0A02)
FLOWS = 16


def on_its_own(case: Case, aggregate: Aggregate, own: Sequence[Station], others: Sequence[Station]) -> None:
    """FAIL unless an aggregate's frames leave on its own links, what comes there reaches it, and no other."""
    case.run_for(case.pics.change_pause)  # for which it may carry nothing after a change
    since = case.now()
    with case.offering(aggregate, FLOWS) as outward:
        case.run_for(PROMPT)
    used = [one.wire.name for one in own if any(map(outward.data, one.wire.received(since)))]
    case.check(bool(used), f"frames of {aggregate.name}'s client on one of its links", "none")
    for one in others:
        seen = sum(map(outward.data, one.wire.received(since)))
        case.check(not seen, f"no frame of {aggregate.name}'s client on {one.wire.name}", seen)
    for one in own:
        with case.offering(one.wire) as inward:
            case.expect(aggregate.client, inward.data, within=PROMPT)
    for one in others:
        with case.offering(one.wire) as foreign:
            case.never(aggregate.client, foreign.data, during=PROMPT)


@claims(
    "SL-28",
    wires=4,
    needs=["several_aggregates", "shared_system", "set_key"],
    whole=["system-id"],
    seconds=34,
)
def test_two_lags(case: Case) -> None:
    """Two LAGs between the same two Systems carry each its own, also when a cable is moved to the other"""
    stations = [case.station(wire, key=THEIRS[place // 2]) for place, wire in enumerate(case.wires[:4])]
    for station in stations:
        station.start()
    one, two = (
        case.aggregate(
            case.wires[2 * place : 2 * place + 2], f"agr{place}", system_id=SYSTEM, key=case.key(key)
        )
        for place, key in enumerate(KEYS)
    )
    case.distributing(stations)
    first, moved, *rest = stations
    on_its_own(case, one, [first, moved], rest)
    on_its_own(case, two, rest, [first, moved])
    said = moved.say(key=THEIRS[1])
    case.expect(moved, lacpdu(Synchronization=0), since=said.time, within=PROMPT, premise="RX-24")
    case.run_for(PROMPT)
    on_its_own(case, one, [first], [moved, *rest])
    on_its_own(case, two, rest, [first, moved])
    moved.say(key=THEIRS[0])
    case.distributing([moved])
    on_its_own(case, one, [first, moved], rest)
