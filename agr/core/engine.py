"""Runs the machines of all ports to rest, and time up to a given moment.

Each event (a frame, a change by the host, a timer) is followed by rounds of: Receive of every port, Selection
of every Aggregator, then Mux, Churn Detection and Periodic Transmission of every port; until a round changes
nothing. Receive comes first because the others read what it records, Selection before Mux because Mux obeys
it, Periodic last because nobody reads it. Then Transmit, once a port: what it sends is the state at rest.
"""

from __future__ import annotations

from collections.abc import Iterable

from agr.core import transmit
from agr.core.aggregator import Aggregator
from agr.core.churn import ACTOR_CHURN, PARTNER_CHURN
from agr.core.mux import mux_machine
from agr.core.periodic import PERIODIC
from agr.core.port import Port
from agr.core.receive import RECEIVE
from agr.core.redistribution import redistribute
from agr.core.selection import select
from agr.core.states import (
    ActorChurnState,
    MuxState,
    PartnerChurnState,
    PeriodicState,
    ReceiveState,
)

# The longest walk, from DISTRIBUTING by DETACHED to WAITING with a new partner, takes less than ten.
_MOST_ROUNDS = 100


def begin(port: Port, now: float) -> None:
    """BEGIN (43.4.8): every machine enters its first state."""
    RECEIVE.enter(port, now, ReceiveState.INITIALIZE)
    mux_machine(port).enter(port, now, MuxState.DETACHED)
    PERIODIC.enter(port, now, PeriodicState.NO_PERIODIC)
    ACTOR_CHURN.enter(port, now, ActorChurnState.ACTOR_CHURN_MONITOR)
    PARTNER_CHURN.enter(port, now, PartnerChurnState.PARTNER_CHURN_MONITOR)


def settle(aggregators: Iterable[Aggregator], now: float) -> None:
    """Run the machines until none has an arc to take.

    Raises RuntimeError where they would run for ever: the tables contradict one another.
    """
    aggregators = list(aggregators)
    ports = [port for aggregator in aggregators for port in aggregator.ports]
    for _ in range(_MOST_ROUNDS):
        if not _round(aggregators, ports, now):
            break
    else:
        raise RuntimeError(f"the machines do not come to rest: {[str(port) for port in ports]}")
    for port in ports:
        transmit.drop_NTT(port)
    for aggregator in aggregators:
        redistribute(aggregator)


def _round(aggregators: list[Aggregator], ports: list[Port], now: float) -> bool:
    changed = False
    for port in ports:
        changed |= RECEIVE.step(port, now)
    for aggregator in aggregators:
        changed |= select(aggregator)
    for port in ports:
        changed |= mux_machine(port).step(port, now)
        changed |= ACTOR_CHURN.step(port, now)
        changed |= PARTNER_CHURN.step(port, now)
        changed |= PERIODIC.step(port, now)
    return changed


def next_timer(ports: Iterable[Port]) -> float | None:
    """The earliest deadline of a running timer."""
    deadlines = [timer.deadline for port in ports for timer in port.timers if timer.deadline is not None]
    return min(deadlines, default=None)


def fire(ports: Iterable[Port], now: float) -> None:
    """Expire every timer that is due at ``now``."""
    for port in ports:
        for timer in port.timers:
            timer.fire(now)
