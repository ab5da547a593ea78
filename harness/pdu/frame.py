"""A frame seen on a wire."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from scapy.layers.l2 import Ether

from harness.pdu import octets
from harness.pdu.info import PortInfo
from harness.pdu.layers import (
    SLOW_PROTOCOLS_TYPE,
    SUBTYPE_LACP,
    SUBTYPE_MARKER,
    TLV_MARKER,
    TLV_MARKER_RESPONSE,
)

_SLOW_TYPE = SLOW_PROTOCOLS_TYPE.to_bytes(2, "big")

TAG_TYPES = (b"\x81\x00", b"\x88\xa8", b"\x91\x00")
"""Types of VLAN tags: 802.1Q's two, and one that was in use before them."""


# Frozen it would take three times as long to make, and a run makes half a million.
@dataclass(unsafe_hash=True)
class Frame:
    """One captured frame: its time stamp in bench seconds, its octets, and whether the tester sent it.

    It stays as it is.
    """

    time: float
    data: bytes
    sent: bool
    wire: str

    @property
    def destination(self) -> str:
        """Destination address."""
        return self.data[0:6].hex(":")

    @property
    def source(self) -> str:
        """Source address."""
        return self.data[6:12].hex(":")

    @property
    def type(self) -> int:
        """Length/Type, of a tagged frame the tag's (81-00)."""
        return int.from_bytes(self.data[12:14], "big")

    @property
    def subtype(self) -> int | None:
        """Slow-protocol subtype, None for other frames."""
        data = self.data
        return data[14] if data[12:14] == _SLOW_TYPE and len(data) > 14 else None

    @property
    def is_data(self) -> bool:
        """Neither a slow-protocol frame nor any other of 01-80-C2-00-00-0x."""
        reserved = self.data[:5] == b"\x01\x80\xc2\x00\x00" and self.data[5] < 0x10
        return self.data[12:14] != _SLOW_TYPE and not reserved

    @cached_property
    def packet(self) -> Ether:
        """The frame dissected by scapy, with every TLV; slow, so for single frames."""
        return Ether(self.data)

    @property
    def is_lacpdu(self) -> bool:
        """Subtype 1 with at least the Actor and Partner TLVs in it."""
        return self.subtype == SUBTYPE_LACP and octets.has_ports(self.data)

    @cached_property
    def actor(self) -> PortInfo:
        """Actor information of an LACPDU; ValueError for another frame."""
        return self._info(partner=False)

    @cached_property
    def partner(self) -> PortInfo:
        """Partner information of an LACPDU; ValueError for another frame."""
        return self._info(partner=True)

    def _info(self, partner: bool) -> PortInfo:
        info = octets.read_port(self.data, partner) if self.subtype == SUBTYPE_LACP else None
        if info is None:
            raise ValueError("not an LACPDU")
        return info

    @property
    def collector_max_delay(self) -> int:
        """Collector_Max_Delay of an LACPDU, in tens of microseconds; ValueError for another frame."""
        delay = octets.read_max_delay(self.data) if self.subtype == SUBTYPE_LACP else None
        if delay is None:
            raise ValueError("not an LACPDU with a Collector TLV")
        return delay

    @cached_property
    def marker(self) -> octets.MarkerInfo | None:
        """The information TLV of a Marker or Marker Response, whatever its type; None for another frame."""
        return octets.read_marker(self.data) if self.subtype == SUBTYPE_MARKER else None

    @property
    def is_marker(self) -> bool:
        """A Marker PDU."""
        return self._is_marker_pdu(TLV_MARKER)

    @property
    def is_marker_response(self) -> bool:
        """A Marker Response PDU."""
        return self._is_marker_pdu(TLV_MARKER_RESPONSE)

    def _is_marker_pdu(self, kind: int) -> bool:
        return self.subtype == SUBTYPE_MARKER and self.marker is not None and self.marker.type == kind

    def untagged(self) -> Frame:
        """The frame without its tags, however many; itself where it has none."""
        data = self.data
        while data[12:14] in TAG_TYPES:
            data = data[:12] + data[16:]
        return self if data is self.data else Frame(self.time, data, self.sent, self.wire)

    def text(self) -> str:
        """One line for reports, without the time."""
        way = "tester ->" if self.sent else "-> tester"
        if self.is_lacpdu:
            return f"{self.wire} {way} LACPDU actor[{self.actor.text()}] partner[{self.partner.text()}]"
        if self.marker is not None:
            kind = {TLV_MARKER: "Marker", TLV_MARKER_RESPONSE: "Marker Response"}.get(
                self.marker.type, f"Marker PDU with TLV type {self.marker.type}"
            )
            return (
                f"{self.wire} {way} {kind} requester {self.marker.requester_system} port "
                f"{self.marker.requester_port} transaction {self.marker.transaction_id}"
            )
        return (
            f"{self.wire} {way} {self.source} > {self.destination} type {self.type:04x} "
            f"{len(self.data)} octets"
        )
