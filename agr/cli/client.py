"""agrconfig's end of the control socket, and the start of agrd."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping

from agr.control.protocol import ANSWER_LIMIT, Refusal, decode, encode, is_ending, result_of
from agr.control.rundir import Lock, RunDirectory, namespace_identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# No answer for so long means that agrd is stuck.
_ANSWER_SECONDS = 30.0
_ATTEMPTS = 5


class NotRunning(Exception):
    """No agrd runs in this network namespace, or it ended before it answered."""


class Client:
    """A connection to the agrd of this network namespace, which is started where a request needs one."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._namespace = namespace_identity()
        self._socket: socket.socket | None = None

    def ask(self, request: Mapping[str, Any]) -> Any:
        """The result of a request. Raises Refusal with agrd's words, or NotRunning.

        Where an agrd was killed another one is started that takes over, unless the request is to destroy.
        """
        try:
            return self._ask(request)
        except NotRunning:
            if request["do"] == "destroy" or not os.path.exists(self._directory.journal):
                raise
        return self.create(request)

    def _ask(self, request: Mapping[str, Any]) -> Any:
        if self._socket is None:
            self._socket = self._connected()
        try:
            self._socket.sendall(encode({**request, "namespace": self._namespace}))
            line = self._read_line(self._socket)
        except TimeoutError:
            raise Refusal(errno.ETIMEDOUT, f"agrd does not answer: see {self._directory.log}") from None
        except OSError:
            line = b""
        answer = decode(line) if line.endswith(b"\n") else None
        if answer is None or is_ending(answer):
            self.close()
            raise NotRunning
        return result_of(answer)

    def create(self, request: Mapping[str, Any]) -> Any:
        """Like `ask`, but starts an agrd wherever none runs, or one ends at this moment."""
        for _ in range(_ATTEMPTS):
            try:
                return self._ask(request)
            except NotRunning:
                self._start()
        raise Refusal(errno.ESHUTDOWN, f"agrd ends again and again: see {self._directory.log}")

    def _connected(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(_ANSWER_SECONDS)
        try:
            sock.connect(self._directory.control)
        except (FileNotFoundError, ConnectionRefusedError, ConnectionResetError):
            sock.close()
            raise NotRunning from None
        except OSError as error:
            sock.close()
            raise _unreachable(error, self._directory) from None
        if not self._directory.is_locked():
            sock.close()
            raise NotRunning
        return sock

    def _start(self) -> None:
        """Start agrd, once, whoever else is about to."""
        import contextlib

        from agr.control.launch import START_SECONDS, launch

        if os.geteuid() != 0:
            raise Refusal(errno.EPERM, "no agrd runs here, and only root can start one (sudo agrconfig ...)")
        self._directory.prepare()
        lock = Lock(self._directory.start_lock)
        try:
            if not lock.acquire(START_SECONDS):
                raise Refusal(errno.ETIMEDOUT, "another agrconfig starts agrd and does not come to an end")
            with contextlib.suppress(NotRunning):
                self._socket = self._connected()
                return
            launch(self._directory, "--end-when-idle")
        finally:
            lock.release()

    def close(self) -> None:
        """Disconnect."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @staticmethod
    def _read_line(sock: socket.socket) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n") and len(line) <= ANSWER_LIMIT:
            chunk = sock.recv(65536)
            if not chunk:
                break
            line += chunk
        return bytes(line)


def _unreachable(error: OSError, directory: RunDirectory) -> Refusal:
    if error.errno == errno.EACCES:
        return Refusal(
            errno.EACCES, "only root (sudo agrconfig ...) and whom the control socket admits may ask"
        )
    return Refusal(error.errno or errno.EIO, f"{directory.control}: {error.strerror}")


def clean_up(directory: RunDirectory, aggregate: str) -> bool:
    """Undo what a killed agrd left of ``aggregate`` in this network namespace. Returns whether there was any.

    Raises Refusal when that fails.
    """
    if not os.path.exists(directory.journal):
        return False
    import subprocess
    import sys

    command = [sys.executable, "-m", "agr.daemon", "--clean", aggregate]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Refusal(errno.EIO, f"agrd --clean failed: {done.stderr.strip().splitlines()[-1]}")
    return bool(done.stdout.split())
