"""scapy layers of LACPDUs and Marker PDUs, TLV by TLV (43.4.2.2, 43.5.3.2).

scapy's own LACP layer is a fixed record: it obeys no lengths, shows the state octet as a number, and drops a
short PDU to Raw. These read TLV by TLV, so that a wrong PDU is shown as what it is (43.4.2.2, 43.5.3.2).
"""

from __future__ import annotations

from scapy.fields import (
    ByteEnumField,
    ByteField,
    FlagsField,
    IntField,
    MACField,
    PacketListField,
    ShortField,
    StrField,
    StrFixedLenField,
    XShortField,
)
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw, bind_layers

from harness.pdu.info import BITS

SLOW_PROTOCOLS_TYPE = 0x8809
SUBTYPE_LACP = 1
SUBTYPE_MARKER = 2

TLV_TERMINATOR = 0
TLV_ACTOR = 1
TLV_PARTNER = 2
TLV_COLLECTOR = 3
TLV_MARKER = 1
TLV_MARKER_RESPONSE = 2


class _TLV(Packet):  # type: ignore[misc]
    """A TLV ends where its record ends; what follows belongs to the PDU."""

    def extract_padding(self, data: bytes) -> tuple[bytes, bytes]:
        return b"", data


class PortTLV(_TLV):
    """Actor Information (type 1) or Partner Information (type 2), 20 octets."""

    name = "LACP port information"
    fields_desc = [
        ByteField("type", TLV_ACTOR),
        ByteField("length", 20),
        XShortField("system_priority", 0),
        MACField("system", "00:00:00:00:00:00"),
        XShortField("key", 0),
        XShortField("port_priority", 0),
        XShortField("port", 0),
        FlagsField("state", 0, 8, list(BITS)),
        StrFixedLenField("reserved", b"\0" * 3, 3),
    ]


class CollectorTLV(_TLV):
    """Collector Information (type 3), 16 octets; max_delay in tens of microseconds."""

    name = "LACP collector information"
    fields_desc = [
        ByteField("type", TLV_COLLECTOR),
        ByteField("length", 16),
        ShortField("max_delay", 0),
        StrFixedLenField("reserved", b"\0" * 12, 12),
    ]


class TerminatorTLV(_TLV):
    """Terminator (type 0, length 0)."""

    name = "terminator"
    fields_desc = [ByteField("type", TLV_TERMINATOR), ByteField("length", 0)]


class MarkerTLV(_TLV):
    """Marker Information (type 1) or Marker Response Information (type 2), 16 octets."""

    name = "marker information"
    fields_desc = [
        ByteField("type", TLV_MARKER),
        ByteField("length", 16),
        XShortField("requester_port", 0),
        MACField("requester_system", "00:00:00:00:00:00"),
        IntField("transaction_id", 0),
        StrFixedLenField("pad", b"\0" * 2, 2),
    ]


class Slow(Packet):  # type: ignore[misc]
    """Slow-protocol header: the subtype octet after Ethernet type 88-09 (43B.4)."""

    name = "slow protocol"
    fields_desc = [ByteEnumField("subtype", 1, {SUBTYPE_LACP: "LACP", SUBTYPE_MARKER: "Marker"})]


def _next_lacp_tlv(
    _pkt: Packet, before: list[Packet], last: Packet | None, rest: bytes
) -> type[Packet] | None:
    """By place, as version 1 fixes it; the receiver does not judge TLV types, the testcase does."""
    place = len(before) + (last is not None)
    if place >= 4 or not rest:
        return None
    cls = (PortTLV, PortTLV, CollectorTLV, TerminatorTLV)[place]
    return cls if len(rest) >= len(bytes(cls())) else None


def _next_marker_tlv(
    _pkt: Packet, before: list[Packet], last: Packet | None, rest: bytes
) -> type[Packet] | None:
    place = len(before) + (last is not None)
    if place >= 2 or not rest:
        return None
    cls = (MarkerTLV, TerminatorTLV)[place]
    return cls if len(rest) >= len(bytes(cls())) else None


class LACPDU(Packet):  # type: ignore[misc]
    """Version and TLVs of an LACPDU; `reserved` is all that follows the terminator."""

    name = "LACPDU"
    fields_desc = [
        ByteField("version", 1),
        PacketListField("tlvs", [], next_cls_cb=_next_lacp_tlv),
        StrField("reserved", b"\0" * 50),
    ]


class MARKER(Packet):  # type: ignore[misc]
    """Version and TLVs of a Marker PDU."""

    name = "Marker PDU"
    fields_desc = [
        ByteField("version", 1),
        PacketListField("tlvs", [], next_cls_cb=_next_marker_tlv),
        StrField("reserved", b"\0" * 90),
    ]


bind_layers(Ether, Slow, type=SLOW_PROTOCOLS_TYPE)
bind_layers(Slow, LACPDU, subtype=SUBTYPE_LACP)
bind_layers(Slow, MARKER, subtype=SUBTYPE_MARKER)
bind_layers(Slow, Raw)
