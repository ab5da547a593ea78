"""The packet sockets of held frames, to receive and to send them: many frames a system call."""

from __future__ import annotations

import ctypes
import errno
import functools
import mmap
import os
import socket
import struct
from collections.abc import Sequence
from itertools import chain

from agr.daemon.datapath.datapath import HELD_OCTETS
from agr.daemon.datapath.kernelpath import QUEUE_BITS, SO_RCVMARK
from agr.daemon.linux.packet import (
    PACKET_VNET_HDR,
    SOL_PACKET,
    frames_with_mark,
    leave_queueing_to_interface,
    open_packet_socket,
)
from agr.daemon.linux.virtionet import (
    LARGEST_FRAME,
    NO_OFFLOADS,
    TAG_IS_VALID,
    TAG_OCTETS,
    VNET_OCTETS,
    put_tag_back,
)

BATCH = 64
_LINK_ADDRESS = struct.Struct("=HHiHBB8s")  # struct sockaddr_ll

# What recvmsg(2) gives beside each frame, for all of a batch: SO_MARK, and status, TCI and TPID of struct
# tpacket_auxdata, each behind a struct cmsghdr.
_BESIDE = struct.Struct("@" + BATCH * "NiiI0NNiiI12xHH0N")
_BESIDE_OCTETS = _BESIDE.size // BATCH
_BESIDE_FIELDS = 10

_libc = ctypes.CDLL(None, use_errno=True)


class _Piece(ctypes.Structure):
    """struct iovec"""

    base: int
    octets: int
    _fields_ = (("base", ctypes.c_void_p), ("octets", ctypes.c_size_t))


class _Header(ctypes.Structure):
    """struct msghdr"""

    name: int
    name_octets: int
    pieces: int
    piece_count: int
    control: int
    control_octets: int
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_octets", ctypes.c_uint32),
        ("pieces", ctypes.c_void_p),
        ("piece_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_octets", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    """struct mmsghdr"""

    header: _Header
    octets: int
    _fields_ = (("header", _Header), ("octets", ctypes.c_uint))


_LENGTHS = struct.Struct("@" + BATCH * f"{ctypes.sizeof(_Header)}xI0N")
_QUEUE = (1 << QUEUE_BITS) - 1


# A frame behind its virtio-net header: its address in memory, and its octets.
Frame = tuple[int, int]
# The queues of some frames, and these frames.
QueuedFrames = tuple[list[int], list[Frame]]


class _Batch:
    """Memory for what one system call receives. Pages that no frame has touched take none."""

    def __init__(self) -> None:
        slot = TAG_OCTETS + VNET_OCTETS + LARGEST_FRAME
        self._memory = mmap.mmap(-1, BATCH * slot, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._frames = memoryview(self._memory)
        self._offsets = [number * slot for number in range(BATCH)]
        self._start = _address(self._memory)
        self._starts = [self._start + offset + TAG_OCTETS for offset in self._offsets]
        self._beside = bytearray(BATCH * _BESIDE_OCTETS)
        beside = _address(self._beside)
        self._pieces = (_Piece * BATCH)(*[_Piece(start, slot - TAG_OCTETS) for start in self._starts])
        self._messages = (_Message * BATCH)()
        for number, message in enumerate(self._messages):
            message.header.pieces, message.header.piece_count = ctypes.addressof(self._pieces[number]), 1
            message.header.control = beside + number * _BESIDE_OCTETS
            message.header.control_octets = _BESIDE_OCTETS
        self._fresh = bytes(self._messages)

    def receive(self, descriptor: int) -> QueuedFrames | None:
        """As `HoldSocket.receive`."""
        ctypes.memmove(self._messages, self._fresh, len(self._fresh))
        count = _libc.recvmmsg(descriptor, self._messages, BATCH, socket.MSG_DONTWAIT, None)
        if count < 0:
            return ([], []) if ctypes.get_errno() in (errno.EINVAL, errno.EINTR) else None
        octets = _LENGTHS.unpack(self._messages)[:count]
        beside = _BESIDE.unpack(self._beside)[: count * _BESIDE_FIELDS]
        queues = [mark & _QUEUE for mark in beside[3::_BESIDE_FIELDS]]
        frames = list(zip(self._starts, octets))  # noqa: B905 - as many as were received
        for number, status in enumerate(beside[7::_BESIDE_FIELDS]):
            if status & TAG_IS_VALID:
                tci, kind = beside[number * _BESIDE_FIELDS + 8 :][:2]
                frames[number] = self._with_tag(number, octets[number], status, kind, tci)
        return queues, frames

    def _with_tag(self, number: int, octets: int, status: int, kind: int, tci: int) -> Frame:
        """The frame with the tag that the kernel keeps beside it."""
        start = self._offsets[number]
        put_tag_back(self._frames[start : start + TAG_OCTETS + octets], status, kind, tci)
        return self._start + start, TAG_OCTETS + octets


# One for all sockets: what is received is dealt with before anything else is.
_batch = functools.cache(_Batch)


class HoldSocket:
    """Receives the frames of an interface that the programs hold from now on, in order.

    Frames wait in the socket's buffer, of HELD_OCTETS. Raises OSError.
    """

    def __init__(self, index: int, magic: int) -> None:
        self._socket = open_packet_socket(
            socket.if_indextoname(index),
            frames_with_mark(magic, QUEUE_BITS),
            HELD_OCTETS,
            offloads=True,
        )
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVMARK, 1)
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        """The file descriptor, for event loops."""
        return self._socket.fileno()

    def receive(self) -> QueuedFrames | None:
        """Up to BATCH frames and their queues, in memory until the next call for any socket.

        None when none waits. A frame that cannot be received is lost, and not counted.
        """
        return _batch().receive(self._socket.fileno())

    def close(self) -> None:
        """Close the socket. Takes some 10 ms: not for the event loop."""
        self._socket.close()


def _address(memory: mmap.mmap | bytearray) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


def copy_of(frame: Frame) -> bytearray:
    """The frame in memory of its own."""
    return bytearray(ctypes.string_at(*frame))


def frame_of(frame: bytearray) -> Frame:
    """A frame in memory of its own, which must outlive what is done with the result."""
    return _address(frame), len(frame)


class SendSocket:
    """Sends on any interface, behind all that went there before, in the order of calls. Raises OSError."""

    def __init__(self) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_PACKET, kind, 0)
        self._socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        leave_queueing_to_interface(self._socket)
        self._address = bytearray(_LINK_ADDRESS.size)
        self._pieces = (_Piece * BATCH)()
        self._messages = (_Message * BATCH)()
        for piece, message in zip(self._pieces, self._messages, strict=True):
            message.header.name, message.header.name_octets = _address(self._address), _LINK_ADDRESS.size
            message.header.pieces, message.header.piece_count = ctypes.addressof(piece), 1

    def send(self, index: int, frame: bytes) -> None:
        """Send a frame on the interface of that index. Raises OSError."""
        octets = bytearray(NO_OFFLOADS + frame)
        if not self.send_many(index, [frame_of(octets)]):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    def send_many(self, index: int, frames: Sequence[Frame]) -> int:
        """Send at most BATCH frames. Returns how many of them the interface took."""
        _LINK_ADDRESS.pack_into(self._address, 0, socket.AF_PACKET, 0, index, 0, 0, 6, b"")
        struct.pack_into(f"@{2 * len(frames)}N", self._pieces, 0, *chain.from_iterable(frames))
        taken = at = 0
        while at < len(frames):
            rest = ctypes.byref(self._messages, at * ctypes.sizeof(_Message))
            count = _libc.sendmmsg(self._socket.fileno(), rest, len(frames) - at, 0)
            if count > 0:
                taken += count
                at += count
            elif ctypes.get_errno() != errno.EINTR:
                at += 1  # the interface does not take this one
        return taken

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
