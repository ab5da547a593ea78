"""Periodic Transmission machine (43.4.13).

The period follows the partner's LACP_Timeout alone. A timer that expires starts the next period at its own
deadline, not when somebody looked at it, so the cadence does not drift.
"""

from __future__ import annotations

from agr.core.constants import Fast_Periodic_Time, Slow_Periodic_Time
from agr.core.machine import ANY, Condition, Machine
from agr.core.states import PeriodicState
from agr.core.variables import Port

_NO_PERIODIC = PeriodicState.NO_PERIODIC
_FAST_PERIODIC = PeriodicState.FAST_PERIODIC
_SLOW_PERIODIC = PeriodicState.SLOW_PERIODIC
_PERIODIC_TX = PeriodicState.PERIODIC_TX


# Conditions

no_periodic = Condition[Port](
    "LACP_Enabled = FALSE, or port_enabled = FALSE, or Actor and Partner LACP_Activity = Passive LACP",
    lambda port: (
        not port.LACP_Enabled
        or not port.port_enabled
        or not (port.Actor_Oper_Port_State.LACP_Activity or port.Partner_Oper_Port_State.LACP_Activity)
    ),
)
periodic = Condition[Port](
    "LACP_Enabled = TRUE and port_enabled = TRUE and Actor or Partner LACP_Activity = Active LACP",
    lambda port: not no_periodic.holds(port),
)
partner_short = Condition[Port](
    "Partner LACP_Timeout = Short Timeout", lambda port: port.Partner_Oper_Port_State.LACP_Timeout
)
partner_long = Condition[Port](
    "Partner LACP_Timeout = Long Timeout", lambda port: not partner_short.holds(port)
)
timer_expired = Condition[Port]("periodic_timer expired", lambda port: port.periodic_timer.expired)


# Actions


def _stop(port: Port, now: float) -> None:
    port.periodic_timer.stop()


def _start_fast(port: Port, now: float) -> None:
    port.periodic_timer.start(now, Fast_Periodic_Time)


def _start_slow(port: Port, now: float) -> None:
    port.periodic_timer.start(now, Slow_Periodic_Time)


def _need_to_transmit(port: Port, now: float) -> None:
    port.NTT = True


PERIODIC = Machine[Port](
    "periodic",
    "43.4.13",
    arcs=(
        (ANY, no_periodic, _NO_PERIODIC),
        (_NO_PERIODIC, periodic, _FAST_PERIODIC),
        (_FAST_PERIODIC, partner_long, _SLOW_PERIODIC),
        (_FAST_PERIODIC, timer_expired, _PERIODIC_TX),
        (_SLOW_PERIODIC, partner_short, _PERIODIC_TX),
        (_SLOW_PERIODIC, timer_expired, _PERIODIC_TX),
        (_PERIODIC_TX, partner_short, _FAST_PERIODIC),
        (_PERIODIC_TX, partner_long, _SLOW_PERIODIC),
    ),
    entry={
        _NO_PERIODIC: (_stop,),
        _FAST_PERIODIC: (_start_fast,),
        _SLOW_PERIODIC: (_start_slow,),
        _PERIODIC_TX: (_need_to_transmit,),
    },
)
