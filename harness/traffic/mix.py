"""Mixes: conversations that differ in all that a conversation may differ in, described with scapy.

Tags, kinds and sizes each take turns; their cycles have no common divisor, so all combinations come about,
and the first few conversations have some of everything. Addresses and ports are drawn (`drawn`).
"""

from __future__ import annotations

import functools
import hashlib
import struct
from dataclasses import dataclass, replace
from typing import NamedTuple

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Packet

TAGS: tuple[int | None, ...] = (None, 5 << 13, 7 << 13 | 100)
"""TCIs: no tag, a priority tag, VLAN 100 with priority 7."""

KINDS = ((4, "udp"), (4, "tcp"), (6, "udp"), (6, "tcp"))
"""Version of IP and what it carries."""

SHARES = (0.0, 1.0, 0.04, 0.35, 0.08, 0.7, 0.15)
"""Sizes, from the shortest frame to the longest."""

SHORTEST = 60
UNTAGGED = 1514
"""Octets of the longest frame that every Ethernet carries, without tag and FCS."""
JUMBO = 9014

_HEADERS = {4: 20, 6: 40, "udp": 8, "tcp": 20}
_CHECKSUM_AT = {"udp": 6, "tcp": 16}
_NUMBERS = {"udp": 17, "tcp": 6}
_TAG = 4
_DYNAMIC = 0x8000
"""A port has this bit: none of them is a service's."""


class Drawn(NamedTuple):
    """What tells a conversation from others: the last octets of three addresses; ``ports`` are from, to."""

    station: bytes
    source: bytes
    destination: bytes
    ports: tuple[int, int]

    @property
    def mac(self) -> str:
        """The destination address, an individual one that is administered locally."""
        return "02:10:5e:" + self.station.hex(":")


@functools.lru_cache(maxsize=4096)
def drawn(number: int) -> Drawn:
    """Those of conversation ``number``, the same in every run.

    Fields that count up together look like one conversation to a hash that adds or XORs them. So each field
    is drawn by itself, and any part of any of them spreads conversations.
    """
    drawing = hashlib.blake2b(number.to_bytes(8, "big"), digest_size=11).digest()
    ports = (int.from_bytes(drawing[at : at + 2], "big") | _DYNAMIC for at in (7, 9))
    return Drawn(drawing[:3], drawing[3:5], drawing[5:7], (next(ports), next(ports)))


@dataclass(frozen=True)
class Form:
    """What frames of a conversation look like; ``octets`` without FCS."""

    tci: int | None
    version: int
    transport: str
    octets: int

    def untagged(self) -> Form:
        """The same without its tag."""
        return self if self.tci is None else replace(self, tci=None, octets=self.octets - _TAG)

    @property
    def room(self) -> int:
        """Octets behind the headers; more where what must be in a frame needs more."""
        tag = 0 if self.tci is None else _TAG
        return max(0, self.octets - 14 - tag - _HEADERS[self.version] - _HEADERS[self.transport])


def form(number: int, longest: int = UNTAGGED) -> Form:
    """That of conversation ``number``; a frame has ``longest`` octets at most, and a tag on top."""
    tci = TAGS[number % len(TAGS)]
    version, transport = KINDS[number % len(KINDS)]
    share = SHARES[number % len(SHARES)]
    tag = 0 if tci is None else _TAG
    return Form(tci, version, transport, SHORTEST + round(share * (longest - SHORTEST)) + tag)


def packet(look: Form, source: str, destination: str, data: bytes) -> Packet:
    """A frame by scapy, of conversation 0, with ``data``."""
    ether = Ether(src=source, dst=destination)
    if look.tci is not None:
        ether /= Dot1Q(prio=look.tci >> 13, dei=look.tci >> 12 & 1, vlan=look.tci & 0xFFF)
    if look.version == 4:
        network = IP(src="198.18.0.0", dst="198.19.0.0", flags="DF")
    else:
        network = IPv6(src="2001:db8::", dst="2001:db8:ffff::")
    transport = UDP(sport=0, dport=0) if look.transport == "udp" else TCP(sport=0, dport=0, flags="A")
    return ether / network / transport / data


def frame(look: Form, number: int, source: str, destination: str, data: bytes) -> bytes:
    """That frame as one of conversation ``number``: with the addresses and ports that are `drawn` for it.

    scapy makes one of each form and thousands take it long: here they get their addresses and checksums.
    """
    own = drawn(number)
    octets = bytearray(_described(look, len(data)))
    network = 14 if look.tci is None else 14 + _TAG
    transport = network + _HEADERS[look.version]
    octets[:12] = bytes.fromhex((destination + source).replace(":", ""))
    addresses = slice(network + 12 if look.version == 4 else network + 8, transport)
    half = (addresses.stop - addresses.start) // 2
    octets[transport - half - 2 : transport - half] = own.source
    octets[transport - 2 : transport] = own.destination
    octets[transport : transport + 4] = struct.pack("!HH", *own.ports)
    octets[transport + _HEADERS[look.transport] :] = data
    if look.version == 4:
        octets[network + 10 : network + 12] = bytes(2)
        octets[network + 10 : network + 12] = _checksum(octets[network:transport])
    at = transport + _CHECKSUM_AT[look.transport]
    octets[at : at + 2] = bytes(2)
    length = len(octets) - transport
    pseudo = octets[addresses] + length.to_bytes(4, "big") + _NUMBERS[look.transport].to_bytes(4, "big")
    octets[at : at + 2] = _checksum(pseudo + octets[transport:], never_0=look.transport == "udp")
    return bytes(octets)


@functools.lru_cache(maxsize=1024)
def _described(look: Form, octets: int) -> bytes:
    return bytes(packet(look, "00:00:00:00:00:00", "00:00:00:00:00:00", bytes(octets)))


def _checksum(octets: bytes | bytearray, *, never_0: bool = False) -> bytes:
    """RFC 1071: carries are added, so the sum of all words is what one number of them leaves by 65535."""
    even = octets + bytes(len(octets) % 2)
    total = int.from_bytes(even, "big") % 0xFFFF or 0xFFFF
    return ((0xFFFF - total) or (0xFFFF if never_0 else 0)).to_bytes(2, "big")


def mix_frames(count: int, source: str, *, longest: int = UNTAGGED) -> list[bytes]:
    """A frame of each of ``count`` conversations, at most `FLOWS_MOST`, of all forms: for a `Sender`.

    They come from one MAC address. Checksums of IP, UDP and TCP
    are right, and stay so whatever the stamps say.
    """
    return [_stamped(number, source, form(number, longest)) for number in range(count)]


def _stamped(number: int, source: str, look: Form) -> bytes:
    from harness.traffic import stamp  # here: it loads numpy, which testcases in virtual time do without

    return frame(look, number, source, drawn(number).mac, stamp.stamp(0, 0, 0).rjust(look.room, b"\0"))
