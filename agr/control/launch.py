"""Start agrd in the background and wait until it answers."""

from __future__ import annotations

import errno
import os
import select
import sys

from agr.control.protocol import Refusal
from agr.control.rundir import RunDirectory

START_SECONDS = 20.0
_READY_DESCRIPTOR = 3


def launch(directory: RunDirectory, *options: str) -> None:
    """Start `agrd` with ``options`` in the background; return when it takes requests.

    Raises Refusal with the daemon's own words when it does not start. The caller holds the start lock.
    """
    reading, writing = os.pipe()
    log = os.open(directory.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    command = [sys.executable, "-m", "agr.daemon", "--ready-fd", str(_READY_DESCRIPTOR), *options]
    try:
        os.posix_spawn(
            sys.executable,
            command,
            {**os.environ, "AGR_RUNDIR": directory.path},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, log, 1),
                (os.POSIX_SPAWN_DUP2, log, 2),
                (os.POSIX_SPAWN_DUP2, writing, _READY_DESCRIPTOR),
            ],
            setsid=True,
        )
    finally:
        os.close(log)
        os.close(writing)
    try:
        message = _read_until_end(reading)
    finally:
        os.close(reading)
    if message != "ready":
        raise Refusal(errno.ECHILD, message or f"agrd ended before it was ready: see {directory.log}")


def report_ready(descriptor: int | None, message: str = "ready") -> bool:
    """agrd's end of `launch`: it is ready, or ``message`` is why not. Returns False where nobody waits."""
    if descriptor is None:
        return True
    try:
        os.write(descriptor, message.encode())
    except BrokenPipeError:
        return False
    finally:
        os.close(descriptor)
    return True


def _read_until_end(descriptor: int) -> str:
    """All text until the other end closes. Raises Refusal after START_SECONDS without any."""
    chunks: list[bytes] = []
    while True:
        if not select.select([descriptor], [], [], START_SECONDS)[0]:
            raise Refusal(errno.ETIMEDOUT, f"agrd did not become ready in {START_SECONDS:g} s")
        chunk = os.read(descriptor, 4096)
        if not chunk:
            return b"".join(chunks).decode(errors="replace")
        chunks.append(chunk)
