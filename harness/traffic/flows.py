"""Frames to begin with: one of each flow, whose last octets the sender overwrites with its stamp."""

from __future__ import annotations

from harness.traffic import stamp

SHORTEST = 60
"""Octets of the shortest frame, without FCS: headers of Ethernet, IPv4 and UDP, two octets, the stamp."""

FLOWS_MOST = 1 << 16
"""Flows of one sender."""


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
    from harness.pdu.udp import udp_headers  # here: its package loads scapy, which the processes do without

    if octets < SHORTEST:
        raise ValueError(f"a frame has at least {SHORTEST} octets, not {octets}")
    headers = udp_headers(source, destination, addresses=addresses, ports=ports, octets=octets)
    return headers + bytes(octets - len(headers) - stamp.OCTETS) + stamp.stamp(0, 0, 0)
