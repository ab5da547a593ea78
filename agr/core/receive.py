"""Receive machine (43.4.12) with the functions of 43.4.9 that it calls.

A LACPDU is recorded in CURRENT, in this order: update_Selected and update_NTT compare it with what was known
before, then recordPDU replaces that. EXPIRED keeps the partner's identity and Selected, and so does
PORT_DISABLED: only Synchronization is lost, so that an outage ends without a new wait.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from agr.core.constants import Long_Timeout_Time, Short_Timeout_Time
from agr.core.lacpdu import LACPDU, Information
from agr.core.lag import lag_id
from agr.core.machine import ANY, UCT, Condition, Machine
from agr.core.states import ReceiveState, Selected
from agr.core.variables import Port

_INITIALIZE = ReceiveState.INITIALIZE
_PORT_DISABLED = ReceiveState.PORT_DISABLED
_EXPIRED = ReceiveState.EXPIRED
_LACP_DISABLED = ReceiveState.LACP_DISABLED
_DEFAULTED = ReceiveState.DEFAULTED
_CURRENT = ReceiveState.CURRENT


class Identity(NamedTuple):
    """The six values that are compared by recordPDU, update_Selected and update_Default_Selected."""

    port: int
    port_priority: int
    system: bytes
    system_priority: int
    key: int
    aggregation: bool

    @classmethod
    def of(cls, information: Information) -> Identity:
        """Those of an Actor or a Partner."""
        return cls(
            information.port,
            information.port_priority,
            information.system,
            information.system_priority,
            information.key,
            information.state.Aggregation,
        )


# 43.4.9, functions


def recordPDU(port: Port, pdu: LACPDU) -> None:
    """The PDU's Actor becomes the Partner; its Synchronization holds only for a link that is ours as well."""
    in_sync = (
        pdu.actor.state.Synchronization
        and (_matched(port, pdu) or not pdu.actor.state.Aggregation)
        and _actively_maintained(port, pdu)
    )
    port.set_partner(replace(pdu.actor, state=replace(pdu.actor.state, Synchronization=in_sync)))
    port.Actor_Oper_Port_State.Defaulted = False


def _matched(port: Port, pdu: LACPDU) -> bool:
    return Identity.of(pdu.partner) == Identity.of(port.actor_information())


def _actively_maintained(port: Port, pdu: LACPDU) -> bool:
    """Whether one of the two sends LACPDUs of its own accord, and the partner knows it if that is us."""
    return pdu.actor.state.LACP_Activity or (
        port.Actor_Oper_Port_State.LACP_Activity and pdu.partner.state.LACP_Activity
    )


def recordDefault(port: Port) -> None:
    """The administrative values become the Partner's."""
    port.set_partner(port.Partner_Admin)
    port.Actor_Oper_Port_State.Defaulted = True


def update_Selected(port: Port, pdu: LACPDU) -> None:
    """Unselect where the PDU comes from another partner than the one that was selected for."""
    if Identity.of(pdu.actor) != Identity.of(port.partner_information()):
        port.select(Selected.UNSELECTED)


def update_Default_Selected(port: Port) -> None:
    """Unselect where the defaults are another partner than the one that was selected for."""
    if Identity.of(port.Partner_Admin) != Identity.of(port.partner_information()):
        port.select(Selected.UNSELECTED)


def update_NTT(port: Port, pdu: LACPDU) -> None:
    """The partner must be told where it knows wrong what it needs of us."""
    known, actual = pdu.partner, port.actor_information()
    if Identity.of(known) != Identity.of(actual) or any(
        getattr(known.state, flag) != getattr(actual.state, flag)
        for flag in ("LACP_Activity", "LACP_Timeout", "Synchronization")  # Aggregation is in the identity
    ):
        port.NTT = True


def timeout(port: Port) -> float:
    """The time without a LACPDU after which CURRENT ends, by the Actor's own LACP_Timeout."""
    return Short_Timeout_Time if port.Actor_Oper_Port_State.LACP_Timeout else Long_Timeout_Time


# Actions


def _initialize(port: Port, now: float) -> None:
    port.select(Selected.UNSELECTED)
    recordDefault(port)
    port.Actor_Oper_Port_State.Expired = False
    port.port_moved = False


def _lose_synchronization(port: Port, now: float) -> None:
    port.Partner_Oper_Port_State.Synchronization = False


def _stop(port: Port, now: float) -> None:
    port.current_while_timer.stop()


def _expire(port: Port, now: float) -> None:
    port.Partner_Oper_Port_State.LACP_Timeout = True
    port.current_while_timer.start(now, Short_Timeout_Time)
    port.Actor_Oper_Port_State.Expired = True


def _disable_LACP(port: Port, now: float) -> None:
    port.select(Selected.UNSELECTED)
    recordDefault(port)
    if not port.aggregator.admin.link1:  # which the figure does not know: such links aggregate without LACP
        port.Partner_Oper_Port_State.Aggregation = False
    port.Actor_Oper_Port_State.Expired = False


def _count_change(port: Port, pdu: LACPDU) -> None:
    """30.7.4.1, PartnerChangeCount."""
    seen = lag_id(pdu.actor, pdu.partner)
    if port.partner_lag_id not in (None, seen):
        port.debug.PartnerChangeCount += 1
    port.partner_lag_id = seen


def _default(port: Port, now: float) -> None:
    update_Default_Selected(port)
    recordDefault(port)
    port.Actor_Oper_Port_State.Expired = False


def _record(port: Port, now: float) -> None:
    pdu = port.received
    assert pdu is not None, "CURRENT is entered on a received LACPDU only"
    port.received = None
    update_Selected(port, pdu)
    update_NTT(port, pdu)
    recordPDU(port, pdu)
    _count_change(port, pdu)
    port.Partner_Collector_Max_Delay = pdu.collector_max_delay
    port.current_while_timer.start(now, timeout(port))
    port.Actor_Oper_Port_State.Expired = False


# Conditions

port_moved = Condition[Port]("port_moved = TRUE", lambda port: port.port_moved)
port_disabled = Condition[Port](
    # port_moved, which the figure asks for too, leads out of PORT_DISABLED by an arc above this one
    "port_enabled = FALSE and port_moved = FALSE",
    lambda port: not port.port_enabled,
)
LACP_enabled = Condition[Port](
    "port_enabled = TRUE and LACP_Enabled = TRUE", lambda port: port.port_enabled and port.LACP_Enabled
)
LACP_disabled = Condition[Port](
    "port_enabled = TRUE and LACP_Enabled = FALSE", lambda port: port.port_enabled and not port.LACP_Enabled
)
LACP_on = Condition[Port]("LACP_Enabled = TRUE", lambda port: port.LACP_Enabled)
LACP_off = Condition[Port]("LACP_Enabled = FALSE", lambda port: not port.LACP_Enabled)
received = Condition[Port]("LACPDU received", lambda port: port.received is not None)
timed_out = Condition[Port]("current_while_timer expired", lambda port: port.current_while_timer.expired)

RECEIVE = Machine[Port](
    "receive",
    "43.4.12",
    arcs=(
        (_INITIALIZE, UCT, _PORT_DISABLED),
        (_PORT_DISABLED, port_moved, _INITIALIZE),
        (ANY, port_disabled, _PORT_DISABLED),
        (_PORT_DISABLED, LACP_enabled, _EXPIRED),
        (_PORT_DISABLED, LACP_disabled, _LACP_DISABLED),
        # The figure does not know that LACP_Enabled changes while the port is enabled
        (_LACP_DISABLED, LACP_on, _PORT_DISABLED),
        (_EXPIRED, LACP_off, _PORT_DISABLED),
        (_DEFAULTED, LACP_off, _PORT_DISABLED),
        (_CURRENT, LACP_off, _PORT_DISABLED),
        (_EXPIRED, received, _CURRENT),
        (_EXPIRED, timed_out, _DEFAULTED),
        (_DEFAULTED, received, _CURRENT),
        (_CURRENT, received, _CURRENT),
        (_CURRENT, timed_out, _EXPIRED),
    ),
    entry={
        _INITIALIZE: (_initialize,),
        _PORT_DISABLED: (_lose_synchronization, _stop),
        _EXPIRED: (_lose_synchronization, _expire),
        _LACP_DISABLED: (_disable_LACP,),
        _DEFAULTED: (_default,),
        _CURRENT: (_record,),
    },
)
