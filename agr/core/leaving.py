"""Planned detach of a port: its conversations move off, its partner is told, and what it still sends arrives.

The conversations wait for a link that is to take them: one that stood by is brought up first (43.6.1).
Only then is the port UNSELECTED, and the PDU says so with Sync=Coll=Dist=0. Frames that are under way are
delivered until the partner sends no more. Every state has a time limit, so the whole takes at most what a
link that is to take over has yet to wait (Aggregate_Wait_Time at most), Departure_Time, the delay by the
limit of three LACPDUs a second, and Farewell_Time.
"""

from __future__ import annotations

from agr.core.constants import Departure_Time, Farewell_Time
from agr.core.machine import Machine
from agr.core.moves import alive
from agr.core.mux import Disable_Collecting
from agr.core.periodic import no_periodic
from agr.core.port import Port
from agr.core.standby import heard
from agr.core.states import LeaveState, Selected

_STAYING = LeaveState.STAYING
_MOVING = LeaveState.MOVING
_FAREWELL_DUE = LeaveState.FAREWELL_DUE
_FAREWELL = LeaveState.FAREWELL
_GONE = LeaveState.GONE


# Actions


def _begin(port: Port, now: float) -> None:
    waits = [
        other.wait_while_timer.deadline - now
        for other in port.aggregator.ports
        if _may_come(other) and other.wait_while_timer.deadline is not None
    ]
    port.leave_timer.start(now, max(waits, default=0.0) + Departure_Time)


def _unselect(port: Port, now: float) -> None:
    port.leave_timer.stop()
    port.leaving = True
    port.NTT = True


def _wait(port: Port, now: float) -> None:
    port.leave_timer.start(now, Farewell_Time)


def _stop(port: Port, now: float) -> None:
    port.leave_timer.stop()
    Disable_Collecting(port)


# Conditions


def _moved(port: Port) -> bool:
    moves = port.aggregator.moves
    if not alive(port) or port.leave_timer.expired:
        return True
    if moves.targets:
        return not moves.leaving(port)
    return not (port.distributing and any(map(_coming, port.aggregator.ports)))


def _coming(other: Port) -> bool:
    """Whether it is to take conversations soon, as a link that stood by (43.6.1)."""
    return other.Selected is Selected.SELECTED and _may_come(other)


def _may_come(other: Port) -> bool:
    return other.leave_state is _STAYING and heard(other)


def _speechless(port: Port) -> bool:
    return no_periodic(port) and not port.aggregator.moves.leaving(port)


def _said(port: Port) -> bool:
    return not (port.NTT or no_periodic(port))


def _over(port: Port) -> bool:
    partner = port.Partner_Oper_Port_State
    stopped = not (partner.Synchronization and partner.Distributing)
    waited = stopped or port.leave_timer.expired or not port.port_enabled
    return waited and not port.aggregator.moves.leaving(port)


LEAVE = Machine(
    "leave",
    arcs=(
        (_MOVING, _moved, _FAREWELL_DUE),
        (_FAREWELL_DUE, _speechless, _GONE),
        (_FAREWELL_DUE, _said, _FAREWELL),
        (_FAREWELL, _over, _GONE),
    ),
    entry={
        _STAYING: (),
        _MOVING: (_begin,),
        _FAREWELL_DUE: (_unselect,),
        _FAREWELL: (_wait,),
        _GONE: (_stop,),
    },
)


def cancel(port: Port, now: float) -> None:
    """The port does not leave as planned after all."""
    if port.leave_state is not _STAYING:
        delivers = port.leave_state is not _MOVING
        LEAVE.enter(port, now, _STAYING)
        port.leave_timer.stop()
        if delivers:
            Disable_Collecting(port)
