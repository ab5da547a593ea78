"""PACKET_TX_RING (packet(7)): frames written into memory shared with the kernel, many for one system call."""

from __future__ import annotations

import errno
import math
import mmap
import socket
import struct
import time
from collections.abc import Sequence

import numpy as np

from harness.net.packet_socket import SOL_PACKET, in_namespace
from harness.traffic import stamp
from harness.verdict import BenchError

_PACKET_VERSION, _PACKET_TX_RING, _PACKET_LOSS, _PACKET_VNET_HDR, _PACKET_TX_HAS_OFF = 10, 13, 14, 15, 19
_TPACKET_V2 = 1
_HEADER = 32  # struct tpacket2_hdr, aligned: tp_status first
_LENGTH_AT, _START_AT = 4, 12  # tp_len, tp_mac
_SEND_REQUEST = 1
_SO_SNDBUFFORCE = 32
_KERNEL_OCTETS = 1024  # more than the kernel counts for a short frame
_LOOK_AGAIN = 1e-4
_VNET = struct.Struct("=BBHHHH")  # struct virtio_net_hdr
_SLOTS_AT_LEAST = 4096
_OCTETS_AT_MOST = 256 << 20
_NO_LENGTH = 0xFFFFFF  # a frame of this length the kernel skips (PACKET_LOSS)
_PAGE = mmap.PAGESIZE


class TxRing:
    """A ring whose slots hold the flows in turn; slot n is of flow n modulo their number.

    The kernel copies each frame whole (a virtio-net header asks for that): a frame that waits in a queue must
    not change when its slot is used again. What is sent together is waited for; with ``waiting`` at least so
    many frames may be on their way, in the queues behind the interface. Raises BenchError where the interface
    cannot be opened.
    """

    def __init__(
        self, interface: str, namespace: str | None, frames: Sequence[bytes], run: int, waiting: int = 0
    ) -> None:
        self._where = f"interface {interface}" + (f" in namespace {namespace}" if namespace else "")
        longest = max(map(len, frames))
        slot = 1 << (_HEADER + _VNET.size + longest - 1).bit_length()
        block = max(slot, _PAGE)
        step = math.lcm(len(frames), block // slot)
        self.slots = step * max(1, -(-max(_SLOTS_AT_LEAST, waiting) // step))
        self._waiting = waiting
        self._sent_frames, self._most = 0, (stamp.SEQUENCES - self.slots) * len(frames)
        self.refused = 0  # frames that the interface did not take
        self._per_pass = self.slots // len(frames)
        octets = self.slots * slot
        if octets > _OCTETS_AT_MOST:
            raise BenchError(f"{len(frames)} flows of {longest} octets need a ring of {octets >> 20} MiB")
        try:
            self._socket = in_namespace(namespace, lambda: self._open(interface, block, octets, slot))
        except OSError as error:
            raise BenchError(f"{self._where}: cannot send: {error.strerror or error}") from None
        self._memory = mmap.mmap(self._socket.fileno(), octets)
        self._fill(frames, slot, run)

    def _open(self, interface: str, block: int, octets: int, slot: int) -> socket.socket:
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sock.setsockopt(SOL_PACKET, _PACKET_VERSION, _TPACKET_V2)
        sock.setsockopt(SOL_PACKET, _PACKET_VNET_HDR, 1)
        sock.setsockopt(SOL_PACKET, _PACKET_TX_HAS_OFF, 1)
        sock.setsockopt(SOL_PACKET, _PACKET_LOSS, 1)
        if self._waiting:
            sock.setsockopt(socket.SOL_SOCKET, _SO_SNDBUFFORCE, self.slots * _KERNEL_OCTETS)
        request = struct.pack("@IIII", block, octets // block, slot, octets // slot)
        sock.setsockopt(SOL_PACKET, _PACKET_TX_RING, request)
        sock.bind((interface, 0))
        return sock

    def _fill(self, frames: Sequence[bytes], slot: int, run: int) -> None:
        """Each frame ends where its slot does, so all sequence numbers are in one place."""
        flows = len(frames)
        contents = [
            _VNET.pack(0, 0, len(frame), 0, 0, 0) + frame[: -stamp.OCTETS] + stamp.stamp(run, number, 0)
            for number, frame in enumerate(frames)
        ]
        lengths = [len(content) for content in contents]
        octets = np.ndarray((self._per_pass, flows, slot), np.uint8, self._memory)
        for number, content in enumerate(contents):
            octets[:, number, -len(content) :] = np.frombuffer(content, np.uint8)
        every = (slot,)
        self._status = np.ndarray(self.slots, np.uint32, self._memory, 0, every)
        self._length = np.ndarray(self.slots, np.uint32, self._memory, _LENGTH_AT, every)
        self._length[:] = lengths * self._per_pass
        starts = [slot - length for length in lengths]
        np.ndarray(self.slots, np.uint16, self._memory, _START_AT, every)[:] = starts * self._per_pass
        self._sequence, self._time = (
            np.ndarray(self.slots, np.uint32, self._memory, slot - place, every)
            for place in (stamp.SEQUENCE_FROM_END, stamp.TIME_FROM_END)
        )
        self._balance = np.ndarray(self.slots, np.uint16, self._memory, slot - stamp.BALANCE_FROM_END, every)
        self._sequence[:] = np.repeat(np.arange(self._per_pass, dtype=np.uint32), flows)
        words = [struct.unpack("<8H", stamp.stamp(run, number, 0)) for number in range(flows)]
        self._fixed = np.array([sum(said[:-1]) for said in words] * self._per_pass, np.uint64)

    def send(self, start: int, end: int) -> None:
        """Send the frames of slots [start, end), which follow those sent before. Raises BenchError.

        They bear the time at which they are handed over together.
        """
        if self._sent_frames >= self._most:
            raise BenchError(f"{self._where}: a flow has no more than {stamp.SEQUENCES:,} frames")
        self._sent_frames += end - start
        while self._waiting and self._status[start:end].any():
            time.sleep(_LOOK_AGAIN)  # a slot is free when its frame has left the last queue
        self._stamp(start, end, stamp.ticks(time.time_ns()))
        self._status[start:end] = _SEND_REQUEST
        refused: list[tuple[int, int]] = []
        while not self._sent():
            slot = start + int(np.argmax(self._status[start:end] == _SEND_REQUEST))
            refused.append((slot, int(self._length[slot])))
            self._length[slot] = _NO_LENGTH
        for slot, length in refused:
            self._length[slot] = length
        self.refused += len(refused)
        self._sequence[start:end] += np.uint32(self._per_pass)

    def _stamp(self, start: int, end: int, sent: int) -> None:
        sequence = self._sequence[start:end].astype(np.uint64)
        words = self._fixed[start:end] + (sequence & 0xFFFF) + (sequence >> 16)
        self._time[start:end] = sent
        self._balance[start:end] = stamp.balances(words + np.uint64((sent & 0xFFFF) + (sent >> 16)))

    def _sent(self) -> bool:
        """Hand over; False when the interface refused a frame, which the kernel would try again for ever."""
        try:
            self._socket.send(b"", socket.MSG_DONTWAIT if self._waiting else 0)
        except OSError as error:
            if error.errno == errno.ENOBUFS:
                return False
            raise BenchError(f"{self._where}: cannot send: {error.strerror}") from None
        return True

    def close(self) -> None:
        """Let go of the ring."""
        self._socket.close()
