"""Builds LACPDUs, Marker PDUs and Marker Response PDUs; a testcase may change any octet of them."""

from __future__ import annotations

from scapy.layers.l2 import Ether

from harness.pdu import octets
from harness.pdu.info import PortInfo
from harness.pdu.layers import (
    LACPDU,
    MARKER,
    SUBTYPE_LACP,
    SUBTYPE_MARKER,
    TLV_ACTOR,
    TLV_MARKER,
    TLV_MARKER_RESPONSE,
    TLV_PARTNER,
    CollectorTLV,
    MarkerTLV,
    PortTLV,
    Slow,
    TerminatorTLV,
)

SLOW_PROTOCOLS_ADDRESS = "01:80:c2:00:00:02"
"""Slow_Protocols_Multicast (43B.3)."""


def port_tlv(kind: int, info: PortInfo) -> PortTLV:
    """Actor (1) or Partner (2) Information TLV with the values of `info`."""
    return PortTLV(
        type=kind,
        system_priority=info.system_priority,
        system=info.system,
        key=info.key,
        port_priority=info.port_priority,
        port=info.port,
        state=int(info.state),
    )


def lacpdu_packet(
    source: str,
    actor: PortInfo,
    partner: PortInfo,
    *,
    destination: str = SLOW_PROTOCOLS_ADDRESS,
    version: int = 1,
    max_delay: int = 0,
) -> Ether:
    """A well-formed LACPDU as a scapy packet, any field of which may be changed (43.4.2.2)."""
    return (
        Ether(dst=destination, src=source)
        / Slow(subtype=SUBTYPE_LACP)
        / LACPDU(
            version=version,
            tlvs=[
                port_tlv(TLV_ACTOR, actor),
                port_tlv(TLV_PARTNER, partner),
                CollectorTLV(max_delay=max_delay),
                TerminatorTLV(),
            ],
        )
    )


def lacpdu_frame(source: str, actor: PortInfo, partner: PortInfo, *, max_delay: int = 0) -> bytes:
    """124 octets of a well-formed LACPDU."""
    return octets.lacpdu(SLOW_PROTOCOLS_ADDRESS, source, actor, partner, max_delay)


def marker_packet(
    source: str,
    port: int,
    system: str,
    transaction_id: int,
    *,
    kind: int = TLV_MARKER,
    pad: bytes = bytes(2),
    reserved: bytes = bytes(90),
) -> Ether:
    """A Marker PDU, or with `kind` 2 a Marker Response PDU, as a scapy packet (43.5.3.2)."""
    tlv = MarkerTLV(
        type=kind, requester_port=port, requester_system=system, transaction_id=transaction_id, pad=pad
    )
    return (
        Ether(dst=SLOW_PROTOCOLS_ADDRESS, src=source)
        / Slow(subtype=SUBTYPE_MARKER)
        / MARKER(tlvs=[tlv, TerminatorTLV()], reserved=reserved)
    )


def marker_frame(source: str, port: int, system: str, transaction_id: int) -> bytes:
    """124 octets of a Marker PDU (43.5.3.2)."""
    return octets.marker(SLOW_PROTOCOLS_ADDRESS, source, TLV_MARKER, port, system, transaction_id)


def marker_response_frame(source: str, port: int, system: str, transaction_id: int) -> bytes:
    """124 octets of a Marker Response PDU."""
    return octets.marker(SLOW_PROTOCOLS_ADDRESS, source, TLV_MARKER_RESPONSE, port, system, transaction_id)
