"""Links that come and go at random (43.4.12)."""

from __future__ import annotations

import random

from harness.case import Case, claims, lacpdu, spread
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.wire.wire import Wire
from testcases.conformance.fd.moving import MOVING

FLAPS = 50
LONGEST = 0.5 * FAST_PERIODIC_TIME
"""Seconds between two events: most come while the one before is being dealt with."""

DISTRIBUTES = lacpdu(Synchronization=1, Collecting=1, Distributing=1)

FLOWS = 16
"""Conversations, some on every link."""


def flap(case: Case, wire: Wire) -> None:
    """Take the carrier of a wire, or give it back; it is not taken more often than the bench lets it."""
    if not wire.up:
        wire.restore()
        return
    wait = wire.downs[-1][0] + case.bench.lab.limits.flap_period - case.now() if wire.downs else 0.0
    if wait > 0:
        case.run_for(wait)
    wire.cut()


@claims("CF-08", wires=2, needs=["cut", "spreads"], seconds=24)
def test_storm(case: Case) -> None:
    """After 50 flaps at random moments every link distributes, and carries data"""
    lag = case.bundle(len(case.wires[: case.pics.max_ports]))
    chance = random.Random(FLAPS)  # the same storm in every run
    for _ in range(FLAPS):
        flap(case, chance.choice(lag.stations).wire)
        case.run_for(chance.uniform(0, LONGEST))
    for station in lag.stations:
        station.wire.restore()
    since = case.now()
    for station in lag.stations:
        case.expect(station, DISTRIBUTES, since=since, within=case.now() - since + BRING_UP_TIME)
    case.run_for(MOVING)  # to the links that came last
    with case.offering(lag.aggregate, spread(case, lag.aggregate, lag.stations).some(FLOWS)) as outward:
        for station in lag.stations:
            case.expect(station, outward.data, within=BRING_UP_TIME)
    for station in lag.stations:
        with case.offering(station.wire) as inward:
            case.expect(lag.aggregate.client, inward.data, within=FAST_PERIODIC_TIME)
