"""Churn Detection machines (43.4.17): a side out of sync for Churn_Detection_Time is declared churning.

While the port is disabled the monitor does not run, so the time counts from port_enabled.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from agr.core.constants import Churn_Detection_Time
from agr.core.lacpdu import PortState
from agr.core.machine import ANY, Condition, Machine
from agr.core.states import ActorChurnState, PartnerChurnState
from agr.core.timer import Timer
from agr.core.variables import Port


def _actor_state(port: Port) -> PortState:
    return port.Actor_Oper_Port_State


def _partner_state(port: Port) -> PortState:
    return port.Partner_Oper_Port_State


def _machine(
    side: str,
    oper_port_state: Callable[[Port], PortState],
    MONITOR: StrEnum,
    NO_CHURN: StrEnum,
    CHURN: StrEnum,
) -> Machine[Port]:
    """The machine of one ``side``, "Actor" or "Partner"; their figures differ in names only."""
    variable = f"{side.lower()}_churn_timer"

    def timer(port: Port) -> Timer:
        found: Timer = getattr(port, variable)
        return found

    def monitors(port: Port) -> bool:
        return timer(port).deadline is not None or timer(port).expired

    port_disabled = Condition[Port]("port_enabled = FALSE", lambda port: not port.port_enabled)
    enabled_or_disabled = Condition[Port](
        "port_enabled has changed", lambda port: monitors(port) != port.port_enabled
    )
    in_sync = Condition[Port](
        f"{side}_Oper_Port_State.Synchronization = TRUE", lambda port: oper_port_state(port).Synchronization
    )
    enabled_in_sync = Condition[Port](
        f"port_enabled = TRUE and {in_sync.words}", lambda port: port.port_enabled and in_sync.holds(port)
    )
    out_of_sync = Condition[Port](
        f"{side}_Oper_Port_State.Synchronization = FALSE", lambda port: not in_sync.holds(port)
    )
    timer_expired = Condition[Port](f"{variable} expired", lambda port: timer(port).expired)

    def monitor(port: Port, now: float) -> None:
        timer(port).stop()
        if port.port_enabled:
            timer(port).start(now, Churn_Detection_Time)

    def churn(port: Port, now: float) -> None:
        port.debug.count_churn(side)

    return Machine(
        f"{side.lower()}_churn",
        "43.4.17",
        arcs=(
            (ANY, port_disabled, MONITOR),
            (MONITOR, enabled_or_disabled, MONITOR),
            (MONITOR, enabled_in_sync, NO_CHURN),
            (MONITOR, timer_expired, CHURN),
            (NO_CHURN, out_of_sync, MONITOR),
            (CHURN, in_sync, NO_CHURN),
        ),
        entry={MONITOR: (monitor,), NO_CHURN: (), CHURN: (churn,)},
    )


ACTOR_CHURN = _machine(
    "Actor",
    _actor_state,
    ActorChurnState.ACTOR_CHURN_MONITOR,
    ActorChurnState.NO_ACTOR_CHURN,
    ActorChurnState.ACTOR_CHURN,
)
PARTNER_CHURN = _machine(
    "Partner",
    _partner_state,
    PartnerChurnState.PARTNER_CHURN_MONITOR,
    PartnerChurnState.NO_PARTNER_CHURN,
    PartnerChurnState.PARTNER_CHURN,
)
