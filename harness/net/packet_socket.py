"""AF_PACKET sockets: frames of an interface with time stamps of the kernel, or of a NIC that makes them; lost
frames are counted."""

from __future__ import annotations

import ctypes
import errno
import math
import os
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from harness.net import nic_stamps
from harness.verdict import BenchBroken, BenchError

T = TypeVar("T")

ETH_P_ALL = 0x0003
SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP = 1
PACKET_STATISTICS = 6
PACKET_AUXDATA = 8
PACKET_MR_PROMISC = 1
PACKET_OUTGOING = 4
SO_SNDTIMEO = 21
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
SO_TIMESTAMPING = 37
TP_STATUS_VLAN_VALID = 1 << 4
TP_STATUS_VLAN_TPID_VALID = 1 << 6
CLONE_NEWNET = 0x40000000

RECEIVE_BUFFER = 32 << 20
"""Octets; the kernel doubles it. Room for a second of small frames while the bench is not scheduled."""

LONGEST = 65_600
"""Octets of the longest frame taken; offloads make frames longer than any MTU."""

SEND_TIME = 5
"""Seconds that `PacketSocket.send` waits for room."""

PASSING = {
    errno.ENOBUFS,  # a queue of the port is full
    errno.EAGAIN,  # the socket's room is used up
    errno.EINTR,
    errno.ENETDOWN,  # the port is down
    errno.ENODEV,  # a NIC is reset
    errno.ENXIO,
}
"""Faults of sending that may pass by themselves."""

_STAMPED = (
    nic_stamps.SOF_RX_SOFTWARE
    | nic_stamps.SOF_SOFTWARE
    | nic_stamps.SOF_RX_HARDWARE
    | nic_stamps.SOF_RAW_HARDWARE
)

_libc = ctypes.CDLL(None, use_errno=True)


def in_namespace(namespace: str | None, action: Callable[[], T]) -> T:
    """Run `action` in a namespace made by `ip netns add`, on a thread of its own; None: where we are.

    Sockets opened there stay there. Raises BenchError when there is no such namespace or no right to enter.
    """
    if namespace is None:
        return action()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def inside() -> None:
        try:
            fd = os.open(Path("/run/netns") / namespace, os.O_RDONLY | os.O_CLOEXEC)
            try:
                if _libc.setns(fd, CLONE_NEWNET) != 0:
                    error = ctypes.get_errno()
                    raise OSError(error, os.strerror(error))
            finally:
                os.close(fd)
        except OSError as error:
            failure.append(BenchError(f"network namespace {namespace}: {error.strerror}"))
            return
        try:
            outcome.append(action())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


class InterfaceGone(BenchBroken):
    """The interface of a socket is not there any more."""


class PacketSocket:
    """One interface, every frame in both directions, with time stamps: the kernel's, and of what comes in the
    NIC's where it makes them (`harness.net.nic_stamps`)."""

    def __init__(self, interface: str, namespace: str | None) -> None:
        self.interface = interface
        self.where = f"interface {interface}" + (f" in namespace {namespace}" if namespace else "")
        self._namespace = namespace
        self._clock: nic_stamps.NicClock | None = None
        self._last = 0
        self._capture, self._out, self.mac = self._opened()

    def reopen(self) -> None:
        """Take the interface of that name that there is now. BenchError where there is none."""
        old = self._capture, self._out
        self._capture, self._out, self.mac = self._opened()
        for socket_ in old:
            socket_.close()

    def _opened(self) -> tuple[socket.socket, socket.socket, str]:
        try:
            return in_namespace(self._namespace, self._open)
        except PermissionError as error:
            raise BenchError(f"{self.where}: capturing needs root (CAP_NET_RAW): {error.strerror}") from None
        except OSError as error:
            raise BenchError(f"{self.where}: {error.strerror}") from None

    def _open(self) -> tuple[socket.socket, socket.socket, str]:
        index = socket.if_nametoindex(self.interface)
        self._forget_clock()
        self._clock = nic_stamps.clock_of(self.interface)
        capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        capture.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        capture.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)  # stamps also what came before stamps are on
        capture.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, _STAMPED)
        capture.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        capture.bind((self.interface, ETH_P_ALL))
        membership = struct.pack("iHH8s", index, PACKET_MR_PROMISC, 0, b"")
        capture.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
        capture.setblocking(False)
        out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        out.bind((self.interface, 0))
        out.setsockopt(socket.SOL_SOCKET, SO_SNDTIMEO, struct.pack("@ll", SEND_TIME, 0))
        return capture, out, out.getsockname()[4].hex(":")

    def fileno(self) -> int:
        """For a selector."""
        return self._capture.fileno()

    def receive(self) -> tuple[int, bytes, bool] | None:
        """(nanoseconds since the epoch, frame, outgoing) or None when there is nothing more now.

        Raises InterfaceGone, and BenchBroken where the kernel gives no frames for another reason.
        """
        try:
            data, ancillary, _flags, address = self._capture.recvmsg(LONGEST, 256)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno == errno.ENETDOWN and self._capture.getsockname()[0]:
                return self.receive()  # told once when the interface goes down; it may come up again
            if error.errno in (errno.ENETDOWN, errno.ENODEV, errno.ENXIO):
                raise InterfaceGone(f"{self.where} is gone") from None
            raise BenchBroken(f"{self.where}: cannot capture: {error.strerror}") from None
        stamp = 0
        for level, kind, value in ancillary:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPING:
                stamp = self._last = nic_stamps.stamp_of(value, self._clock, self._last)
            elif level == SOL_PACKET and kind == PACKET_AUXDATA:
                data = _with_tag(data, value)
        return stamp, data, address[2] == PACKET_OUTGOING

    def read_until(self) -> float:
        """Nanoseconds since the epoch up to which all that was captured is there to be received: always."""
        return math.inf

    def offer(self, frame: bytes) -> None:
        """Send one frame without waiting. Raises OSError where the interface does not take it now."""
        self._out.send(frame, socket.MSG_DONTWAIT)

    def send(self, frame: bytes) -> None:
        """Send one frame, with room waited for; BenchError when the interface refuses it."""
        try:
            self._out.send(frame)
        except OSError as error:
            raise BenchError(f"{self.where}: cannot send: {error.strerror}") from None

    def discard(self) -> None:
        """Nothing waits to be sent."""

    def lost(self) -> int:
        """Frames the kernel dropped for want of room, since the last call."""
        _packets, drops = struct.unpack("II", self._capture.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
        return int(drops)

    def close(self) -> None:
        """Close; the kernel leaves promiscuous mode by itself."""
        self._capture.close()
        self._out.close()
        self._forget_clock()

    def _forget_clock(self) -> None:
        if self._clock is not None:
            self._clock.close()
        self._clock = None


def _with_tag(data: bytes, auxdata: bytes) -> bytes:
    """The frame with the VLAN tag that the kernel delivers beside it."""
    status, _length, _snaplen, _mac, _net, tci, tpid = struct.unpack("IIIHHHH", auxdata[:20])
    if not status & TP_STATUS_VLAN_VALID:
        return data
    tag = struct.pack("!HH", tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100, tci)
    return data[:12] + tag + data[12:]
