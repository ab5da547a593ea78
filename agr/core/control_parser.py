"""Control Parser (43.2.9, 43B): which received frame is for which slow protocol.

Every one is counted; a Marker goes to the Marker Responder, a Marker Response to the Marker Receiver, and a
LACPDU to the caller. What is for neither, and not illegal, is the client's.
"""

from __future__ import annotations

from enum import Enum, auto

from agr.core import lacpdu, marker
from agr.core.constants import (
    LACP_SUBTYPE,
    MARKER_SUBTYPE,
    UNSUPPORTED_SUBTYPES,
    Slow_Protocols_Multicast,
    Slow_Protocols_Type,
)
from agr.core.lacpdu import LACPDU, IllegalPDU
from agr.core.variables import Port

_SUBTYPE_AT = 14


class Kind(Enum):
    """What the control parser makes of a frame."""

    DATA = auto()  # neither address nor type of a slow protocol
    LACP = auto()
    MARKER = auto()
    UNKNOWN = auto()  # 30.7.3.1.7 UnknownRx
    ILLEGAL = auto()  # 30.7.3.1.8 IllegalRx


def parse(frame: bytes) -> Kind:
    """Sort a received Ethernet frame; any octets are accepted.

    UNKNOWN: slow-protocol type with an unsupported subtype (3..10), or to another address than 43B.3's, or
    43B.3's address with another type, such as a VLAN tag: the client's, as DATA is, and counted. ILLEGAL:
    subtype 0, 11..255 or none at all.
    """
    to_us = frame[:6] == Slow_Protocols_Multicast
    slow_type = int.from_bytes(frame[12:14], "big") == Slow_Protocols_Type
    if not slow_type:
        return Kind.UNKNOWN if to_us else Kind.DATA
    if not to_us:
        return Kind.UNKNOWN
    if len(frame) <= _SUBTYPE_AT:
        return Kind.ILLEGAL
    subtype = frame[_SUBTYPE_AT]
    if subtype == LACP_SUBTYPE:
        return Kind.LACP
    if subtype == MARKER_SUBTYPE:
        return Kind.MARKER
    return Kind.UNKNOWN if subtype in UNSUPPORTED_SUBTYPES else Kind.ILLEGAL


def is_for_client(kind: Kind) -> bool:
    """Whether a Collecting port passes such frames to its client (43.2.9, 43B.5).

    Only what is LACP's or the Marker Protocol's is kept from it, and illegal subtypes. BPDUs and all else to
    01-80-C2-00-00-00 to -0F are the client's: a bridge above must hear them, or it sees no loop.
    """
    return kind in (Kind.DATA, Kind.UNKNOWN)


def accept(port: Port, now: float, frame: bytes) -> LACPDU | None:
    """Count ``frame``, answer a Marker, and return a LACPDU that the Receive machine is to take.

    Never raises, whatever the octets are.
    """
    kind = parse(frame)
    try:
        if kind is Kind.LACP:
            pdu = lacpdu.decode(frame)
            port.counters.LACPDUsRx += 1
            if _is_heeded(port, now):
                return pdu
        elif kind is Kind.MARKER:
            _accept_marker(port, now, marker.decode(frame))
    except IllegalPDU:
        kind = Kind.ILLEGAL
    if kind is Kind.UNKNOWN:
        port.counters.UnknownRx += 1
    elif kind is Kind.ILLEGAL:
        port.counters.IllegalRx += 1
    return None


def _is_heeded(port: Port, now: float) -> bool:
    """Whether a LACPDU is within the rate of 43B.2, with some to spare; the rest of a flood is ignored."""
    heeded = port.limits.received_lacpdu.allowed_at(now) <= now
    if heeded:
        port.limits.received_lacpdu.count(now)
    return heeded


def _accept_marker(port: Port, now: float, received: marker.Marker) -> None:
    if received.kind == marker.MARKER_INFORMATION:
        port.counters.MarkerPDUsRx += 1
        marker.respond(port, now, received)
    elif received.kind == marker.MARKER_RESPONSE:
        port.counters.MarkerResponsePDUsRx += 1
        marker.receive_response(port, received)
    else:
        port.counters.UnknownRx += 1
