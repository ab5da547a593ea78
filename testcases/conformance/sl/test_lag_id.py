"""Selection: which links share a LAG (43.3.6, 43.4.14)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.case.case import BRING_UP_TIME
from harness.timers import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT

FLOWS = 64
"""Conversations, enough for a distribution over two links to use both."""


@claims("SL-01", wires=2, seconds=5, smoke=True)
def test_same_partner(case: Case) -> None:
    """Links with the same LAG ID become one LAG: one actor, one partner, one client"""
    lag = case.bundle(2)
    one, other = (case.expect(station, lacpdu(Distributing=1), within=2 * FAST_PERIODIC_TIME)
                  for station in lag.stations)  # fmt: skip
    for name in ("system_priority", "system", "key"):
        case.equal(getattr(other.actor, name), getattr(one.actor, name), f"Actor {name} on both links:")
        case.equal(getattr(other.partner, name), getattr(one.partner, name), f"Partner {name} on both links:")
    for station in lag.stations:
        with case.offering(station.wire) as inward:
            case.expect(lag.aggregate.client, inward.data, within=PROMPT)


@claims("SL-02", wires=2, seconds=10)
def test_different_partners(case: Case) -> None:
    """Links to two partners never carry the frames of one client both"""
    wires = case.wires[:2]
    stations = [case.station(wires[0]), case.station(wires[1], system="02:00:5e:00:53:02")]
    for station in stations:
        station.start()
    aggregate = case.aggregate(wires)

    def carrying() -> list[str]:
        return [station.wire.name for station in stations if any(map(offer.data, station.wire.received()))]

    with case.offering(aggregate, FLOWS) as offer:
        case.until(carrying, within=BRING_UP_TIME)
        case.run_for(AGGREGATE_WAIT_TIME + 2 * FAST_PERIODIC_TIME)
    names = carrying()
    case.check(len(names) == 1, "the client's frames on one of the two links", ", ".join(names) or "on none")
