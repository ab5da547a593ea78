"""Churn Detection machines (43.4.17): a side out of sync for Churn_Detection_Time is declared churning.

While the port is disabled the monitor does not run, so the time counts from port_enabled.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from agr.core.constants import Churn_Detection_Time
from agr.core.machine import ANY, Machine
from agr.core.port import Port
from agr.core.states import ActorChurnState, PartnerChurnState
from agr.core.timer import Timer


def _actor_sync(port: Port) -> bool:
    return port.Actor_Oper_Port_State.Synchronization


def _partner_sync(port: Port) -> bool:
    return port.Partner_Oper_Port_State.Synchronization


def _machine(
    side: str, sync: Callable[[Port], bool], MONITOR: StrEnum, NO_CHURN: StrEnum, CHURN: StrEnum
) -> Machine:
    """The machine of one ``side``, "actor" or "partner"; their figures differ in names only."""

    def timer(port: Port) -> Timer:
        found: Timer = getattr(port, f"{side}_churn_timer")
        return found

    def monitor_due(port: Port) -> bool:
        runs = timer(port).deadline is not None or timer(port).expired
        return runs != port.port_enabled

    def monitor(port: Port, now: float) -> None:
        timer(port).stop()
        if port.port_enabled:
            timer(port).start(now, Churn_Detection_Time)

    def churn(port: Port, now: float) -> None:
        port.debug.count_churn(side)

    return Machine(
        f"{side}_churn",
        arcs=(
            (ANY, lambda port: not port.port_enabled, MONITOR),
            (MONITOR, monitor_due, MONITOR),
            (MONITOR, lambda port: port.port_enabled and sync(port), NO_CHURN),
            (MONITOR, lambda port: timer(port).expired, CHURN),
            (NO_CHURN, lambda port: not sync(port), MONITOR),
            (CHURN, sync, NO_CHURN),
        ),
        entry={MONITOR: (monitor,), NO_CHURN: (), CHURN: (churn,)},
    )


ACTOR_CHURN = _machine(
    "actor",
    _actor_sync,
    ActorChurnState.ACTOR_CHURN_MONITOR,
    ActorChurnState.NO_ACTOR_CHURN,
    ActorChurnState.ACTOR_CHURN,
)
PARTNER_CHURN = _machine(
    "partner",
    _partner_sync,
    PartnerChurnState.PARTNER_CHURN_MONITOR,
    PartnerChurnState.NO_PARTNER_CHURN,
    PartnerChurnState.PARTNER_CHURN,
)
