"""The run directory of agrd, one a network namespace: control socket, locks, log, journal, state."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
import time
from collections.abc import Callable

from agr.control.protocol import Refusal

_SO_NETNS_COOKIE = 71  # kernel 5.14
_UNIX_PATH_LIMIT = 107
_FLOCK = "@hhqqi"  # struct flock


class RunDirectory:
    """The names of the files, as text. Nothing is made before `prepare`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.control = f"{path}/control"
        self.log = f"{path}/agrd.log"
        self.journal = f"{path}/found.json"
        self.state = f"{path}/state.json"
        self.lock = f"{path}/lock"
        self.start_lock = f"{path}/start.lock"

    def is_served(self) -> bool:
        """Whether an agrd takes requests here."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(self.control) == 0 and self.is_locked()

    def is_locked(self) -> bool:
        """Whether an agrd runs here: it has the lock. True also where the caller may not know.

        The socket of a killed agrd may listen for seconds, and nobody answers: the kernel closes its sockets
        one by one. Not for agrd itself, whose lock this would release.
        """
        try:
            file = os.open(self.lock, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        try:
            question = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            kind, *_ = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, question))
        finally:
            os.close(file)
        return bool(kind != fcntl.F_UNLCK)

    def prepare(self) -> None:
        """Make the directory, for root until agrd opens it to a group. Raises Refusal when that fails."""
        if len(os.fsencode(self.control)) > _UNIX_PATH_LIMIT:
            raise Refusal(
                errno.ENAMETOOLONG, f"{self.control}: too long for a socket: set AGR_RUNDIR to a shorter path"
            )
        try:
            os.makedirs(self.path, 0o700, exist_ok=True)
            os.chmod(self.path, os.stat(self.path).st_mode & 0o750)
        except OSError as error:
            raise Refusal(error.errno or errno.EIO, f"{self.path}: {error.strerror}") from None


def run_directory() -> RunDirectory:
    """$AGR_RUNDIR, or /run/agr/<inode of this process's network namespace>."""
    configured = os.environ.get("AGR_RUNDIR")
    if configured:
        return RunDirectory(os.path.abspath(configured))
    return RunDirectory(f"/run/agr/{os.stat('/proc/self/ns/net').st_ino}")


def namespace_identity() -> str:
    """A name of this network namespace that no other one ever has, also after a reboot.

    The inode alone does not: it is used again when a namespace is gone.
    """
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot = file.read().strip()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        cookie = int.from_bytes(probe.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8), "little")
    return f"{boot}/{cookie}"


class Lock:
    """An exclusive lock on a file, until `release` or the end of the process.

    A lock of the process (F_SETLK): the kernel releases it before it begins to close a killed agrd's sockets.
    """

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def acquire(self, seconds: float, needless: Callable[[], bool] = lambda: False) -> bool:
        """Wait for the lock at most ``seconds``, or until it is ``needless``. Returns whether it has it."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # the system's choice, fcntl(2)
                if time.monotonic() >= deadline or needless():
                    return False
                time.sleep(0.01)
            else:
                return True

    def release(self) -> None:
        """Release the lock."""
        os.close(self._file)
