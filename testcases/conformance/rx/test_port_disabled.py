"""Receive machine: PORT_DISABLED (43.4.12)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu, sequences
from harness.timers import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME, TIMER_TOLERANCE

FLOWS = 16
"""Conversations, enough for each of two links to carry some."""


@claims("RX-03", wires=1, needs=("cut", "active"), seconds=8)
def test_comes_back_without_synchronization(case: Case) -> None:
    """A port that lost its carrier does not collect or distribute for a partner that is gone"""
    lag = case.bundle()
    station, wire = lag.station, lag.station.wire
    with case.offering(lag.aggregate) as offer:
        case.expect(station, offer.data, within=PROMPT, premise=True)
        station.silence()
        wire.cut()
        case.run_for(FAST_PERIODIC_TIME)
        up = case.link_up(wire)
        soon = up.done - up.ordered + FAST_PERIODIC_TIME + TIMER_TOLERANCE + case.late
        case.expect(station, any_lacpdu(), since=up.ordered, within=soon, premise=True)
        window = {"since": up.ordered, "during": SHORT_TIMEOUT_TIME - TIMER_TOLERANCE}
        case.never(station, lacpdu(Collecting=1), **window)
        case.never(station, lacpdu(Distributing=1), **window)
        case.never(station, offer.data, **window)


@claims("RX-03", wires=2, needs=("cut",), seconds=8)
def test_dead_link_carries_nothing(case: Case) -> None:
    """A port without carrier stops distributing: its conversations go on over the other link"""
    lag = case.bundle(2)
    dead, alive = lag.stations
    moved = case.bench.lab.limits.failover_loss
    with case.offering(lag.aggregate, FLOWS) as offer:
        for station in lag.stations:
            case.expect(station, offer.data, within=PROMPT, premise=True)
        dead.silence()
        dead.wire.cut()
        cut = case.now()
        frames = case.frames(alive, offer.data, since=cut + moved, during=FAST_PERIODIC_TIME)
    case.equal(
        len(sequences(frames)), FLOWS, f"{moved:g} s after the cut, conversations on {alive.wire.name}:"
    )
