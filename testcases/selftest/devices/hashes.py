"""Devices that spread conversations over links in other ways (43.2.4: any way that keeps their order)."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial, reduce
from operator import xor
from typing import NamedTuple

from harness.reference.choices import Choices
from harness.reference.datapath import conversation
from testcases.selftest.devices.device import Device

TAG, IPV4, IPV6 = b"\x81\x00", b"\x08\x00", b"\x86\xdd"
PORTS_BEHIND = {6, 17}
"""Protocols whose first four octets are ports: TCP, UDP."""


class Layers(NamedTuple):
    """Octets of a frame that a hash may look at; empty where it has none, or not in every fragment."""

    macs: bytes
    addresses: bytes
    ports: bytes


def layers(frame: bytes) -> Layers:
    """What stands in a frame, behind one tag or none."""
    start = 18 if frame[12:14] == TAG else 14
    kind, packet = frame[start - 2 : start], frame[start:]
    if kind == IPV4 and len(packet) >= 20:
        header = (packet[0] & 0x0F) * 4
        whole = not int.from_bytes(packet[6:8], "big") & 0x3FFF
        ports = packet[header : header + 4] if whole and packet[9] in PORTS_BEHIND else b""
        return Layers(frame[:12], packet[12:20], ports)
    if kind == IPV6 and len(packet) >= 40:
        ports = packet[40:44] if packet[6] in PORTS_BEHIND else b""
        return Layers(frame[:12], packet[8:40], ports)
    return Layers(frame[:12], b"", b"")


def added(octets: bytes) -> int:
    """The sum of 16-bit words."""
    return sum(int.from_bytes(octets[at : at + 2], "big") for at in range(0, len(octets), 2))


def exclusive(octets: bytes) -> int:
    """The exclusive or of octets."""
    return reduce(xor, octets, 0)


class Spread(Choices):
    """A link by a number of what stands in the frame."""

    def __init__(self, number: Callable[[Layers], int]) -> None:
        super().__init__()
        self._number = number

    def link(self, frame: bytes, links: int) -> int:
        return self._number(layers(frame)) % links


class InTurn(Choices):
    """A new conversation gets the next link."""

    def __init__(self) -> None:
        super().__init__()
        self._turns: dict[bytes, int] = {}

    def link(self, frame: bytes, links: int) -> int:
        return self._turns.setdefault(conversation(frame), len(self._turns)) % links


def by_macs(of: Layers) -> int:
    return exclusive(of.macs)


def by_macs_and_addresses(of: Layers) -> int:
    return exclusive(of.macs + of.addresses)


def by_addresses_and_ports(of: Layers) -> int:
    return exclusive(of.addresses + of.ports) if of.addresses else exclusive(of.macs)


def by_sum(of: Layers) -> int:
    return added(of.macs + of.addresses + of.ports)


def by_crc(of: Layers) -> int:
    return zlib.crc32(of.addresses or of.macs)


def device(name: str, number: Callable[[Layers], int]) -> Device:
    """One that spreads by a hash."""
    return Device(name, "43.2.4", "which link a conversation takes", choices=partial(Spread, number))


HASHES = (
    device("a hash that adds", by_sum),
    device("a hash of layer 2, exclusive or", by_macs),
    device("a hash of layers 2 and 3, exclusive or", by_macs_and_addresses),
    device("a hash of layers 3 and 4, exclusive or", by_addresses_and_ports),
    device("a hash of layer 3", by_crc),
    Device(
        "each conversation gets the next link", "43.2.4", "which link a conversation takes", choices=InTurn
    ),
)
