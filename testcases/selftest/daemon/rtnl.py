"""Holding RTNL, the kernel's lock for all that concerns interfaces, in every namespace of the host.

As a module it holds it, says so, and lets it go at the end of its input.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import os
import platform
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

_libc = ctypes.CDLL(None, use_errno=True)
_USERFAULTFD = {"x86_64": 323, "aarch64": 282}
# <linux/userfaultfd.h>
_UFFDIO_API, _UFFDIO_REGISTER = 0xC018AA3F, 0xC020AA00
_UFFD_API, _MISSING = 0xAA, 1
_SIOCETHTOOL, _ETHTOOL_GLINK = 0x8946, 0x0A
# Whatever becomes of the test, the host goes on after so many seconds.
_LONGEST_HOLD = 15
_HELD = b"held\n"


@contextlib.contextmanager
def rtnl_held() -> Iterator[None]:
    """In this block whoever needs RTNL waits. In a process of its own: this one may have to wait too."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        said = holder.stdout.readline()
        if said != _HELD:
            pytest.skip("needs userfaultfd(2)")
        try:
            yield
        finally:
            holder.stdin.close()


def _hold() -> None:
    """The kernel holds RTNL while it copies what ETHTOOL_GLINK finds (struct ethtool_value).

    Here the command is in one page, and the value in the next one, which userfaultfd(2) keeps back.
    """
    signal.alarm(_LONGEST_HOLD)
    memory = mmap.mmap(-1, 2 * mmap.PAGESIZE)
    second = ctypes.addressof(ctypes.c_char.from_buffer(memory)) + mmap.PAGESIZE
    struct.pack_into("=I", memory, mmap.PAGESIZE - 4, _ETHTOOL_GLINK)
    keeper = _keeper(second)
    request = struct.pack("@16sP8x", b"lo", second - 4)

    def ask() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            fcntl.ioctl(sock, _SIOCETHTOOL, request)

    asking = threading.Thread(target=ask)
    asking.start()
    select.select([keeper], [], [])
    os.write(sys.stdout.fileno(), _HELD)
    sys.stdin.read()
    os.close(keeper)  # then the page is an ordinary one
    asking.join()


def _keeper(page: int) -> int:
    """A descriptor: until it is closed whoever touches the page for the first time waits. Raises OSError."""
    number = _USERFAULTFD.get(platform.machine(), -1)
    descriptor = _libc.syscall(number, os.O_CLOEXEC | os.O_NONBLOCK)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "userfaultfd")
    fcntl.ioctl(descriptor, _UFFDIO_API, struct.pack("=QQQ", _UFFD_API, 0, 0))
    fcntl.ioctl(descriptor, _UFFDIO_REGISTER, struct.pack("=QQQQ", page, mmap.PAGESIZE, _MISSING, 0))
    return int(descriptor)


if __name__ == "__main__":
    _hold()
