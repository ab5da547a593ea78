"""Ethernet, IPv4 and UDP headers, made without scapy: for a thousand conversations that takes a second."""

from __future__ import annotations

import ipaddress
import struct

OCTETS = 14 + 20 + 8
"""Of the headers of Ethernet, IPv4 and UDP."""

_PROTOCOL_UDP = 17


def udp_headers(
    source: bytes, destination: bytes, *, addresses: tuple[str, str], ports: tuple[int, int], octets: int
) -> bytes:
    """Ethernet, IPv4 and UDP headers of a frame of ``octets`` without FCS.

    MAC addresses have 6 octets; IP addresses are from, to. The IP header's checksum is right; UDP's is 0,
    which means none.
    """
    from_ip, to_ip = (ipaddress.IPv4Address(address).packed for address in addresses)
    header = struct.pack("!BBHHHBBH", 0x45, 0, octets - 14, 0, 0x4000, 64, _PROTOCOL_UDP, 0) + from_ip + to_ip
    header = header[:10] + struct.pack("!H", _checksum(header)) + header[12:]
    udp = struct.pack("!HHHH", *ports, octets - 34, 0)
    return destination + source + b"\x08\x00" + header + udp


def _checksum(header: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
