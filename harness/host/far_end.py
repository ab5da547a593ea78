"""What runs at the far end of an SSH connection: Python 3.9 and its standard library, nothing installed.

It comes over the connection (`harness.host.over_ssh`), with the modules of `harness.net` that it imports, and
ends with the connection, as do the commands that it runs. A message, either way, is eight octets (the lengths
of what follows), a JSON object, and a frame or nothing.

A request with a ``number`` is answered: ``{"number": ..., "answer": ...}``, or ``"error"`` in words. Of a
capture come ``{"capture": ..., "stamp": ..., "outgoing": ...}`` with the frame, and ``{"capture": ...,
"until": ...}`` when all that came before is told. All times are nanoseconds of this machine's
CLOCK_MONOTONIC, which nobody steps.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from harness.net.ethtool import link_state, medium, read_settings
from harness.net.packet_socket import InterfaceGone, PacketSocket
from harness.verdict import BenchError

HEAD = struct.Struct("!II")

TELL_TIME = 20
"""Milliseconds after which a capture tells up to when all is told, though there was no frame."""

LOOK_AGAIN = 0.02
"""Seconds between two looks whether an interface that is gone has come back."""


def pack(message: dict[str, Any], octets: bytes = b"") -> bytes:
    """A message as it goes over the connection."""
    text = json.dumps(message).encode()
    return HEAD.pack(len(text), len(octets)) + text + octets


class FarEnd:
    """Serves one connection, until it ends."""

    def __init__(self) -> None:
        self._in, self._out = sys.stdin.buffer, sys.stdout.buffer
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._captures: dict[int, Capture] = {}

    def serve(self) -> None:
        """Returns when the connection has ended."""
        while True:
            head = self._in.read(HEAD.size)
            if len(head) < HEAD.size:
                break
            long, more = HEAD.unpack(head)
            request = json.loads(self._in.read(long))
            octets = self._in.read(more)
            if request["do"] in ("clock", "offer", "send"):  # at once, and in order
                self._answer(request, octets)
            else:
                threading.Thread(target=self._answer, args=(request, octets), daemon=True).start()
        for process in list(self._running):
            process.kill()

    def tell(self, message: dict[str, Any], octets: bytes = b"") -> None:
        """Send a message. OSError where the connection has ended."""
        with self._lock:
            self._out.write(pack(message, octets))
            self._out.flush()

    def _answer(self, request: dict[str, Any], octets: bytes) -> None:
        number = request.pop("number", None)
        do: Callable[..., Any] = getattr(self, "do_" + request.pop("do"))
        try:
            said = {"answer": do(octets, **request)}
        except (BenchError, OSError) as error:
            said = {"error": getattr(error, "strerror", None) or str(error)}
        if number is not None:
            self.tell({"number": number, **said})

    def do_clock(self, _octets: bytes) -> int:
        """Its time now."""
        return time.monotonic_ns()

    def do_run(
        self, _octets: bytes, command: list[str], environment: dict[str, str], seconds: float
    ) -> dict[str, Any]:
        """Run a command; its exit code, or None where it did not end in time."""
        begun = time.monotonic()
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=pipe,
                stderr=pipe,
                text=True,
                errors="replace",
                env={**os.environ, **environment},
            )
        except FileNotFoundError as error:
            raise BenchError(f"{error.filename}: no such command there") from None
        self._running.add(process)
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return {"code": None, "output": "", "errors": "", "seconds": seconds}
        finally:
            self._running.discard(process)
        took = time.monotonic() - begun
        return {"code": process.returncode, "output": output, "errors": errors, "seconds": took}

    def do_find(self, _octets: bytes, name: str) -> str | None:
        """The path of a program."""
        return shutil.which(name)

    def do_link(self, _octets: bytes, interface: str) -> tuple[bool, bool] | None:
        """Whether an interface is up, and whether it has carrier."""
        return link_state(None, interface)

    def do_medium(self, _octets: bytes, interface: str) -> tuple[int, bool]:
        """Its speed and duplex."""
        return medium(read_settings(None, interface))

    def do_capture(self, _octets: bytes, capture: int, interface: str) -> str:
        """Capture from now on; gives the interface's MAC address."""
        made = self._captures[capture] = Capture(self, capture, PacketSocket(interface, None))
        made.start()
        return made.socket.mac

    def do_reopen(self, _octets: bytes, capture: int) -> str:
        """Capture again at an interface that was gone."""
        before = self._captures[capture]
        before.socket.reopen()
        made = self._captures[capture] = Capture(self, capture, before.socket)
        made.start()
        return made.socket.mac

    def do_offer(self, octets: bytes, capture: int) -> None:
        """Send a frame without waiting."""
        self._captures[capture].socket.offer(octets)

    def do_send(self, octets: bytes, capture: int) -> None:
        """Send a frame, with room waited for."""
        self._captures[capture].socket.send(octets)

    def do_lost(self, _octets: bytes, capture: int) -> int:
        """Frames that the kernel dropped since the last call."""
        return self._captures[capture].socket.lost()

    def do_close(self, _octets: bytes, capture: int) -> None:
        """Capture no more."""
        self._captures.pop(capture).close()


class Capture(threading.Thread):
    """Tells what one socket captures."""

    def __init__(self, far_end: FarEnd, number: int, socket: PacketSocket) -> None:
        super().__init__(daemon=True)
        self.socket = socket
        self._far_end = far_end
        self._number = number
        self._ended = threading.Event()

    def run(self) -> None:
        """Until it is closed, or the interface is gone."""
        poll = select.poll()
        poll.register(self.socket.fileno(), select.POLLIN)
        try:
            while not self._ended.is_set():
                until = time.monotonic_ns()
                ahead = time.time_ns() - time.monotonic_ns()  # the kernel stamps by CLOCK_REALTIME
                while (got := self.socket.receive()) is not None:
                    stamp, frame, outgoing = got
                    about = {"stamp": round(stamp * 1e9) - ahead, "outgoing": outgoing}
                    self._far_end.tell({"capture": self._number, **about}, frame)
                self._far_end.tell({"capture": self._number, "until": until})
                poll.poll(TELL_TIME)
        except InterfaceGone:
            self._far_end.tell({"capture": self._number, "gone": True})
        except BenchError as error:
            self._far_end.tell({"capture": self._number, "broken": str(error)})
        finally:
            if self._ended.is_set():
                self.socket.close()

    def close(self) -> None:
        """Returns when it has ended."""
        self._ended.set()
        self.join()
        self.socket.close()


def main() -> None:
    """Serve the connection that is this program's standard input and output."""
    with open(os.devnull) as nothing:  # noqa: PTH123  (nothing that is run may read the connection)
        far_end = FarEnd()
        sys.stdin = nothing
        far_end.serve()
    os._exit(0)
