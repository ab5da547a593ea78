"""The Receive machine (43.4.12)."""

from __future__ import annotations

from harness.profile.constants import SHORT_TIMEOUT_TIME
from harness.reference.functions import (
    NOT_MOVED,
    RECORD_DEFAULT,
    RECORD_PDU,
    START_CURRENT_WHILE,
    UNSELECT,
    UPDATE_DEFAULT_SELECTED,
    UPDATE_NTT,
    UPDATE_SELECTED,
)
from harness.reference.table import (
    ANY,
    BEGIN,
    UCT,
    Action,
    Condition,
    Machine,
    Transition,
    actor,
    expired,
    partner,
    start,
    stop,
)
from harness.reference.variables import Port


def _forget_pdu(port: Port) -> None:
    port.received = None


consumed = Action("the LACPDU is consumed", _forget_pdu)

disabled = Condition(
    "port_enabled = FALSE and port_moved = FALSE", lambda port: not port.port_enabled and not port.port_moved
)
moved = Condition("port_moved = TRUE", lambda port: port.port_moved)
lacp_enabled = Condition(
    "port_enabled = TRUE and LACP_Enabled = TRUE", lambda port: port.port_enabled and port.LACP_Enabled
)
lacp_disabled = Condition(
    "port_enabled = TRUE and LACP_Enabled = FALSE", lambda port: port.port_enabled and not port.LACP_Enabled
)
pdu = Condition("LACPDU received", lambda port: port.received is not None)
timeout = expired("current_while_timer")

RECEIVE = Machine(
    "Receive",
    "43.4.12",
    entry={
        "INITIALIZE": (UNSELECT, RECORD_DEFAULT, actor(Expired=False), NOT_MOVED),
        "PORT_DISABLED": (partner(Synchronization=False), stop("current_while_timer")),
        "EXPIRED": (
            partner(Synchronization=False, Timeout=True),
            start("current_while_timer", SHORT_TIMEOUT_TIME, "Short Timeout"),
            actor(Expired=True),
        ),
        "LACP_DISABLED": (
            UNSELECT,
            RECORD_DEFAULT,
            partner(Aggregation=False),
            actor(Expired=False),
            stop("current_while_timer"),
        ),
        "DEFAULTED": (
            UPDATE_DEFAULT_SELECTED,
            RECORD_DEFAULT,
            actor(Expired=False),
            stop("current_while_timer"),
        ),
        "CURRENT": (
            UPDATE_SELECTED,
            UPDATE_NTT,
            RECORD_PDU,
            START_CURRENT_WHILE,
            actor(Expired=False),
            consumed,
        ),
    },
    transitions=(
        Transition("RX1", ANY, BEGIN, "INITIALIZE"),
        Transition("RX2", "INITIALIZE", UCT, "PORT_DISABLED"),
        Transition("RX3", ANY, disabled, "PORT_DISABLED"),
        Transition("RX4", "PORT_DISABLED", moved, "INITIALIZE"),
        Transition("RX5", "PORT_DISABLED", lacp_enabled, "EXPIRED"),
        Transition("RX6", "PORT_DISABLED", lacp_disabled, "LACP_DISABLED"),
        # The figure knows LACP_Enabled as something that changes with the link; an operator changes it too.
        Transition("RX7", "EXPIRED", lacp_disabled, "LACP_DISABLED"),
        Transition("RX8", "DEFAULTED", lacp_disabled, "LACP_DISABLED"),
        Transition("RX9", "CURRENT", lacp_disabled, "LACP_DISABLED"),
        Transition("RX10", "LACP_DISABLED", lacp_enabled, "EXPIRED"),
        Transition("RX11", "EXPIRED", pdu, "CURRENT"),
        Transition("RX12", "EXPIRED", timeout, "DEFAULTED"),
        Transition("RX13", "DEFAULTED", pdu, "CURRENT"),
        Transition("RX14", "CURRENT", pdu, "CURRENT"),
        Transition("RX15", "CURRENT", timeout, "EXPIRED"),
    ),
)
