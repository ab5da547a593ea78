"""Hashes of other implementations: any will do that keeps each conversation on one link (43.2.4).

Each takes a whole Ethernet frame without FCS, and gives a number that all frames of a conversation share.
"""

from __future__ import annotations

import functools
import operator
import zlib
from collections.abc import Iterator
from typing import NamedTuple

TAGS = (0x8100, 0x88A8)
IPV4, IPV6 = 0x0800, 0x86DD
PROTOCOLS_WITH_PORTS = (6, 17)
LOWEST_TYPE = 0x0600
"""What is less in Length/Type is a length."""


class Headers(NamedTuple):
    """What may be hashed of a frame: ``tags`` with their TCIs; ``addresses`` and ``ports`` may be missing."""

    tags: bytes
    kind: int
    addresses: bytes
    ports: bytes


def headers(frame: bytes) -> Headers:
    """Those behind two tags at most. There are no ports in a fragment, nor behind an extension header."""
    at = 12
    kind = int.from_bytes(frame[at : at + 2], "big")
    while kind in TAGS and at < 20:
        at += 4
        kind = int.from_bytes(frame[at : at + 2], "big")
    tags, packet = frame[12:at], frame[at + 2 :]
    if kind == IPV4 and len(packet) >= 20:
        return Headers(tags, kind, packet[12:20], _ports(packet))
    if kind == IPV6 and len(packet) >= 40:
        ports = packet[40:44] if packet[6] in PROTOCOLS_WITH_PORTS else b""
        return Headers(tags, kind, packet[8:40], ports)
    return Headers(tags, kind, b"", b"")


def _ports(packet: bytes) -> bytes:
    fragment = int.from_bytes(packet[6:8], "big") & 0x3FFF  # More Fragments, and the offset
    start = (packet[0] & 0x0F) * 4
    return b"" if fragment or packet[9] not in PROTOCOLS_WITH_PORTS else packet[start : start + 4]


def crc(frame: bytes) -> int:
    """CRC-32 of MAC addresses, tags and IP addresses."""
    return zlib.crc32(_octets(frame))


def add(frame: bytes) -> int:
    """Their octets added up. agr(4) of NetBSD has hash * 33 + octet, whose parity is that of the sum."""
    return sum(_octets(frame))


def xor(frame: bytes) -> int:
    """Their octets XORed."""
    return functools.reduce(operator.xor, _octets(frame))


def layer2(frame: bytes) -> int:
    """Linux bonding, layer2: the last octets of both MAC addresses and the type, XORed."""
    kind = int.from_bytes(frame[12:14], "big")
    return frame[5] ^ frame[11] ^ (kind if kind >= LOWEST_TYPE else 0)


def layer2_3(frame: bytes) -> int:
    """Linux bonding, layer2+3: the same with the IP addresses."""
    return _folded(layer2(frame), headers(frame).addresses)


def layer3_4(frame: bytes) -> int:
    """Linux bonding, layer3+4: IP addresses and ports, without the lowest bit; layer2 of what is not IP."""
    found = headers(frame)
    if not found.addresses:
        return layer2(frame)
    return _folded(int.from_bytes(found.ports, "big"), found.addresses) >> 1


def _folded(value: int, addresses: bytes) -> int:
    for word in _words(addresses):
        value ^= word
    value ^= value >> 16
    return value ^ value >> 8


def _words(octets: bytes) -> Iterator[int]:
    for at in range(0, len(octets), 4):
        yield int.from_bytes(octets[at : at + 4], "big")


def _octets(frame: bytes) -> bytes:
    found = headers(frame)
    return frame[:12] + found.tags + found.addresses


class Turns:
    """Round robin by conversation: a new one takes the link behind that of the one before it."""

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}

    def __call__(self, frame: bytes) -> int:
        return self._known.setdefault(_octets(frame), len(self._known))
