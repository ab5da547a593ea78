"""State bits that imply each other (43.4.12, 43.4.15)."""

from __future__ import annotations

from harness.monitor.rules.rule import each_lacpdu
from harness.pdu import Frame, State


def _in_order(frame: Frame) -> str:
    state = frame.actor.state
    if State.Distributing in state and State.Collecting not in state:
        return "Distributing without Collecting"
    if State.Collecting in state and State.Synchronization not in state:
        return "Collecting without Synchronization"
    return ""


def _expired(frame: Frame) -> str:
    partner = frame.partner.state
    if State.Expired not in frame.actor.state:
        return ""
    if State.Synchronization in partner:
        return "Expired with Partner Synchronization"
    return "" if State.Timeout in partner else "Expired with a Partner of Long Timeout"


RULES = (
    each_lacpdu("MX-19", "Distributing implies Collecting implies Synchronization", _in_order),
    each_lacpdu("RX-42", "Expired implies a Partner out of sync with Short Timeout", _expired),
)
