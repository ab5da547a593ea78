"""The control parser (43.2.9), with the rules for receivers of slow protocols (43B)."""

from __future__ import annotations

from harness.pdu import SLOW_PROTOCOLS_ADDRESS, Frame
from harness.pdu.layers import (
    SLOW_PROTOCOLS_TYPE,
    SUBTYPE_LACP,
    SUBTYPE_MARKER,
    TLV_MARKER,
    TLV_MARKER_RESPONSE,
)
from harness.reference.table import Rule
from harness.reference.variables import LACPDU, Port

SHORTEST = 124
"""Octets of an LACPDU or a Marker PDU without FCS: what is shorter is cut short."""

UNKNOWN = range(SUBTYPE_MARKER + 1, 11)
"""Subtypes of other slow protocols (43B.4); 0 and what is above is illegal."""


def take(port: Port, data: bytes) -> bool:
    """Give a control frame to the port's machines. False for a frame that is the MAC client's."""
    frame = Frame(port.now, data, True, port.name)
    if frame.destination != SLOW_PROTOCOLS_ADDRESS:
        return False
    if frame.type != SLOW_PROTOCOLS_TYPE or frame.subtype in UNKNOWN:
        port.counters["UnknownRx"] += 1
        return False
    _slow_protocol(port, frame)
    return True


def _slow_protocol(port: Port, frame: Frame) -> None:
    if frame.subtype == SUBTYPE_LACP and len(frame.data) >= SHORTEST:
        port.counters["LACPDUsRx"] += 1
        port.received = LACPDU(frame.actor, frame.partner)
    elif frame.subtype == SUBTYPE_MARKER and frame.marker is not None and len(frame.data) >= SHORTEST:
        _marker(port, frame.marker.type, frame.data)
    else:
        port.counters["IllegalRx"] += 1


def _marker(port: Port, kind: int, data: bytes) -> None:
    if kind == TLV_MARKER:
        port.counters["MarkerPDUsRx"] += 1
        port.marker = data
    elif kind == TLV_MARKER_RESPONSE:
        port.counters["MarkerResponsePDUsRx"] += 1
    else:
        port.counters["IllegalRx"] += 1


RULES = (
    Rule("IN1", "43.2.9", "slow protocols go to their machines by subtype: 1 LACP, 2 Marker"),
    Rule("IN2", "43B.5", "subtypes 0 and 11..255 are discarded and counted as illegal"),
    Rule(
        "IN3",
        "30.7.3.1",
        "subtypes 3..10, and other types to the slow address, are unknown, and the client's",
    ),
    Rule("IN4", "43.4.12", "Version, TLV types and reserved octets of an LACPDU are not checked"),
    Rule("IN5", "43.5.4", "a Marker Response, and a Marker PDU of another type, is not answered"),
)
