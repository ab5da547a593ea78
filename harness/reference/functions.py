"""The functions of the Receive machine (43.4.9): recordPDU, recordDefault, update_Selected, update_NTT ..."""

from __future__ import annotations

from harness.pdu import PortInfo, State
from harness.profile.constants import LONG_TIMEOUT_TIME, SHORT_TIMEOUT_TIME
from harness.reference.table import Action, Rule
from harness.reference.variables import LACPDU, Port, Selected

NTT_BITS = State.Activity | State.Timeout | State.Synchronization | State.Aggregation
"""Bits of Partner_State that update_NTT compares."""


def _pdu(port: Port) -> LACPDU:
    if port.received is None:
        raise ValueError("CURRENT is entered with a received LACPDU only")
    return port.received


def same_identity(one: PortInfo, other: PortInfo) -> bool:
    """Port, port priority, System, System priority, key and Aggregation are the same."""
    return one.identity == other.identity and not (one.state ^ other.state) & State.Aggregation


def actively_maintained(port: Port, pdu: LACPDU) -> bool:
    """43.4.9, recordPDU: the PDU's Actor is active, or this port is and the PDU knows it."""
    own = State.Activity in port.actor.state and State.Activity in pdu.partner.state
    return State.Activity in pdu.actor.state or own


def matched(port: Port, pdu: LACPDU) -> bool:
    """43.4.9, recordPDU: the PDU tells this port's own values back, or its link is Individual."""
    return State.Aggregation not in pdu.actor.state or same_identity(pdu.partner, port.actor)


def record_pdu(port: Port) -> None:
    """43.4.9, recordPDU. Synchronization: the PDU's own, if matched and actively maintained."""
    pdu = _pdu(port)
    in_sync = (
        State.Synchronization in pdu.actor.state and matched(port, pdu) and actively_maintained(port, pdu)
    )
    port.partner = pdu.actor.change(Synchronization=in_sync)
    port.actor = port.actor.change(Defaulted=False)


def record_default(port: Port) -> None:
    """43.4.9, recordDefault: Partner_Admin becomes the Partner."""
    port.partner = port.partner_admin
    port.actor = port.actor.change(Defaulted=True)


def update_selected(port: Port) -> None:
    """43.4.9, update_Selected: UNSELECTED where the PDU's Actor is not the recorded Partner."""
    if not same_identity(_pdu(port).actor, port.partner):
        port.Selected = Selected.UNSELECTED


def update_default_selected(port: Port) -> None:
    """43.4.9, update_Default_Selected: UNSELECTED where Partner_Admin is not the recorded Partner."""
    if not same_identity(port.partner_admin, port.partner):
        port.Selected = Selected.UNSELECTED


def update_ntt(port: Port) -> None:
    """43.4.9, update_NTT: NTT where the PDU's Partner is not this port's own information."""
    pdu = _pdu(port)
    differs = (pdu.partner.state ^ port.actor.state) & NTT_BITS
    if differs or pdu.partner.identity != port.actor.identity:
        port.NTT = True


def _start_current_while(port: Port) -> None:
    short = State.Timeout in port.actor.state
    port.start("current_while_timer", SHORT_TIMEOUT_TIME if short else LONG_TIMEOUT_TIME)


def _unselect(port: Port) -> None:
    port.Selected = Selected.UNSELECTED


def _stop_moving(port: Port) -> None:
    port.port_moved = False


RECORD_PDU = Action("recordPDU()", record_pdu)
RECORD_DEFAULT = Action("recordDefault()", record_default)
UPDATE_SELECTED = Action("update_Selected()", update_selected)
UPDATE_DEFAULT_SELECTED = Action("update_Default_Selected()", update_default_selected)
UPDATE_NTT = Action("update_NTT()", update_ntt)
UNSELECT = Action("Selected = UNSELECTED", _unselect)
NOT_MOVED = Action("port_moved = FALSE", _stop_moving)
START_CURRENT_WHILE = Action(
    "start current_while_timer(Actor_Oper_Port_State.LACP_Timeout)", _start_current_while
)

RULES = (
    Rule(
        "FN1",
        "43.4.9",
        "recordPDU: the PDU's Actor becomes the Partner; Defaulted = FALSE; Synchronization as the PDU has "
        "it, if its Partner is this port (identity and Aggregation) or its Actor is Individual",
    ),
    Rule(
        "FN2",
        "43.4.9",
        "recordPDU: Synchronization only where LACP maintains the link actively: the PDU's Actor is active, "
        "or this port is and the PDU's Partner is",
    ),
    Rule("FN3", "43.4.9", "recordDefault: Partner_Admin becomes the Partner; Defaulted = TRUE"),
    Rule(
        "FN4",
        "43.4.9",
        "update_Selected: UNSELECTED where the PDU's Actor differs from the Partner in port, port priority, "
        "System, System priority, key or Aggregation",
    ),
    Rule("FN5", "43.4.9", "update_Default_Selected: the same for Partner_Admin against the Partner"),
    Rule(
        "FN6",
        "43.4.9",
        "update_NTT: NTT where the PDU's Partner differs from this port's own values in port, port priority, "
        "System, System priority, key, Activity, Timeout, Synchronization or Aggregation",
    ),
)
