"""What runs at the far end of an SSH connection: Python 3.9 and its standard library, nothing installed.

It comes over the connection (`harness.host.over_ssh`), with the modules of `harness.net` that it imports, and
ends with the connection, as do the commands that it runs. A message, either way, is eight octets (the lengths
of what follows), a JSON object, and a frame or nothing.

A request with a ``number`` is answered: ``{"number": ..., "answer": ...}``, or ``"error"`` in words. Of a
capture come ``{"capture": ..., "stamp": ..., "outgoing": ...}`` with the frame, and ``{"capture": ...,
"until": ...}`` when all that came before is told; of what is sent there ``{"capture": ..., "sent": ...,
"refused": ...}``. All times are nanoseconds of this machine's
CLOCK_MONOTONIC, which nobody steps. Of who waits on this machine come ``{"look": ...}`` and ``{"late": ...}``
(`harness.host.watch`).
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from harness.host.far_sending import Sending
from harness.host.probes import DiskRequest, Request, RtnlRequest
from harness.host.processes import MarkedProcesses, kernel_threads
from harness.host.watch import Group, Look, Watch
from harness.net import nic_stamps, two_clocks
from harness.net.ethtool import link_state, read_settings, write_settings
from harness.net.packet_socket import InterfaceGone, PacketSocket
from harness.verdict import BenchError

HEAD = struct.Struct("!II")

STARTED = b"agr-lab: the far end has started\n"
"""What it says first: whatever came before was said by a shell."""

SILENCE = 60.0
"""Seconds without a request after which the connection is gone, though nobody says so: who is there asks for
the time again and again."""

END_TIME = 10.0
"""Seconds in which processes end that are told to; after half of it they are killed."""

LOOK_AGAIN = 0.02
"""Seconds between two looks whether they have."""

QUICK = 5_000
"""Nanoseconds of a look at two clocks in which nobody was in between."""

TELL_TIME = 20
"""Milliseconds after which a capture tells up to when all is told, though there was no frame."""


def pack(message: dict[str, Any], octets: bytes = b"") -> bytes:
    """A message as it goes over the connection."""
    text = json.dumps(message).encode()
    return HEAD.pack(len(text), len(octets)) + text + octets


class WallAhead:
    """By how many ns CLOCK_REALTIME is ahead of CLOCK_MONOTONIC: a constant, but where it is stepped.

    The two are never read at one moment, and what lies between two looks at them is not taken for a step.
    """

    def __init__(self) -> None:
        self._ahead, _ = self._look()

    def ahead(self) -> int:
        """What it is now."""
        found, unsure = self._look()
        if abs(found - self._ahead) > unsure:
            self._ahead = found
        return self._ahead

    def _look(self) -> tuple[int, int]:
        """It, and how wrong that may be."""
        found, took = two_clocks.ahead(time.time_ns, time.monotonic_ns, QUICK)
        return found, max(took, QUICK)


class FarEnd:
    """Serves one connection, until it ends: requests come by a descriptor, what is told goes by another."""

    def __init__(self, requests: int, told: int) -> None:
        self._in, self._out = requests, told
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._captures: dict[int, Capture] = {}
        self._sending: dict[int, Sending] = {}
        self._watch: Watch | None = None

    def serve(self, silence: float = SILENCE) -> None:
        """Returns when the connection has ended, or nothing came for so many seconds."""
        with suppress(EOFError, OSError):
            self._write(STARTED)
            while True:
                long, more = HEAD.unpack(self._read(HEAD.size, silence))
                request = json.loads(self._read(long, silence))
                octets = self._read(more, silence)
                if request["do"] in ("clock", "send", "discard"):  # at once, and in order
                    self._answer(request, octets)
                else:
                    threading.Thread(target=self._answer, args=(request, octets), daemon=True).start()
        for process in list(self._running):
            process.kill()

    def _read(self, octets: int, silence: float) -> bytes:
        """So many octets. EOFError where they do not come any more."""
        got = b""
        while len(got) < octets:
            if not select.select([self._in], [], [], silence)[0]:
                raise EOFError
            more = os.read(self._in, octets - len(got))
            if not more:
                raise EOFError
            got += more
        return got

    def _write(self, octets: bytes) -> None:
        while octets:
            octets = octets[os.write(self._out, octets) :]

    def tell(self, message: dict[str, Any], octets: bytes = b"") -> None:
        """Send a message. OSError where the connection has ended."""
        with self._lock:
            self._write(pack(message, octets))

    def _answer(self, request: dict[str, Any], octets: bytes) -> None:
        number = request.pop("number", None)
        do: Callable[..., Any] = getattr(self, "do_" + request.pop("do"))
        try:
            said = {"answer": do(octets, **request)}
        except (BenchError, OSError) as error:
            said = {"error": getattr(error, "strerror", None) or str(error)}
        if number is not None:
            with suppress(OSError):  # the connection has ended, and so does this program
                self.tell({"number": number, **said})

    def do_clock(self, _octets: bytes) -> int:
        """Its time now."""
        return time.monotonic_ns()

    def do_wall(self, _octets: bytes) -> int:
        """By how much CLOCK_REALTIME is ahead of that."""
        return WallAhead().ahead()

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

    def do_settings(self, _octets: bytes, interface: str) -> str:
        """All its link settings, in hexadecimal."""
        return read_settings(None, interface).hex()

    def do_set(self, octets: bytes, interface: str) -> None:
        """Set all its link settings."""
        write_settings(None, interface, octets)

    def do_stamps_all(self, _octets: bytes, interface: str) -> bool:
        """Whether its NIC can stamp all that it receives."""
        return nic_stamps.stamps_all(interface)

    def do_stamping(self, _octets: bytes, interface: str) -> str | None:
        """How it stamps now, in hexadecimal."""
        found = nic_stamps.read_config(interface)
        return None if found is None else found.hex()

    def do_stamp(self, octets: bytes, interface: str) -> None:
        """Have it stamp so."""
        nic_stamps.write_config(interface, octets)

    def do_capture(self, _octets: bytes, capture: int, interface: str, patience: float) -> str:
        """Capture from now on, and send; gives the interface's MAC address."""
        made = self._captures[capture] = Capture(self, capture, PacketSocket(interface, None))
        made.start()
        self._sending[capture] = Sending(made.socket.offer, patience)
        return made.socket.mac

    def do_reopen(self, _octets: bytes, capture: int) -> str:
        """Capture again at an interface that was gone."""
        before = self._captures[capture]
        before.socket.reopen()
        made = self._captures[capture] = Capture(self, capture, before.socket)
        made.start()
        return made.socket.mac

    def do_send(self, octets: bytes, capture: int, counted: bool) -> None:
        """Send a frame behind those before it. Told is one that is refused, and each that is ``counted``."""
        self._sending[capture].put(octets, partial(self._sent, capture, counted))

    def _sent(self, capture: int, counted: bool, fault: str) -> None:
        if fault or counted:
            with suppress(OSError):  # the connection has ended, and so does this program
                self.tell({"capture": capture, "sent": counted, "refused": fault})

    def do_discard(self, _octets: bytes, capture: int) -> None:
        """Drop what waits to be sent."""
        self._sending[capture].discard()

    def do_lost(self, _octets: bytes, capture: int) -> int:
        """Frames that the kernel dropped since the last call."""
        return self._captures[capture].socket.lost()

    def do_close(self, _octets: bytes, capture: int) -> None:
        """Capture no more, and send no more."""
        self._sending.pop(capture).end()
        self._captures.pop(capture).close()

    def do_watch(self, _octets: bytes, bench: str) -> None:
        """Tell from now on who waits here; what has the mark of the bench is the implementation's."""
        softirq, me = kernel_threads("ksoftirqd/"), os.getpid()
        groups = [
            Group("IMPLEMENTATION", MarkedProcesses(bench).pids),
            Group("FAR_END", lambda: [me]),
            Group("SOFTIRQ", lambda: softirq, busy=True),
        ]
        self._watch = Watch(groups, probed(), self._tell_look, self._tell_late)

    def _tell_look(self, look: Look) -> None:
        with suppress(OSError):
            self.tell({"look": look})

    def _tell_late(self, source: str, start: int, end: int) -> None:
        with suppress(OSError):
            self.tell({"late": (source, start, end)})

    def do_end_started(self, _octets: bytes, bench: str) -> list[int]:
        """End what has the mark of a bench; gives those that are there still."""
        deadline = time.monotonic() + END_TIME
        sent = signal.SIGTERM
        while (pids := MarkedProcesses(bench).pids()) and time.monotonic() < deadline:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, sent)
            time.sleep(LOOK_AGAIN)
            if time.monotonic() > deadline - END_TIME / 2:
                sent = signal.SIGKILL
        return pids

    def do_look(self, _octets: bytes) -> None:
        """Look now who waits."""
        if self._watch is not None:
            self._watch.look()

    def do_catch_up(self, _octets: bytes) -> None:
        """Look until nobody waits, for a while."""
        if self._watch is not None:
            self._watch.catch_up()


def probed() -> dict[str, Request]:
    """What RTNL and the disk of this machine are asked. A disk that takes no file is not."""
    made: dict[str, Request] = {"RTNL": RtnlRequest(None)}
    with suppress(OSError):
        made["DISK"] = DiskRequest(Path("/var/tmp"))
    return made


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
        poll, wall = select.poll(), WallAhead()
        poll.register(self.socket.fileno(), select.POLLIN)
        try:
            while not self._ended.is_set():
                until = time.monotonic_ns()
                ahead = wall.ahead()  # the kernel stamps by CLOCK_REALTIME
                while (got := self.socket.receive()) is not None:
                    stamp, frame, outgoing = got
                    about = {"stamp": stamp - ahead, "outgoing": outgoing}
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
    requests, told = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)  # nothing that is run may read the connection, or write to it
    os.dup2(nothing, 1)
    FarEnd(requests, told).serve()
    os._exit(0)
