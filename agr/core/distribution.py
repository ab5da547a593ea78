"""Frame Distribution (43.2.4) after agr(4): hash of addresses, or round robin."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Literal

_VLAN_TYPES = (0x8100, 0x88A8)
_IPv4 = 0x0800
_IPv6 = 0x86DD

Mode = Literal["hash", "round-robin"]


def conversation_hash(frame: bytes | memoryview) -> int:
    """32 bits that are equal for all frames of a conversation.

    Taken in: DA and SA, the TCI of the first tag, and the IPv4 or IPv6 addresses behind at most two tags.
    Nothing of layer 4, so the fragments of a datagram are alike. Any octets are accepted, also too few;
    the first 62 suffice.
    """
    key = frame[:12]
    position = 12
    tag: bytes | memoryview = b""
    kind = int.from_bytes(frame[12:14], "big")
    for _ in range(2):
        if kind not in _VLAN_TYPES:
            break
        tag = tag or frame[position + 2 : position + 4]
        position += 4
        kind = int.from_bytes(frame[position : position + 2], "big")
    packet = position + 2
    if kind == _IPv4:
        addresses = frame[packet + 12 : packet + 20]
    elif kind == _IPv6:
        addresses = frame[packet + 8 : packet + 40]
    else:
        addresses = b""
    return _mix(zlib.crc32(b"".join((key, tag, addresses))))


def _mix(value: int) -> int:
    """The finalizer of MurmurHash3: a bijection in which each bit of ``value`` moves half of the result's.

    CRC-32 alone is linear: flows that differ in one bit would all differ in the same bits of the result.
    """
    value ^= value >> 16
    value = value * 0x85EBCA6B & 0xFFFFFFFF
    value ^= value >> 13
    value = value * 0xC2B2AE35 & 0xFFFFFFFF
    return value ^ value >> 16


class Distributor:
    """Maps frames of the client to one of the Distributing ports, whose names are kept sorted."""

    def __init__(self, mode: Mode = "hash") -> None:
        self.mode: Mode = mode
        self.ports: tuple[str, ...] = ()
        self._turn = 0

    def set_ports(self, ports: Iterable[str]) -> None:
        """Replace the set of Distributing ports."""
        self.ports = tuple(sorted(ports))

    def choose(self, frame: bytes | memoryview) -> str | None:
        """The port that ``frame`` leaves on; None while no port distributes."""
        if not self.ports:
            return None
        if self.mode == "round-robin":
            self._turn += 1
            return self.ports[self._turn % len(self.ports)]
        return self.ports[conversation_hash(frame) * len(self.ports) >> 32]
