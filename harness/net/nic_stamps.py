"""Time stamps that a NIC makes of what it receives: switched on, put back, and turned into CLOCK_REALTIME.

By Documentation/networking/timestamping.rst of Linux, linux/net_tstamp.h and linux/ethtool.h.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
import struct
import time
from pathlib import Path
from typing import NamedTuple

from harness.net import two_clocks
from harness.verdict import BenchError

SIOCETHTOOL, ETHTOOL_GET_TS_INFO = 0x8946, 0x41
SIOCSHWTSTAMP, SIOCGHWTSTAMP = 0x89B0, 0x89B1
SOF_RX_HARDWARE, SOF_RX_SOFTWARE, SOF_SOFTWARE, SOF_RAW_HARDWARE = 1 << 2, 1 << 3, 1 << 4, 1 << 6
HWTSTAMP_FILTER_ALL = 1

ABILITIES = struct.Struct("=IIiI12xI12x")
"""struct ethtool_ts_info: command, so_timestamping, phc_index, tx_types, rx_filters."""

CONFIG = struct.Struct("=iii")
"""struct hwtstamp_config: flags, tx_type, rx_filter."""

STAMPS = struct.Struct("@6l")
"""struct scm_timestamping: three times, the kernel's, none, the NIC's; 0 where there is none such."""

_NS = 1_000_000_000
_ASK_AGAIN = _NS
"""Nanoseconds after which the NIC's clock is looked at again: clocks drift."""

OLDEST = _NS
"""Nanoseconds that the kernel may have been later than the NIC: one that is earlier is of another clock."""


class Abilities(NamedTuple):
    """Whether a NIC can stamp all that it receives, and by which PTP hardware clock (/dev/ptpN; -1: none)."""

    stamps_all: bool
    clock: int


def abilities(interface: str) -> Abilities:
    """Those of an interface where we are; of one whose driver tells nothing: none. OSError."""
    buffer = ctypes.create_string_buffer(ABILITIES.pack(ETHTOOL_GET_TS_INFO, 0, -1, 0, 0), ABILITIES.size)
    try:
        _ioctl(SIOCETHTOOL, interface, buffer)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL):
            raise
        return Abilities(False, -1)
    _command, stamping, clock, _sent, received = ABILITIES.unpack(buffer.raw)
    by_nic = SOF_RX_HARDWARE | SOF_RAW_HARDWARE
    return Abilities(stamping & by_nic == by_nic and bool(received & 1 << HWTSTAMP_FILTER_ALL), clock)


def read_config(interface: str) -> bytes | None:
    """How an interface where we are stamps now, for `write_config`; None where that cannot be read."""
    buffer = ctypes.create_string_buffer(CONFIG.pack(0, 0, 0), CONFIG.size)
    try:
        _ioctl(SIOCGHWTSTAMP, interface, buffer)
    except OSError:
        return None
    return buffer.raw


def write_config(interface: str, config: bytes) -> None:
    """Have an interface where we are stamp so. BenchError where it does not."""
    buffer = ctypes.create_string_buffer(config, CONFIG.size)
    try:
        _ioctl(SIOCSHWTSTAMP, interface, buffer)
    except OSError as error:
        raise BenchError(f"time stamps of {interface}: {error.strerror}") from None


def stamps_all(interface: str) -> bool:
    """Whether an interface where we are can stamp all that it receives, by a clock. BenchError."""
    try:
        found = abilities(interface)
    except OSError as error:
        raise BenchError(f"time stamps of {interface}: {error.strerror}") from None
    return found.stamps_all and found.clock >= 0


def stamping_all(config: bytes) -> bytes:
    """The same configuration, with all that is received stamped."""
    flags, sent, _ = CONFIG.unpack(config)
    return CONFIG.pack(flags, sent, HWTSTAMP_FILTER_ALL)


class NicClock:
    """A PTP hardware clock, read beside CLOCK_REALTIME. OSError where there is none, or no right to it."""

    def __init__(self, number: int) -> None:
        self._file = os.open(Path("/dev") / f"ptp{number}", os.O_RDONLY | os.O_CLOEXEC)
        self._clock = (~self._file << 3) | 3  # FD_TO_CLOCKID, clock_gettime(2)
        try:
            self._look()
        except OSError:
            self.close()
            raise

    def _look(self) -> None:
        self._ahead, _ = two_clocks.ahead(lambda: time.clock_gettime_ns(self._clock), time.time_ns)
        self._looked = time.monotonic_ns()

    def realtime(self, stamp: int, kernel: int) -> int:
        """The NIC's stamp in CLOCK_REALTIME, ns; the ``kernel``'s where the two cannot be of one frame.

        A NIC's clock may be set at any time: then it is looked at anew.
        """
        try:
            if time.monotonic_ns() - self._looked > _ASK_AGAIN:
                self._look()
            if not self._fits(stamp, kernel):
                self._look()
        except OSError:
            return kernel
        return stamp - self._ahead if self._fits(stamp, kernel) else kernel

    def _fits(self, stamp: int, kernel: int) -> bool:
        return 0 <= kernel - (stamp - self._ahead) <= OLDEST

    def close(self) -> None:
        """Let go of it."""
        os.close(self._file)


def stamp_of(value: bytes, clock: NicClock | None, last: int) -> int:
    """Of SCM_TIMESTAMPING: when a frame passed, in ns since the epoch; by the NIC where it says so and its
    ``clock`` is known, else by the kernel.

    What the tester sends has the kernel's stamp, and the frame before it that came in is known later: where
    the NIC's would be before the ``last`` one, that one's time is given. It is no later than the kernel's.
    """
    times: tuple[int, ...] = STAMPS.unpack(value[: STAMPS.size])
    kernel, nic = times[0] * _NS + times[1], times[4] * _NS + times[5]
    if not nic or clock is None:
        return kernel
    return max(clock.realtime(nic, kernel), min(kernel, last))


def clock_of(interface: str) -> NicClock | None:
    """The clock of the NIC of an interface where we are; None where it has none that can be read."""
    try:
        number = abilities(interface).clock
        return NicClock(number) if number >= 0 else None
    except OSError:
        return None


def _ioctl(request: int, interface: str, value: ctypes.Array[ctypes.c_char]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        data = struct.pack("@16sP16x", interface.encode(), ctypes.addressof(value))
        fcntl.ioctl(any_socket, request, data)
