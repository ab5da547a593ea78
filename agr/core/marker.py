"""Marker protocol (43.5): codec and Marker Responder. `agr.core.moves` has the Marker Generator."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from agr.core.constants import (
    MARKER_SUBTYPE,
    MARKER_VERSION,
    SLOW_FRAME_LENGTH,
    Slow_Protocols_Multicast,
    Slow_Protocols_Type,
)
from agr.core.lacpdu import IllegalPDU

MARKER_INFORMATION = 1
MARKER_RESPONSE = 2
_LENGTH = 16

_HEADER = struct.Struct("!6s6sHBB")
# TLV_type, length, Requester_Port, Requester_System, Requester_Transaction_ID, 2 octets of pad
_MARKER = struct.Struct("!BBH6sI2x")
# The Terminator's type and length, and the 90 reserved octets after it, are all zero.


@dataclass(frozen=True, slots=True)
class Marker:
    """A Marker PDU (``kind`` MARKER_INFORMATION), a Marker Response PDU (MARKER_RESPONSE), or unknown."""

    kind: int
    requester_port: int
    requester_system: bytes
    requester_transaction_id: int


def encode(marker: Marker, source: bytes) -> bytes:
    """The frame of 124 octets, sent from the individual MAC address ``source``."""
    frame = _HEADER.pack(
        Slow_Protocols_Multicast, source, Slow_Protocols_Type, MARKER_SUBTYPE, MARKER_VERSION
    ) + _MARKER.pack(
        marker.kind,
        _LENGTH,
        marker.requester_port,
        marker.requester_system,
        marker.requester_transaction_id,
    )
    return frame.ljust(SLOW_FRAME_LENGTH, b"\0")


def decode(frame: bytes) -> Marker:
    """Read a frame that the control parser took for a Marker.

    Version, pad and reserved octets are not checked; the length of a Marker or of its response is (43.5.4
    allows it), that of an unknown TLV is not.
    Raises IllegalPDU.
    """
    if len(frame) < _HEADER.size + _MARKER.size:
        raise IllegalPDU(f"Marker PDU of {len(frame)} octets, {_HEADER.size + _MARKER.size} needed")
    kind, length, port, system, transaction_id = _MARKER.unpack_from(frame, _HEADER.size)
    if kind in (MARKER_INFORMATION, MARKER_RESPONSE) and length != _LENGTH:
        raise IllegalPDU(f"Marker_Information_Length {length}, {_LENGTH} expected")
    return Marker(kind, port, system, transaction_id)


def response(marker: Marker) -> Marker:
    """What the Marker Responder answers (43.5.4): the requester's fields unchanged."""
    return Marker(
        MARKER_RESPONSE,
        marker.requester_port,
        marker.requester_system,
        marker.requester_transaction_id,
    )
