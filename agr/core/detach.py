"""Planned detach of a port: its conversations move off, its partner is told, and what it still sends arrives.

The conversations wait for a link that is to take them: one that stood by is brought up first (43.6.1).
Only then is the port UNSELECTED, and a LACPDU says so with Sync=Coll=Dist=0. Frames that are under way are
delivered until the partner sends no more. Every state has a time limit, so the whole takes at most what a
link that is to take over has yet to wait (Aggregate_Wait_Time at most), Conversations_Move_Time, the delay by
the limit of three LACPDUs a second, and Partner_Stop_Time.
"""

from __future__ import annotations

from agr.core.constants import Conversations_Move_Time, Partner_Stop_Time
from agr.core.machine import Condition, Machine
from agr.core.marker import alive
from agr.core.mux import Disable_Collecting
from agr.core.periodic import no_periodic
from agr.core.standby import heard
from agr.core.states import DetachState, Selected
from agr.core.variables import Port

_NO_DETACH = DetachState.NO_DETACH
_MOVE_CONVERSATIONS = DetachState.MOVE_CONVERSATIONS
_TELL_PARTNER = DetachState.TELL_PARTNER
_WAIT_FOR_PARTNER = DetachState.WAIT_FOR_PARTNER
_DETACHED = DetachState.DETACHED


# Actions


def _wait_for_conversations(port: Port, now: float) -> None:
    waits = [
        other.wait_while_timer.deadline - now
        for other in port.aggregator.ports
        if _may_take_over(other) and other.wait_while_timer.deadline is not None
    ]
    port.detach_timer.start(now, max(waits, default=0.0) + Conversations_Move_Time)


def _unselect(port: Port, now: float) -> None:
    port.detaching = True
    port.NTT = True


def _wait_for_partner(port: Port, now: float) -> None:
    port.detach_timer.start(now, Partner_Stop_Time)


def _stop_collecting(port: Port, now: float) -> None:
    Disable_Collecting(port)


# Conditions


def _moved(port: Port) -> bool:
    moves = port.aggregator.moves
    if not alive(port) or port.detach_timer.expired:
        return True
    if moves.targets:
        return not moves.remain_on(port)
    return not (port.distributing and any(map(_takes_over, port.aggregator.ports)))


def _takes_over(other: Port) -> bool:
    """Whether it is to take conversations soon, as a link that stood by (43.6.1)."""
    return other.Selected is Selected.SELECTED and _may_take_over(other)


def _may_take_over(other: Port) -> bool:
    return other.detach_state is _NO_DETACH and heard(other)


def _cannot_tell(port: Port) -> bool:
    return no_periodic.holds(port) and not port.aggregator.moves.remain_on(port)


def _told(port: Port) -> bool:
    return not (port.NTT or no_periodic.holds(port))


def _partner_stopped(port: Port) -> bool:
    partner = port.Partner_Oper_Port_State
    stopped = not (partner.Synchronization and partner.Distributing)
    waited = stopped or port.detach_timer.expired or not port.port_enabled
    return waited and not port.aggregator.moves.remain_on(port)


moved = Condition("conversations have moved, or detach_timer expired, or the partner is not heard", _moved)
cannot_tell = Condition("no LACPDU may be sent, and no conversation remains", _cannot_tell)
told = Condition("the LACPDU that says so is sent", _told)
partner_stopped = Condition(
    "Partner Synchronization or Distributing = FALSE, or detach_timer expired, or port_enabled = FALSE; "
    "and no conversation remains",
    _partner_stopped,
)

DETACH = Machine[Port](
    "detach",
    "agr(4)",
    arcs=(
        (_MOVE_CONVERSATIONS, moved, _TELL_PARTNER),
        (_TELL_PARTNER, cannot_tell, _DETACHED),
        (_TELL_PARTNER, told, _WAIT_FOR_PARTNER),
        (_WAIT_FOR_PARTNER, partner_stopped, _DETACHED),
    ),
    entry={
        _NO_DETACH: (),
        _MOVE_CONVERSATIONS: (_wait_for_conversations,),
        _TELL_PARTNER: (_unselect,),
        _WAIT_FOR_PARTNER: (_wait_for_partner,),
        _DETACHED: (_stop_collecting,),
    },
)


def cancel(port: Port, now: float) -> None:
    """End a planned detach: the port is detached at once, or not at all."""
    if port.detach_state is not _NO_DETACH:
        unselected = port.detach_state is not _MOVE_CONVERSATIONS
        DETACH.enter(port, now, _NO_DETACH)
        port.detach_timer.stop()
        if unselected:
            Disable_Collecting(port)
