"""Frames to begin with: one of each flow, whose last octets the sender overwrites with its stamp."""

from __future__ import annotations

import ipaddress
import struct

from harness.traffic import stamp

SHORTEST = 60
"""Octets of the shortest frame, without FCS: headers of Ethernet, IPv4 and UDP, two octets, the stamp."""

FLOWS_MOST = 1 << 16
"""Flows of one sender."""

_HEADERS = 14 + 20 + 8
_PROTOCOL_UDP = 17


def udp_frame(
    source: bytes,
    destination: bytes,
    *,
    addresses: tuple[str, str] = ("192.0.2.1", "192.0.2.2"),
    ports: tuple[int, int] = (49152, 9),
    octets: int = SHORTEST,
) -> bytes:
    """An IPv4 UDP frame without FCS, ``octets`` long; MAC addresses have 6 octets, IP addresses are from, to.

    The IP header's checksum is right; UDP's is 0, which means none. Raises ValueError below SHORTEST.
    """
    if octets < SHORTEST:
        raise ValueError(f"a frame has at least {SHORTEST} octets, not {octets}")
    from_ip, to_ip = (ipaddress.IPv4Address(address).packed for address in addresses)
    header = struct.pack("!BBHHHBBH", 0x45, 0, octets - 14, 0, 0x4000, 64, _PROTOCOL_UDP, 0) + from_ip + to_ip
    header = header[:10] + struct.pack("!H", _checksum(header)) + header[12:]
    udp = struct.pack("!HHHH", *ports, octets - 34, 0)
    frame = destination + source + b"\x08\x00" + header + udp
    return frame + bytes(octets - _HEADERS - stamp.OCTETS) + stamp.stamp(0, 0, 0)


def _checksum(header: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
