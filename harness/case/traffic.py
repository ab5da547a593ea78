"""Conversations for tests: frames that say which they are, so that a capture can be checked frame by frame.

UDP in IPv4 without a checksum; or a mix, whose checksums are right whatever the sequence number, for its
complement stands beside it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Packet

from harness.pdu import Frame, udp
from harness.pdu.udp import udp_headers
from harness.traffic import mix

MAGIC = b"agr-lab\x00"
_RECORD = struct.Struct("!8sIII")  # and the sequence number's complement
_NUMBERS = struct.Struct("!II")
_DATA = 26  # octets behind the headers, at least
_FARTHEST = 160  # a record ends before this octet: behind two tags, IPv6, an extension header and TCP at most


Key = tuple[int, int]
"""Conversation and sequence number."""


@dataclass(frozen=True)
class Conversation:
    """Frames that must stay in order (43.2.4): one source, one destination, one flow.

    `number` is written into each frame; `tci` tags them (802.1Q) where it is not None. `network` is what
    follows instead of IPv4 and UDP of the number's own: headers, or scapy's Raw for a frame without any.
    `look` says all of this of a conversation of a mix, and how long its frames are.
    """

    number: int
    source: str
    destination: str = "02:00:5e:00:53:f0"
    tci: int | None = None
    network: Packet | None = field(default=None, compare=False)
    look: mix.Form | None = None

    @cached_property
    def _octets(self) -> int:
        """Of a frame, at least."""
        return len(self._mixed) if self.look else len(self._head) + _DATA

    @cached_property
    def _mixed(self) -> bytes:
        assert self.look is not None
        data = label(self.number, 0).ljust(max(self.look.room, _RECORD.size), b"\0")
        return mix.frame(self.look, self.number, self.source, self.destination, data)

    @cached_property
    def _head(self) -> bytes:
        if self.look is not None:
            return self._mixed[: self._mixed.index(MAGIC)]
        if self.network is None:
            return self._own
        ether = Ether(src=self.source, dst=self.destination)
        if self.tci is not None:
            ether /= Dot1Q(prio=self.tci >> 13, dei=self.tci >> 12 & 1, vlan=self.tci & 0xFFF)
        octets = bytes(ether / self.network / label(self.number, 0).ljust(_DATA, b"\0"))
        return octets[: octets.index(MAGIC)]

    @property
    def _own(self) -> bytes:
        source, destination = (bytes.fromhex(mac.replace(":", "")) for mac in (self.source, self.destination))
        drawn = mix.drawn(self.number)
        headers = udp_headers(
            source,
            destination,
            addresses=("198.18.{}.{}".format(*drawn.source), "198.19.{}.{}".format(*drawn.destination)),
            ports=drawn.ports,
            octets=udp.OCTETS + _DATA,
        )
        tag = b"" if self.tci is None else struct.pack("!HH", 0x8100, self.tci)
        return headers[:12] + tag + headers[12:]

    def frame(self, sequence: int, length: int = 0) -> bytes:
        """One frame; padded with zeros to `length` octets."""
        body = self._head + label(self.number, sequence)
        return body.ljust(max(length, self._octets), b"\0")

    def frames(self, count: int, first: int = 0) -> list[bytes]:
        """`count` frames in order."""
        return [self.frame(sequence) for sequence in range(first, first + count)]


def label(number: int, sequence: int) -> bytes:
    """What a test frame bears, so that `record` tells its conversation and sequence number."""
    return _RECORD.pack(MAGIC, number, sequence, ~sequence & 0xFFFFFFFF)


def mixed(flows: Sequence[Conversation], longest: int, *, tags: bool = True) -> list[Conversation]:
    """The same with and without tags, in IPv4 and IPv6, UDP and TCP, their frames of all lengths.

    An untagged one has `longest` octets at most, without FCS; without `tags` all are untagged.
    """
    looks = (mix.form(flow.number, longest) for flow in flows)
    return [
        replace(flow, look=look if tags else look.untagged()) for flow, look in zip(flows, looks, strict=True)
    ]


def conversations(count: int, source: str) -> list[Conversation]:
    """Conversations that differ in destination MAC, IPv4 addresses and UDP ports, each drawn by itself."""
    return [Conversation(number, source, mix.drawn(number).mac) for number in range(count)]


def interleaved(all_of: Sequence[Conversation], count: int) -> Iterator[bytes]:
    """`count` frames of each conversation, a frame of each in turn."""
    for sequence in range(count):
        for conversation in all_of:
            yield conversation.frame(sequence)


def record(frame: Frame) -> Key | None:
    """(conversation, sequence) of a test frame, None for another one."""
    data = frame.data
    at = data.find(MAGIC, 14, _FARTHEST)
    if at < 0 or len(data) < at + _RECORD.size:
        return None
    told: Key = _NUMBERS.unpack_from(data, at + len(MAGIC))
    return told


def sequences(frames: Iterable[Frame]) -> dict[int, list[int]]:
    """Sequence numbers by conversation, in the order of the capture."""
    found: dict[int, list[int]] = {}
    for frame in frames:
        told = record(frame)
        if told is not None:
            found.setdefault(told[0], []).append(told[1])
    return found


def inversions(order: Sequence[int]) -> int:
    """Frames that came after one with a higher sequence number."""
    highest, late = -1, 0
    for sequence in order:
        late += sequence < highest
        highest = max(highest, sequence)
    return late
