"""A TPACKET_V3 ring (packet(7)): blocks of frames in memory shared with the kernel, read by the array."""

from __future__ import annotations

import ctypes
import mmap
import select
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from harness.net.packet_socket import (
    ETH_P_ALL,
    PACKET_ADD_MEMBERSHIP,
    PACKET_MR_PROMISC,
    PACKET_STATISTICS,
    SOL_PACKET,
    TP_STATUS_VLAN_VALID,
    in_namespace,
)
from harness.traffic import stamp
from harness.traffic.contents import Contents, Places
from harness.verdict import BenchError

_PACKET_VERSION, _PACKET_RX_RING, _PACKET_TIMESTAMP, _PACKET_IGNORE_OUTGOING = 10, 5, 17, 23
_SOF_TIMESTAMPING_RAW_HARDWARE = 1 << 6
_SO_ATTACH_FILTER = 26
_TPACKET_V3 = 2
_BLOCK = 1 << 20
_RETIRE_MS = 10  # a block that is not full is handed over after so long: it takes the room of a full one
_OURS = 1  # TP_STATUS_USER

# struct tpacket_block_desc: places in 32-bit words
_STATUS, _FRAMES, _FIRST = 2, 3, 4
# struct tpacket3_hdr with sockaddr_ll behind it: places in 32-bit and 16-bit words
_NEXT, _SECONDS, _NANOSECONDS, _CAPTURED, _FRAME_STATUS, _TCI = 0, 1, 2, 3, 5, 8
_START = 12
_INDEX = 13
_TAG_TAKEN = TP_STATUS_VLAN_VALID
_NICS_STAMP = 1 << 31  # TP_STATUS_TS_RAW_HARDWARE


@dataclass(frozen=True)
class Batch:
    """Frames in the order in which they came: flow, place in the flow, time stamp (ns), interface's index.

    And when each was sent (`stamp.ticks`), whether the time stamp is the NIC's own, and whether the frame is
    as it was sent. Of one that is not, flow, place and time of sending may be wrong.
    """

    flows: NDArray[np.uint16]
    sequences: NDArray[np.int64]
    times: NDArray[np.int64]
    indexes: NDArray[np.uint32]
    sent: NDArray[np.uint32]
    by_nic: NDArray[np.bool_]
    intact: NDArray[np.bool_]

    def of(self, chosen: NDArray[np.bool_]) -> Batch:
        """Some of the frames."""
        return Batch(*(getattr(self, field.name)[chosen] for field in fields(self)))


class RxRing:
    """Stamped frames of one run on some interfaces of a namespace, in one order; on all, where none is named.

    ``outgoing``: those that the host sends, instead of those it receives. ``contents`` are compared octet for
    octet where they are given; a stamp always tells if it was changed. ``nic_clock``: time stamps of the NIC
    where it makes them, instead of the kernel's. Raises BenchError.
    """

    def __init__(
        self,
        interfaces: Sequence[str],
        namespace: str | None,
        run: int,
        *,
        outgoing: bool,
        octets: int,
        contents: Contents | None = None,
        nic_clock: bool = False,
    ) -> None:
        self._contents = contents
        self._nic_clock = nic_clock
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
        if self._nic_clock:
            sock.setsockopt(SOL_PACKET, _PACKET_TIMESTAMP, _SOF_TIMESTAMPING_RAW_HARDWARE)
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
        starts = at + self._halves[(at >> 1) + _START]
        ends = starts + self._words[words + _CAPTURED]
        octets = self._stamps(ends - stamp.OCTETS)
        stamps = octets.view(stamp.FIELDS)[:, 0]
        status = self._words[words + _FRAME_STATUS]
        flows = stamps["flow"].astype(np.uint16)
        intact = stamp.intact(octets)
        if self._contents is not None:
            tags = np.where(status & _TAG_TAKEN, self._words[words + _TCI].astype(np.int32), -1)
            intact &= self._contents.same(self._memory, Places(starts, ends, flows, tags))
        seconds = self._words[words + _SECONDS].astype(np.int64)
        return Batch(
            flows,
            stamps["sequence"].astype(np.int64),
            seconds * 1_000_000_000 + self._words[words + _NANOSECONDS],
            self._words[words + _INDEX],
            stamps["sent"].astype(np.uint32),
            (status & _NICS_STAMP) != 0,
            intact,
        )

    def _stamps(self, starts: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The octets of each stamp; at equal distances when all frames are of one length."""
        count = len(starts)
        stride = int(starts[1] - starts[0]) if count > 1 else stamp.OCTETS
        if count < 2 or bool((np.diff(starts) == stride).all()):
            shape = (count, stamp.OCTETS)
            return np.ndarray(shape, np.uint8, self._memory, int(starts[0]), (stride, 1)).copy()
        return np.take(self._octets, starts[:, None] + np.arange(stamp.OCTETS))

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
