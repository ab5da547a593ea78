"""Periodic Transmission machine (43.4.13).

The period follows the partner's LACP_Timeout alone. A timer that expires starts the next period at its own
deadline, not when somebody looked at it, so the cadence does not drift.
"""

from __future__ import annotations

from agr.core.constants import Fast_Periodic_Time, Slow_Periodic_Time
from agr.core.machine import ANY, Machine
from agr.core.port import Port
from agr.core.states import PeriodicState

_NO_PERIODIC = PeriodicState.NO_PERIODIC
_FAST_PERIODIC = PeriodicState.FAST_PERIODIC
_SLOW_PERIODIC = PeriodicState.SLOW_PERIODIC
_PERIODIC_TX = PeriodicState.PERIODIC_TX


def no_periodic(port: Port) -> bool:
    """Whether nothing may be sent: LACP does not run here, or neither side is Active."""
    return (
        not port.LACP_Enabled
        or not port.port_enabled
        or not (port.Actor_Oper_Port_State.LACP_Activity or port.Partner_Oper_Port_State.LACP_Activity)
    )


def _partner_short(port: Port) -> bool:
    return port.Partner_Oper_Port_State.LACP_Timeout


def _partner_long(port: Port) -> bool:
    return not _partner_short(port)


def _timer_expired(port: Port) -> bool:
    return port.periodic_timer.expired


def _stop(port: Port, now: float) -> None:
    port.periodic_timer.stop()


def _start_fast(port: Port, now: float) -> None:
    port.periodic_timer.start(now, Fast_Periodic_Time)


def _start_slow(port: Port, now: float) -> None:
    port.periodic_timer.start(now, Slow_Periodic_Time)


def _need_to_transmit(port: Port, now: float) -> None:
    port.NTT = True


PERIODIC = Machine(
    "periodic",
    arcs=(
        (ANY, no_periodic, _NO_PERIODIC),
        (_NO_PERIODIC, lambda port: not no_periodic(port), _FAST_PERIODIC),
        (_FAST_PERIODIC, _partner_long, _SLOW_PERIODIC),
        (_FAST_PERIODIC, _timer_expired, _PERIODIC_TX),
        (_SLOW_PERIODIC, _partner_short, _PERIODIC_TX),
        (_SLOW_PERIODIC, _timer_expired, _PERIODIC_TX),
        (_PERIODIC_TX, _partner_short, _FAST_PERIODIC),
        (_PERIODIC_TX, _partner_long, _SLOW_PERIODIC),
    ),
    entry={
        _NO_PERIODIC: (_stop,),
        _FAST_PERIODIC: (_start_fast,),
        _SLOW_PERIODIC: (_start_slow,),
        _PERIODIC_TX: (_need_to_transmit,),
    },
)
