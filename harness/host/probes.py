"""Probes of the kernel's interface lock (RTNL) and of the disk: small requests of the bench's own, timed.

They are made on the machine that is watched, which may be the far end of an SSH connection: Python 3.9.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from harness.host.schedstat import read_figures
from harness.net.packet_socket import in_namespace

PERIOD = 0.5
"""Seconds between two requests of a kind."""

FLOOR = 0.05
"""Seconds that a request may take on a machine that is well."""

_SIOCETHTOOL, _ETHTOOL_GLINK = 0x8946, 0x0A

Noticed = Callable[[str, int, int], None]
"""Is told that something was late: its source, from when, and until when; ns of CLOCK_MONOTONIC."""


class Request(Protocol):
    """A request that a probe makes and times."""

    def __call__(self) -> None:
        """Return when it is answered. OSError where it cannot be."""

    def close(self) -> None:
        """Ask no more."""


class RtnlRequest:
    """ETHTOOL_GLINK of `lo`: the kernel answers it under RTNL, as whatever concerns an interface."""

    def __init__(self, namespace: str | None) -> None:
        self._socket = in_namespace(namespace, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._value = ctypes.create_string_buffer(struct.pack("@II", _ETHTOOL_GLINK, 0), 8)
        self._request = bytearray(struct.pack("@16sP16x", b"lo", ctypes.addressof(self._value)))

    def __call__(self) -> None:
        fcntl.ioctl(self._socket, _SIOCETHTOOL, self._request)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class DiskRequest:
    """A few octets that are on the disk when the call returns (fsync(2)), in a file that has no name.

    OSError where there can be none in the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (as long as it is asked)

    def __call__(self) -> None:
        os.pwrite(self._file.fileno(), b"probe\n", 0)
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file, which is its end."""
        self._file.close()


def _waited() -> float:
    """Seconds that this thread has waited for a processor; they are not charged to a request."""
    return read_figures(Path("/proc/thread-self/schedstat").read_bytes()).waited


class Probe:
    """Makes a request again and again, in a thread of its own that may hang in the kernel.

    ``noticed`` is told of those that took longer than `FLOOR`. A request that fails says nothing.
    """

    def __init__(self, source: str, request: Request, noticed: Noticed) -> None:
        self._source = source
        self._request = request
        self._noticed = noticed
        self._asked: float | None = None  # monotonic
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask, name=f"probe {source}", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Report a request that is not answered yet."""
        asked = self._asked
        if asked is not None:
            self._tell(time.monotonic() - asked)

    def close(self) -> None:
        """End the thread; one that hangs in the kernel is left to it."""
        self._ended.set()
        self._thread.join(timeout=1.0)
        if not self._thread.is_alive():
            self._request.close()

    def _ask(self) -> None:
        while not self._ended.wait(PERIOD):
            self._asked = asked = time.monotonic()
            waited = _waited()
            with suppress(OSError):
                self._request()
            self._asked = None
            self._tell(time.monotonic() - asked - (_waited() - waited))

    def _tell(self, took: float) -> None:
        if took > FLOOR:
            now = time.monotonic_ns()
            self._noticed(self._source, now - round(took * 1e9), now)
