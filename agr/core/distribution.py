"""Frame Distribution (43.2.4) after agr(4): conversations by a hash of addresses, or round robin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import cycle
from struct import Struct
from typing import Final

_VLAN_TYPES = (0x8100, 0x88A8)
_IPv4, _IPv4_OCTETS = 0x0800, 20
_IPv6, _IPv6_OCTETS = 0x86DD, 40

_TYPE, _TAG = Struct("!H"), Struct("!HH")  # a tag's TCI, and the type behind it
_MAC_ADDRESSES, _IPv4_ADDRESSES, _IPv6_ADDRESSES = Struct("<3I"), Struct("<2I"), Struct("<8I")

# Conversations are told apart, and moved, by bucket: this many, a power of two.
BUCKETS: Final = 1024

_FACTOR = 0x9E3779B1  # 2^32 / golden ratio, odd
_MORE_ROUNDS = bytes(3)  # words of 0

Table = list[str | None]


def conversation_hash(frame: bytes | memoryview) -> int:
    """32 bits that are equal for all frames of a conversation; a frame has at least DA, SA and type.

    Taken in: DA and SA, the TCI of the first tag, and the IPv4 or IPv6 addresses behind at most two tags.
    A tag counts where TCI and the type behind it are present, an IP header where all its 20 or 40 octets are.
    Nothing of layer 4, so the fragments of a datagram are alike. The first 62 octets suffice.

    The C data path computes the very same. The words of 0 at the end are more rounds: without any, the last
    octet of an IP destination would reach a single bit of the bucket, and a whole /24 two buckets; with one,
    the lowest bits of those buckets would be alike, and most of a /24 in a VLAN on one of four links.
    """
    value = 0
    for word in _words(frame):
        value = (value ^ word) * _FACTOR & 0xFFFFFFFF
        value ^= value >> 15
    return value


def bucket_of(frame: bytes | memoryview) -> int:
    """The conversation of ``frame``: 0..BUCKETS-1. See `conversation_hash`."""
    return conversation_hash(frame) % BUCKETS


def _words(frame: bytes | memoryview) -> tuple[int, ...]:
    tci, end = 0, 12
    (kind,) = _TYPE.unpack_from(frame, end)
    for tags in range(2):
        if kind not in _VLAN_TYPES or len(frame) < end + 6:
            break
        first, kind = _TAG.unpack_from(frame, end + 2)
        if not tags:
            tci = first
        end += 4
    packet = end + 2
    addresses: tuple[int, ...] = ()
    if kind == _IPv4 and len(frame) >= packet + _IPv4_OCTETS:
        addresses = _IPv4_ADDRESSES.unpack_from(frame, packet + 12)
    elif kind == _IPv6 and len(frame) >= packet + _IPv6_OCTETS:
        addresses = _IPv6_ADDRESSES.unpack_from(frame, packet + 8)
    return (*_MAC_ADDRESSES.unpack_from(frame), tci, *addresses, *_MORE_ROUNDS)


class Distributor:
    """Where the frames of each conversation leave, at this instant.

    ``ports`` are the names of the Distributing ports, sorted. ``table`` has the port of each bucket, None
    where its frames are dropped. ``round_robin`` are the ports that take turns instead (link0), else None.
    """

    def __init__(self) -> None:
        self.ports: tuple[str, ...] = ()
        self.table: Table = [None] * BUCKETS
        self.round_robin: tuple[str, ...] | None = None

    def set_ports(self, ports: Iterable[str]) -> None:
        """Replace the set of Distributing ports; ``table`` follows when conversations have moved."""
        self.ports = tuple(sorted(ports))


def spread(table: Table, ports: Iterable[str], former: Table) -> Table:
    """``table`` with its buckets spread evenly, within one, over ``ports``: as few as possible move.

    ``former`` are the ports that the buckets were on before: a port that comes back gets those back first.
    The same arguments give the same result.
    """
    owned = Counter(table)
    order = sorted(ports, key=lambda port: (-owned[port], port))
    if not order:
        return [None] * len(table)
    least, more = divmod(len(table), len(order))
    # How many buckets each port, or nobody, is to get; it gives some where this is below 0.
    room: Counter[str | None] = Counter({port: least + (place < more) for place, port in enumerate(order)})
    room.subtract(owned)
    result = list(table)
    for bucket, port in enumerate(former):
        owner = result[bucket]
        if room[port] > 0 > room[owner]:
            room[port] -= 1
            room[owner] += 1
            result[bucket] = port
    for bucket in reversed(range(len(result))):
        owner = result[bucket]
        if room[owner] < 0:
            room[owner] += 1
            result[bucket] = None
    turns = cycle(sorted(order))
    for bucket, owner in enumerate(result):
        if owner is None:
            port = next(turns)
            while not room[port]:
                port = next(turns)
            room[port] -= 1
            result[bucket] = port
    return result
