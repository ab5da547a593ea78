"""The last 16 octets of every frame: which run, which flow, which place in it.

Counted from the end, they are in one place whatever tags and headers come first, also when the kernel has
taken a VLAN tag out.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

OCTETS = 16
"""Run (4, big-endian), flow (4, little-endian), sequence number (8, little-endian)."""

FLOW_FROM_END = 12
SEQUENCE_FROM_END = 8

Instruction = tuple[int, int, int, int]
"""Of classic BPF (linux/filter.h): code, jump if true, jump if false, k."""

_LOAD_WORD, _LOAD_WORD_INDEXED, _LOAD_LENGTH = 0x20, 0x40, 0x80
_SUBTRACT, _TO_INDEX = 0x14, 0x07
_AT_LEAST, _EQUAL, _RETURN = 0x35, 0x15, 0x06
_PACKET_TYPE = 0xFFFFF000 + 4  # SKF_AD_OFF + SKF_AD_PKTTYPE
_INTERFACE = 0xFFFFF000 + 8  # SKF_AD_OFF + SKF_AD_IFINDEX
_OUTGOING = 4
_WHOLE_FRAME = 0x40000


def stamp(run: int, flow: int, sequence: int) -> bytes:
    """The end of a frame. ``run`` and ``flow`` are numbers of 32 bits, ``sequence`` of 64."""
    return struct.pack("!I", run) + struct.pack("<IQ", flow, sequence)


def of_run(run: int, indexes: Sequence[int], *, outgoing: bool) -> tuple[Instruction, ...]:
    """A filter for packet sockets: stamped frames of ``run``, those that come in or those that go out.

    Of interfaces with these ``indexes``; none means of all.
    """
    count = len(indexes)
    reject = count + bool(count) + 7  # instructions from the second to the last
    direction = (0, reject) if outgoing else (reject, 0)
    wanted = [(_EQUAL, count - 1 - n, 0 if n < count - 1 else 7, index) for n, index in enumerate(indexes)]
    return (
        (_LOAD_WORD, 0, 0, _PACKET_TYPE),
        (_EQUAL, *direction, _OUTGOING),
        *([(_LOAD_WORD, 0, 0, _INTERFACE)] if wanted else []),
        *wanted,
        (_LOAD_LENGTH, 0, 0, 0),
        (_AT_LEAST, 0, 5, OCTETS),
        (_SUBTRACT, 0, 0, OCTETS),
        (_TO_INDEX, 0, 0, 0),
        (_LOAD_WORD_INDEXED, 0, 0, 0),
        (_EQUAL, 0, 1, run),
        (_RETURN, 0, 0, _WHOLE_FRAME),
        (_RETURN, 0, 0, 0),
    )
