"""LACPDUs (43.4.2.2): what they say, and the codec of whole Ethernet frames without FCS."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from agr.core.constants import (
    LACP_SUBTYPE,
    LACP_VERSION,
    SLOW_FRAME_LENGTH,
    Slow_Protocols_Multicast,
    Slow_Protocols_Type,
)

# Ethernet header, subtype and version
_HEADER = struct.Struct("!6s6sHBB")
# TLV_type and length; then system priority, system, key, port priority, port, state, 3 reserved octets
_INFORMATION = struct.Struct("!BBH6sHHHB3x")
# TLV_type and length, Collector_Max_Delay, 12 reserved octets
_COLLECTOR = struct.Struct("!BBH12x")
# The Terminator's type and length, and the 50 reserved octets after it, are all zero.

_ACTOR_TLV, _ACTOR_LENGTH = 1, 20
_PARTNER_TLV, _PARTNER_LENGTH = 2, 20
_COLLECTOR_TLV, _COLLECTOR_LENGTH = 3, 16

_ACTOR_AT = _HEADER.size
_PARTNER_AT = _ACTOR_AT + _INFORMATION.size
_COLLECTOR_AT = _PARTNER_AT + _INFORMATION.size
_NEEDED = _COLLECTOR_AT + _COLLECTOR.size


class IllegalPDU(Exception):
    """A slow-protocol frame that is badly formed; its text says why."""


@dataclass(slots=True)
class PortState:
    """Actor_State or Partner_State: the eight flags of its octet, bit 0 first.

    LACP_Activity is True for Active LACP, LACP_Timeout for Short Timeout.
    """

    LACP_Activity: bool = False
    LACP_Timeout: bool = False
    Aggregation: bool = False
    Synchronization: bool = False
    Collecting: bool = False
    Distributing: bool = False
    Defaulted: bool = False
    Expired: bool = False

    def copy(self) -> PortState:
        """The same flags, to change on their own."""
        return PortState(
            self.LACP_Activity,
            self.LACP_Timeout,
            self.Aggregation,
            self.Synchronization,
            self.Collecting,
            self.Distributing,
            self.Defaulted,
            self.Expired,
        )

    def octet(self) -> int:
        """The flags as sent, 0..255."""
        return (
            self.LACP_Activity
            | self.LACP_Timeout << 1
            | self.Aggregation << 2
            | self.Synchronization << 3
            | self.Collecting << 4
            | self.Distributing << 5
            | self.Defaulted << 6
            | self.Expired << 7
        )

    @classmethod
    def from_octet(cls, octet: int) -> PortState:
        """The flags of an octet 0..255."""
        return cls(*[bool(octet & bit) for bit in (1, 2, 4, 8, 16, 32, 64, 128)])


@dataclass(frozen=True, slots=True)
class Information:
    """Actor or Partner information of a LACPDU. ``system`` has 6 octets; do not change ``state`` in place."""

    system_priority: int
    system: bytes
    key: int
    port_priority: int
    port: int
    state: PortState


@dataclass(frozen=True, slots=True)
class LACPDU:
    """What a LACPDU says. ``collector_max_delay`` is in tens of microseconds."""

    actor: Information
    partner: Information
    collector_max_delay: int


def encode(pdu: LACPDU, source: bytes) -> bytes:
    """The frame of 124 octets that says ``pdu``, sent from the individual MAC address ``source``."""
    frame = (
        _HEADER.pack(Slow_Protocols_Multicast, source, Slow_Protocols_Type, LACP_SUBTYPE, LACP_VERSION)
        + _encode_information(_ACTOR_TLV, _ACTOR_LENGTH, pdu.actor)
        + _encode_information(_PARTNER_TLV, _PARTNER_LENGTH, pdu.partner)
        + _COLLECTOR.pack(_COLLECTOR_TLV, _COLLECTOR_LENGTH, pdu.collector_max_delay)
    )
    return frame.ljust(SLOW_FRAME_LENGTH, b"\0")


def decode(frame: bytes) -> LACPDU:
    """Read a frame that the control parser took for a LACPDU; octets after the collector TLV are not read.

    43.4.12: version, TLV types and reserved octets are not checked. The three information lengths are
    (43.4.12 allows it): where one is wrong, the octets after it are not what they seem, so nothing of the PDU
    is recorded. The Terminator's is not, a later version has further TLVs in its place.
    Raises IllegalPDU.
    """
    if len(frame) < _NEEDED:
        raise IllegalPDU(f"LACPDU of {len(frame)} octets, {_NEEDED} needed")
    actor = _decode_information(frame, _ACTOR_AT, _ACTOR_LENGTH)
    partner = _decode_information(frame, _PARTNER_AT, _PARTNER_LENGTH)
    _, length, delay = _COLLECTOR.unpack_from(frame, _COLLECTOR_AT)
    if length != _COLLECTOR_LENGTH:
        raise IllegalPDU(f"Collector_Information_Length {length}")
    return LACPDU(actor, partner, delay)


def _encode_information(kind: int, length: int, information: Information) -> bytes:
    return _INFORMATION.pack(
        kind,
        length,
        information.system_priority,
        information.system,
        information.key,
        information.port_priority,
        information.port,
        information.state.octet(),
    )


def _decode_information(frame: bytes, position: int, expected_length: int) -> Information:
    _, length, system_priority, system, key, port_priority, port, state = _INFORMATION.unpack_from(
        frame, position
    )
    if length != expected_length:
        raise IllegalPDU(f"Information length {length} at octet {position + 1}, {expected_length} expected")
    return Information(system_priority, system, key, port_priority, port, PortState.from_octet(state))
