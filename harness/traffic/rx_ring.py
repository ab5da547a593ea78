"""A TPACKET_V3 ring (packet(7)): blocks of frames in memory shared with the kernel, read by the array."""

from __future__ import annotations

import ctypes
import mmap
import select
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.bench.sockets import (
    ETH_P_ALL,
    PACKET_ADD_MEMBERSHIP,
    PACKET_MR_PROMISC,
    PACKET_STATISTICS,
    SOL_PACKET,
    in_namespace,
)
from harness.traffic import stamp
from harness.verdict import BenchError

_PACKET_VERSION, _PACKET_RX_RING, _PACKET_IGNORE_OUTGOING = 10, 5, 23
_SO_ATTACH_FILTER = 26
_TPACKET_V3 = 2
_BLOCK = 1 << 20
_RETIRE_MS = 2  # a block that is not full is handed over after so long
_OURS = 1  # TP_STATUS_USER

# struct tpacket_block_desc: places in 32-bit words
_STATUS, _FRAMES, _FIRST = 2, 3, 4
# struct tpacket3_hdr with sockaddr_ll behind it: places in 32-bit and 16-bit words
_NEXT, _SECONDS, _NANOSECONDS, _CAPTURED = 0, 1, 2, 3
_START = 12
_INDEX = 13
_STAMP = np.dtype([("flow", "<u4"), ("sequence", "<i8")])


@dataclass(frozen=True)
class Batch:
    """Frames in the order in which they came: flow, place in the flow, time stamp (ns), interface's index."""

    flows: NDArray[np.uint16]
    sequences: NDArray[np.int64]
    times: NDArray[np.int64]
    indexes: NDArray[np.uint32]


class RxRing:
    """Stamped frames of one run on some interfaces of a namespace, in one order; on all, where none is named.

    ``outgoing``: those that the host sends, instead of those it receives. Raises BenchError.
    """

    def __init__(
        self, interfaces: Sequence[str], namespace: str | None, run: int, *, outgoing: bool, octets: int
    ) -> None:
        self._where = " ".join(interfaces) or "any interface"
        if namespace:
            self._where += f" in namespace {namespace}"
        self._blocks = max(2, octets // _BLOCK)
        try:
            self._socket = in_namespace(namespace, lambda: self._open(interfaces, run, outgoing))
        except OSError as error:
            raise BenchError(f"{self._where}: cannot capture: {error.strerror or error}") from None
        self._memory = mmap.mmap(self._socket.fileno(), self._blocks * _BLOCK)
        self._octets = np.frombuffer(self._memory, np.uint8)
        self._halves = np.frombuffer(self._memory, np.uint16)
        self._words = np.frombuffer(self._memory, np.uint32)
        self._next = 0
        self._dropped = 0
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)

    def _open(self, interfaces: Sequence[str], run: int, outgoing: bool) -> socket.socket:
        indexes = [socket.if_nametoindex(interface) for interface in interfaces]
        program = stamp.of_run(run, indexes, outgoing=outgoing)
        alone = len(indexes) == 1
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0 if alone else socket.htons(ETH_P_ALL))
        octets = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
        code = struct.pack("@HP", len(program), ctypes.addressof(octets))
        sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, code)
        sock.setsockopt(SOL_PACKET, _PACKET_VERSION, _TPACKET_V3)
        sock.setsockopt(SOL_PACKET, _PACKET_IGNORE_OUTGOING, not outgoing)
        request = struct.pack("@7I", _BLOCK, self._blocks, _BLOCK, self._blocks, _RETIRE_MS, 0, 0)
        sock.setsockopt(SOL_PACKET, _PACKET_RX_RING, request)
        for index in indexes:
            promiscuous = struct.pack("iHH8s", index, PACKET_MR_PROMISC, 0, b"")
            sock.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, promiscuous)
        if alone:
            sock.bind((interfaces[0], ETH_P_ALL))
        return sock

    def wait(self, seconds: float) -> None:
        """Return when a block waits, or after ``seconds``."""
        self._poll.poll(seconds * 1000)

    def read(self) -> Batch | None:
        """The frames of the next block; None when none waits."""
        word = self._next * _BLOCK // 4
        if not self._words[word + _STATUS] & _OURS:
            return None
        batch = self._block(word)
        self._words[word + _STATUS] = 0
        self._next = (self._next + 1) % self._blocks
        return batch

    def dropped(self) -> int:
        """Frames that found no room in the ring, so far (PACKET_STATISTICS)."""
        said = self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 12)
        self._dropped += struct.unpack("@III", said)[1]
        return self._dropped

    def close(self) -> None:
        """Let go of the ring."""
        self._socket.close()

    def _block(self, word: int) -> Batch:
        at = self._frames(word, int(self._words[word + _FRAMES]), int(self._words[word + _FIRST]))
        words = at >> 2
        ends = at + self._halves[(at >> 1) + _START] + self._words[words + _CAPTURED]
        places = (ends - stamp.FLOW_FROM_END)[:, None] + np.arange(stamp.FLOW_FROM_END)
        stamps = self._octets[places].view(_STAMP)[:, 0]
        seconds = self._words[words + _SECONDS].astype(np.int64)
        return Batch(
            stamps["flow"].astype(np.uint16),
            stamps["sequence"].astype(np.int64),
            seconds * 1_000_000_000 + self._words[words + _NANOSECONDS],
            self._words[words + _INDEX],
        )

    def _frames(self, word: int, count: int, first: int) -> NDArray[np.int64]:
        """Where each frame's header begins in the ring: at equal distances when all are of one length."""
        start = word * 4 + first
        stride = int(self._words[(start >> 2) + _NEXT]) if count > 1 else 0
        guessed = start + stride * np.arange(count, dtype=np.int64)
        if count < 3 or self._equal(word, guessed, stride):
            return guessed
        at = [start]
        for _ in range(count - 1):
            at.append(at[-1] + int(self._words[(at[-1] >> 2) + _NEXT]))
        return np.array(at, np.int64)

    def _equal(self, word: int, guessed: NDArray[np.int64], stride: int) -> bool:
        inside = int(guessed[-1]) < word * 4 + _BLOCK
        return inside and bool((self._words[(guessed[:-1] >> 2) + _NEXT] == stride).all())
