"""A frame seen on a wire."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from scapy.layers.l2 import Ether

from harness.pdu.info import PortInfo, State
from harness.pdu.layers import (
    LACPDU,
    MARKER,
    SLOW_PROTOCOLS_TYPE,
    SUBTYPE_LACP,
    SUBTYPE_MARKER,
    TLV_MARKER,
    TLV_MARKER_RESPONSE,
    MarkerTLV,
    PortTLV,
)


@dataclass(frozen=True)
class Frame:
    """One frame: when it passed the capture point (bench seconds), its octets, and if the tester sent it."""

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
        return self.data[14] if self.type == SLOW_PROTOCOLS_TYPE and len(self.data) > 14 else None

    @property
    def is_data(self) -> bool:
        """Neither a slow-protocol frame nor any other of 01-80-C2-00-00-0x."""
        reserved = self.data[:5] == b"\x01\x80\xc2\x00\x00" and self.data[5] < 0x10
        return self.type != SLOW_PROTOCOLS_TYPE and not reserved

    @cached_property
    def packet(self) -> Ether:
        """The frame through scapy."""
        return Ether(self.data)

    @property
    def is_lacpdu(self) -> bool:
        """Subtype 1 with at least the Actor and Partner TLVs in it."""
        return self.subtype == SUBTYPE_LACP and self._port_tlv(1) is not None

    def _port_tlv(self, index: int) -> PortTLV | None:
        if LACPDU not in self.packet:
            return None
        tlvs = self.packet[LACPDU].tlvs
        return tlvs[index] if len(tlvs) > index and isinstance(tlvs[index], PortTLV) else None

    def _info(self, index: int) -> PortInfo:
        tlv = self._port_tlv(index)
        if tlv is None:
            raise ValueError("not an LACPDU")
        return PortInfo(
            tlv.system_priority, tlv.system, tlv.key, tlv.port_priority, tlv.port, State(int(tlv.state))
        )

    @cached_property
    def actor(self) -> PortInfo:
        """Actor information of an LACPDU; ValueError for another frame."""
        return self._info(0)

    @cached_property
    def partner(self) -> PortInfo:
        """Partner information of an LACPDU; ValueError for another frame."""
        return self._info(1)

    @property
    def collector_max_delay(self) -> int:
        """Collector_Max_Delay of an LACPDU, in tens of microseconds; ValueError for another frame."""
        tlvs = self.packet[LACPDU].tlvs if LACPDU in self.packet else []
        if len(tlvs) < 3:
            raise ValueError("not an LACPDU with a Collector TLV")
        return int(tlvs[2].max_delay)

    @cached_property
    def marker(self) -> MarkerTLV | None:
        """The information TLV of a Marker or Marker Response, whatever its type; None for another frame."""
        if self.subtype != SUBTYPE_MARKER or MARKER not in self.packet:
            return None
        tlvs = self.packet[MARKER].tlvs
        return tlvs[0] if tlvs and isinstance(tlvs[0], MarkerTLV) else None

    @property
    def is_marker(self) -> bool:
        """A Marker PDU."""
        return self.marker is not None and self.marker.type == TLV_MARKER

    @property
    def is_marker_response(self) -> bool:
        """A Marker Response PDU."""
        return self.marker is not None and self.marker.type == TLV_MARKER_RESPONSE

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
