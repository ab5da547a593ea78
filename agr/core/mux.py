"""Mux machine (43.4.15), with independent and with coupled control of Collecting and Distributing.

Synchronization of the Actor says that the port is attached to the Aggregator it should be; Distributing is
only ever set where Collecting is, and Collecting where Synchronization is. A port that becomes UNSELECTED
goes back state by state to DETACHED, whatever the Selection Logic wants next.
"""

from __future__ import annotations

from enum import StrEnum

from agr.core.constants import Aggregate_Wait_Time
from agr.core.machine import UCT, Action, Arc, Condition, Machine
from agr.core.outputs import CollectingChanged, DistributingChanged
from agr.core.states import DetachState, MuxState, Selected
from agr.core.variables import Port

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
    """Received frames are discarded from now on; in a planned detach, when the partner stops (`detach`).

    There it is in DETACHED before the partner has been told.
    """
    if port.collecting and port.detach_state is not DetachState.TELL_PARTNER:
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

unselected = Condition[Port]("Selected = UNSELECTED", lambda port: port.Selected is Selected.UNSELECTED)
selected_or_standby = Condition[Port](
    "Selected = SELECTED or STANDBY", lambda port: port.Selected is not Selected.UNSELECTED
)
ready = Condition[Port](
    "Selected = SELECTED and Ready = TRUE",
    lambda port: port.Selected is Selected.SELECTED and port.aggregator.Ready,
)
not_selected = Condition[Port](
    "Selected = UNSELECTED or STANDBY", lambda port: port.Selected is not Selected.SELECTED
)
partner_in_sync = Condition[Port](
    "Selected = SELECTED and Partner Synchronization = TRUE",
    lambda port: port.Selected is Selected.SELECTED and port.Partner_Oper_Port_State.Synchronization,
)
partner_not_in_sync = Condition[Port](
    "Selected = UNSELECTED or STANDBY, or Partner Synchronization = FALSE",
    lambda port: not partner_in_sync.holds(port),
)
partner_collects = Condition[Port](
    "Selected = SELECTED and Partner Synchronization = TRUE and Partner Collecting = TRUE",
    lambda port: partner_in_sync.holds(port) and port.Partner_Oper_Port_State.Collecting,
)
partner_does_not_collect = Condition[Port](
    "Selected = UNSELECTED or STANDBY, or Partner Synchronization = FALSE, or Partner Collecting = FALSE",
    lambda port: not partner_collects.holds(port),
)

_ENTRY: dict[StrEnum, tuple[Action[Port], ...]] = {
    _DETACHED: (_detach,),
    _WAITING: (_wait,),
    _ATTACHED: (_attach,),
    _COLLECTING: (_collect,),
    _DISTRIBUTING: (_distribute,),
    _COLLECTING_DISTRIBUTING: (_collect_and_distribute,),
}

_COMMON: tuple[Arc[Port], ...] = (
    (_DETACHED, selected_or_standby, _WAITING),
    (_WAITING, unselected, _DETACHED),
    (_WAITING, ready, _ATTACHED),
    (_ATTACHED, not_selected, _DETACHED),
)

INDEPENDENT_CONTROL = Machine[Port](
    "mux",
    "43.4.15, independent control",
    arcs=(
        *_COMMON,
        (_ATTACHED, partner_in_sync, _COLLECTING),
        (_COLLECTING, partner_not_in_sync, _ATTACHED),
        (_COLLECTING, partner_collects, _DISTRIBUTING),
        (_DISTRIBUTING, partner_does_not_collect, _COLLECTING),
        # Control was coupled until now
        (_COLLECTING_DISTRIBUTING, UCT, _ATTACHED),
    ),
    entry=_ENTRY,
)

COUPLED_CONTROL = Machine[Port](
    "mux",
    "43.4.15, coupled control",
    arcs=(
        *_COMMON,
        (_ATTACHED, partner_in_sync, _COLLECTING_DISTRIBUTING),
        (_COLLECTING_DISTRIBUTING, partner_not_in_sync, _ATTACHED),
        # Control was independent until now
        (_COLLECTING, UCT, _ATTACHED),
        (_DISTRIBUTING, UCT, _ATTACHED),
    ),
    entry=_ENTRY,
)


def mux_machine(port: Port) -> Machine[Port]:
    """The figure that holds for ``port``."""
    return COUPLED_CONTROL if port.aggregator.admin.control == "coupled" else INDEPENDENT_CONTROL
