"""The last 16 octets of every frame: which run, which flow, which place in it, when it was sent.

Counted from the end, they are in one place whatever tags and headers come first, also when the kernel has
taken a VLAN tag out. Their Internet checksum (RFC 1071) is always 0: a stamp that was changed shows it, and
the checksums of UDP and TCP stay right whatever the stamp says.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

OCTETS = 16
"""Run (4, big-endian); sequence number (4), time sent (4), flow (2), balance (2), all little-endian."""

SEQUENCE_FROM_END, TIME_FROM_END, BALANCE_FROM_END = 12, 8, 2

FIELDS = np.dtype([("run", ">u4"), ("sequence", "<u4"), ("sent", "<u4"), ("flow", "<u2"), ("balance", "<u2")])

SEQUENCES = 1 << 32
"""Frames of one flow, at most."""

TICK_NS = 256
"""Nanoseconds of one unit of the time, which begins anew every 18 minutes."""

_TICKS = 1 << 32

Instruction = tuple[int, int, int, int]
"""Of classic BPF (linux/filter.h): code, jump if true, jump if false, k."""

_LOAD_WORD, _LOAD_WORD_INDEXED, _LOAD_LENGTH = 0x20, 0x40, 0x80
_SUBTRACT, _TO_INDEX = 0x14, 0x07
_AT_LEAST, _EQUAL, _RETURN = 0x35, 0x15, 0x06
_PACKET_TYPE = 0xFFFFF000 + 4  # SKF_AD_OFF + SKF_AD_PKTTYPE
_INTERFACE = 0xFFFFF000 + 8  # SKF_AD_OFF + SKF_AD_IFINDEX
_OUTGOING = 4
_WHOLE_FRAME = 0x40000


def stamp(run: int, flow: int, sequence: int, sent_ns: int = 0) -> bytes:
    """The end of a frame. ``run`` has 32 bits, ``flow`` 16, ``sequence`` 32; the time is in nanoseconds."""
    said = struct.pack("!I", run) + struct.pack("<IIH", sequence, ticks(sent_ns), flow)
    return said + struct.pack("<H", ~_folded(sum(struct.unpack("<7H", said))) & 0xFFFF)


def untimed(run: int, flow: int, sequence: int) -> bytes:
    """The end of a frame that says no time: in its place is the complement of the sequence number.

    So a generator that can count up and down, and nothing else, can make all stamps from the first.
    """
    return stamp(run, flow, sequence, (~sequence % SEQUENCES) * TICK_NS)


def timed(sequences: NDArray[np.int64], sent: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which frames say when they were sent."""
    said: NDArray[np.bool_] = np.not_equal(~sequences & (SEQUENCES - 1), sent)
    return said


def ticks(time_ns: int) -> int:
    """A time as it stands in a stamp."""
    return time_ns // TICK_NS % _TICKS


def balances(words: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """The last word of each stamp, from the sums of the seven before it."""
    folded = (words & 0xFFFF) + (words >> 16)
    return (~((folded & 0xFFFF) + (folded >> 16))).astype(np.uint16)


def intact(stamps: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether each stamp, a row of OCTETS octets, is as it was made."""
    words = stamps.view("<u2").astype(np.uint64)
    return np.equal(balances(words[:, :-1].sum(axis=1)), words[:, -1])


def delays(received_ns: NDArray[np.int64], sent: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Nanoseconds on the way: negative where the clocks differ by more. Right within 9 minutes."""
    passed = (received_ns // TICK_NS).astype(np.uint32) - sent
    return passed.astype(np.int32).astype(np.int64) * TICK_NS


def _folded(total: int) -> int:
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


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
