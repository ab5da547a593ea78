"""What the frames of each flow hold before their stamp: whether one came as it was sent, octet for octet."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.traffic import stamp

_TAG = slice(12, 16)
_TPID = 0x8100


@dataclass(frozen=True)
class Places:
    """Captured frames in a memory: where each begins and ends, its flow, and the tag that the kernel took.

    ``tags`` are TCIs, -1 where the frame is as it was on the wire.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    flows: NDArray[np.uint16]
    tags: NDArray[np.int32]


class Contents:
    """``frames[n]`` is the frame of flow n, as the sender was given it."""

    def __init__(self, frames: Sequence[bytes]) -> None:
        self._whole = [frame[: -stamp.OCTETS] for frame in frames]
        self._untagged = [_without_tag(frame) for frame in self._whole]

    def same(self, memory: mmap.mmap, places: Places) -> NDArray[np.bool_]:
        """Which frames are as they were sent, but for their stamps."""
        each = zip(
            places.starts.tolist(),
            (places.ends - stamp.OCTETS).tolist(),
            places.flows.tolist(),
            places.tags.tolist(),
            strict=True,
        )
        return np.fromiter(
            (memory[start:end] == self._wanted(flow, tag) for start, end, flow, tag in each),
            np.bool_,
            len(places.starts),
        )

    def _wanted(self, flow: int, tag: int) -> bytes | None:
        if flow >= len(self._whole):
            return None
        if tag < 0:
            return self._whole[flow]
        tci, octets = self._untagged[flow]
        return octets if tci == tag else None


def _without_tag(frame: bytes) -> tuple[int | None, bytes]:
    tpid, tci = struct.unpack("!HH", frame[_TAG])
    return (tci, frame[: _TAG.start] + frame[_TAG.stop :]) if tpid == _TPID else (None, b"")
