"""Runs the machines of an Aggregator's ports to rest, and time up to a given moment.

Each event (a frame, a change by the host, a timer) is followed by rounds of: Receive of every port,
Selection, then Mux, Churn Detection and Periodic Transmission of every port; until a round changes nothing.
Receive comes first because the others read what it records, Selection before Mux because Mux obeys it,
Periodic last because nobody reads it. Then Transmit, once a port: what it sends is the state at rest.

Most events are a LACPDU that says nothing new and the end of a period. Then Receive and Periodic of that port
are all that has work to do: what the other machines read is as it was when they came to rest.
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


def meet_partner(port: Port, now: float) -> None:
    """Begin with the administrative partner again (43.4.12, INITIALIZE)."""
    RECEIVE.enter(port, now, ReceiveState.INITIALIZE)


def settle(aggregator: Aggregator, now: float, ports: Iterable[Port] | None = None) -> bool:
    """Run the machines until none has an arc to take.

    ``ports``: something may have happened to these only, a LACPDU or a timer; None: to any, of any kind.
    Returns whether more came of it than Receive and Periodic of these ports.
    Raises RuntimeError where they would run for ever: the tables contradict one another.
    """
    if ports is not None and all(_settle_alone(port, now) for port in ports):
        return False
    for _ in range(_MOST_ROUNDS):
        if not _round(aggregator, now):
            break
    else:
        raise RuntimeError(f"the machines do not come to rest: {[str(port) for port in aggregator.ports]}")
    aggregator.note_change(now)
    for port in aggregator.ports:
        transmit.drop_NTT(port)
        port.at_rest = _seen(port)
    return True


def _settle_alone(port: Port, now: float) -> bool:
    """Run Receive and Periodic. Returns False where something changed that another machine reads."""
    while RECEIVE.step(port, now):
        if _seen(port) != port.at_rest:
            return False
    if _seen(port) != port.at_rest:
        return False
    while PERIODIC.step(port, now):
        pass
    transmit.drop_NTT(port)
    return True


def _seen(port: Port) -> tuple[object, ...]:
    """All that Selection and the machines but Receive and Periodic read, where an event may change it."""
    return (
        port.receive_state,
        port.port_moved,
        port.Selected,
        port.Actor_Oper_Port_State.octet(),
        port.Partner_Oper_Port_State.octet(),
        port.Partner_Oper_System,
        port.Partner_Oper_System_Priority,
        port.Partner_Oper_Key,
        port.Partner_Oper_Port_Number,
        port.Partner_Oper_Port_Priority,
        [timer.expired for timer in port.timers if timer is not port.periodic_timer],
    )


def _round(aggregator: Aggregator, now: float) -> bool:
    changed = False
    for port in aggregator.ports:
        changed |= RECEIVE.step(port, now)
    changed |= select(aggregator)
    for port in aggregator.ports:
        changed |= mux_machine(port).step(port, now)
        changed |= ACTOR_CHURN.step(port, now)
        changed |= PARTNER_CHURN.step(port, now)
        changed |= PERIODIC.step(port, now)
    return changed


def next_timer(aggregator: Aggregator) -> float | None:
    """The earliest deadline of a running timer."""
    deadlines = [
        timer.deadline for port in aggregator.ports for timer in port.timers if timer.deadline is not None
    ]
    return min(deadlines, default=None)


def deadline(aggregator: Aggregator, now: float) -> float | None:
    """When the next timer expires, or the next LACPDU may leave that NTT asks for and the limit delays."""
    times = [transmit.allowed_at(port, now) for port in aggregator.ports if port.NTT]
    timer = next_timer(aggregator)
    return min(times if timer is None else [*times, timer], default=None)


def fire(aggregator: Aggregator, now: float) -> list[Port]:
    """Expire every timer that is due at ``now``. Returns the ports that had one."""
    fired = [port for port in aggregator.ports for timer in port.timers if timer.fire(now)]
    return list(dict.fromkeys(fired))
