"""Mux machine (43.4.15), with independent and with coupled control of Collecting and Distributing.

Synchronization of the Actor says that the port is attached to the Aggregator it should be; Distributing is
only ever set where Collecting is, and Collecting where Synchronization is. A port that becomes UNSELECTED
goes back state by state to DETACHED, whatever the Selection Logic wants next.
"""

from __future__ import annotations

from enum import StrEnum

from agr.core.constants import Aggregate_Wait_Time
from agr.core.machine import Action, Arc, Machine, always
from agr.core.outputs import CollectingChanged, DistributingChanged
from agr.core.port import Port
from agr.core.states import LeaveState, MuxState, Selected

_DETACHED = MuxState.DETACHED
_WAITING = MuxState.WAITING
_ATTACHED = MuxState.ATTACHED
_COLLECTING = MuxState.COLLECTING
_DISTRIBUTING = MuxState.DISTRIBUTING
_COLLECTING_DISTRIBUTING = MuxState.COLLECTING_DISTRIBUTING

# 43.4.9, functions: the host is told of changes only


def Enable_Collecting(port: Port) -> None:
    """Received frames are the client's from now on."""
    if not port.collecting:
        port.collecting = True
        port.emit(CollectingChanged(port.name, True))


def Disable_Collecting(port: Port) -> None:
    """Received frames are discarded from now on; after a farewell, when the partner stops (`leaving`)."""
    if port.collecting and port.leave_state not in (LeaveState.FAREWELL_DUE, LeaveState.FAREWELL):
        port.collecting = False
        port.emit(CollectingChanged(port.name, False))


def Enable_Distributing(port: Port) -> None:
    """The client's frames may leave on the port from now on."""
    if not port.distributing:
        port.distributing = True
        _redistribute(port)
        port.emit(DistributingChanged(port.name, True))


def Disable_Distributing(port: Port) -> None:
    """No frame of the client leaves on the port from now on."""
    if port.distributing:
        port.distributing = False
        _redistribute(port)
        port.emit(DistributingChanged(port.name, False))


def _redistribute(port: Port) -> None:
    aggregator = port.aggregator
    aggregator.distributor.set_ports(member.name for member in aggregator.ports if member.distributing)


# Actions


def _detach(port: Port, now: float) -> None:
    port.Actor_Oper_Port_State.Synchronization = False
    _stop_distributing(port, now)
    _stop_collecting(port, now)
    port.wait_while_timer.stop()
    port.NTT = True


def _wait(port: Port, now: float) -> None:
    port.wait_while_timer.start(now, Aggregate_Wait_Time)


def _attach(port: Port, now: float) -> None:
    port.wait_while_timer.stop()
    if not port.Actor_Oper_Port_State.Synchronization:
        port.debug.ActorSyncTransitionCount += 1
    port.Actor_Oper_Port_State.Synchronization = True
    _stop_distributing(port, now)
    _stop_collecting(port, now)
    port.NTT = True


def _collect(port: Port, now: float) -> None:
    Enable_Collecting(port)
    port.Actor_Oper_Port_State.Collecting = True
    _stop_distributing(port, now)
    port.NTT = True


def _distribute(port: Port, now: float) -> None:
    port.Actor_Oper_Port_State.Distributing = True
    Enable_Distributing(port)


def _collect_and_distribute(port: Port, now: float) -> None:
    Enable_Collecting(port)
    port.Actor_Oper_Port_State.Collecting = True
    _distribute(port, now)
    port.NTT = True


def _stop_collecting(port: Port, now: float) -> None:
    port.Actor_Oper_Port_State.Collecting = False
    Disable_Collecting(port)


def _stop_distributing(port: Port, now: float) -> None:
    Disable_Distributing(port)
    port.Actor_Oper_Port_State.Distributing = False


# Conditions


def _unselected(port: Port) -> bool:
    return port.Selected is Selected.UNSELECTED


def _selected_or_standby(port: Port) -> bool:
    return port.Selected is not Selected.UNSELECTED


def _selected_and_ready(port: Port) -> bool:
    return port.Selected is Selected.SELECTED and port.aggregator.Ready


def _not_selected(port: Port) -> bool:
    return port.Selected is not Selected.SELECTED


def _partner_in_sync(port: Port) -> bool:
    return port.Selected is Selected.SELECTED and port.Partner_Oper_Port_State.Synchronization


def _partner_not_in_sync(port: Port) -> bool:
    return not _partner_in_sync(port)


def _partner_collects(port: Port) -> bool:
    return _partner_in_sync(port) and port.Partner_Oper_Port_State.Collecting


def _partner_does_not_collect(port: Port) -> bool:
    return not _partner_collects(port)


_ENTRY: dict[StrEnum, tuple[Action, ...]] = {
    _DETACHED: (_detach,),
    _WAITING: (_wait,),
    _ATTACHED: (_attach,),
    _COLLECTING: (_collect,),
    _DISTRIBUTING: (_distribute,),
    _COLLECTING_DISTRIBUTING: (_collect_and_distribute,),
}

_COMMON: tuple[Arc, ...] = (
    (_DETACHED, _selected_or_standby, _WAITING),
    (_WAITING, _unselected, _DETACHED),
    (_WAITING, _selected_and_ready, _ATTACHED),
    (_ATTACHED, _not_selected, _DETACHED),
)

INDEPENDENT_CONTROL = Machine(
    "mux",
    arcs=(
        *_COMMON,
        (_ATTACHED, _partner_in_sync, _COLLECTING),
        (_COLLECTING, _partner_not_in_sync, _ATTACHED),
        (_COLLECTING, _partner_collects, _DISTRIBUTING),
        (_DISTRIBUTING, _partner_does_not_collect, _COLLECTING),
        # Control was coupled until now
        (_COLLECTING_DISTRIBUTING, always, _ATTACHED),
    ),
    entry=_ENTRY,
)

COUPLED_CONTROL = Machine(
    "mux",
    arcs=(
        *_COMMON,
        (_ATTACHED, _partner_in_sync, _COLLECTING_DISTRIBUTING),
        (_COLLECTING_DISTRIBUTING, _partner_not_in_sync, _ATTACHED),
        # Control was independent until now
        (_COLLECTING, always, _ATTACHED),
        (_DISTRIBUTING, always, _ATTACHED),
    ),
    entry=_ENTRY,
)


def mux_machine(port: Port) -> Machine:
    """The figure that holds for ``port``."""
    return COUPLED_CONTROL if port.aggregator.admin.control == "coupled" else INDEPENDENT_CONTROL
