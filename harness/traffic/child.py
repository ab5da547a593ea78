"""A process that sends or receives: one JSON object a line, commands in, answers out."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from harness.host.location import Location
from harness.traffic.resource import Resource
from harness.verdict import BenchError

_URGENT = -10
READY_SECONDS = 30.0
"""How long a process may take to start."""

END_SECONDS = 30.0
"""How long a process that was killed may take to be gone."""


class Child(Resource):
    """The parent's side. It ends with its parent: the end of its input is the end."""

    def __init__(self, at: Location, module: str, settings: dict[str, Any]) -> None:
        self._module = module
        self._process = at.program(module)
        try:
            self.ask(settings, READY_SECONDS)
        except BaseException:
            self.close()
            raise

    def tell(self, message: dict[str, Any]) -> None:
        """Say something that is answered later, or never."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._broken() from None

    def answer(self, seconds: float) -> dict[str, Any]:
        """The next answer. Raises BenchError with the process's own words, or when none comes in time."""
        assert self._process.stdout is not None
        said = b""
        deadline = time.monotonic() + seconds
        while not said.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self._process.stdout], [], [], left)[0]:
                raise BenchError(f"{self._module}: no answer in {seconds:g} s")
            piece = os.read(self._process.stdout.fileno(), 1 << 20)
            if not piece:
                raise self._broken()
            said += piece
        answer: dict[str, Any] = json.loads(said)
        if "error" in answer:
            raise BenchError(answer["error"])
        return answer

    def ask(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Say something and wait for the answer."""
        self.tell(message)
        return self.answer(seconds)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """In this block the process does nothing at all."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End the process, whatever it is doing. BenchError where SIGKILL does not end it."""
        self._process.kill()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            pid = self._process.pid
            raise BenchError(f"{self._module}: process {pid} does not end, not by SIGKILL either") from None
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream is not None
            try:
                stream.close()
            except BrokenPipeError:
                continue

    def _broken(self) -> BenchError:
        self._process.kill()
        assert self._process.stderr is not None
        said = self._process.stderr.read().decode(errors="replace").strip().splitlines()
        return BenchError(f"{self._module} ended: {said[-1] if said else 'it said nothing'}")


class Parent:
    """The child's side."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._poll.register(0, select.POLLIN | select.POLLHUP)
        self._read = b""

    def says(self, seconds: float = 0.0) -> dict[str, Any] | None:
        """What the parent says within ``seconds``, or None. Ends this process when the parent is gone."""
        while b"\n" not in self._read:
            if not self._poll.poll(seconds * 1000):
                return None
            piece = os.read(0, 1 << 20)
            if not piece:
                sys.exit(0)
            self._read += piece
        line, _, self._read = self._read.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        return said

    def waits_for(self) -> dict[str, Any]:
        """What the parent says next."""
        while True:
            if (said := self.says(60.0)) is not None:
                return said

    def hears(self, answer: dict[str, Any]) -> None:
        """Answer."""
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def run(main: Callable[[Parent, dict[str, Any]], None], *, urgent: bool = False) -> None:
    """Be a child: settings first, then ``main``; a BenchError becomes the answer. ``core`` pins it.

    The namespace that its sockets are in, where that is not its own, is the argument that it is started with.

    An ``urgent`` one comes before other processes, where it may: it must not be the one who is late.
    """
    parent = Parent()
    settings = parent.waits_for() | {"namespace": sys.argv[1] if len(sys.argv) > 1 else None}
    gc.disable()
    if urgent:
        come_first()
    try:
        _pin(settings.pop("core"))
        main(parent, settings)
    except BenchError as error:
        parent.hears({"error": str(error)})
    except OSError as error:
        parent.hears({"error": f"{error.strerror or error}"})


def come_first(pid: int | None = None) -> None:
    """Put a process, or this one, before others, where that is allowed.

    Where the kernel shares its time among sessions first (autogroups) a nice value counts in its own only.
    """
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, pid or 0, _URGENT)
    with suppress(OSError):  # not allowed, or no such file
        Path(f"/proc/{pid or 'self'}/autogroup").write_text(str(_URGENT))


def _pin(core: int | None) -> None:
    if core is not None:
        try:
            os.sched_setaffinity(0, {core})
        except OSError as error:
            raise BenchError(f"core {core}: {error.strerror}") from None
