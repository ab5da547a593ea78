"""A host at the end of an SSH connection: commands, link states, captures (`harness.host.far_end`).

The connection is kept by asyncssh in a thread of its own. It is one program there, started with
``python3 -c`` by the user that logs in, or with ``sudo -n`` where that is not root.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shlex
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from contextlib import suppress
from importlib.resources import files
from typing import Any

import asyncssh

from harness.host.far_end import HEAD, pack
from harness.host.location import End, Location, Packets
from harness.host.offset import Offset
from harness.lab.schema import At
from harness.net.ethtool import LinkState
from harness.net.packet_socket import InterfaceGone
from harness.verdict import BenchBroken, BenchError

CONNECT_TIME = 30.0
"""Seconds in which a connection is there, with its first answer."""

ANSWER_TIME = 10.0
"""Seconds that an answer may take beyond what it is asked to do."""

LAST_WORDS_TIME = 2.0
"""Seconds that are waited for what was said why the far end ended."""

UNDER_WAY = 64
"""Frames that are sent before the first of them is answered for."""

CLOCK_PERIOD = 0.5
"""Seconds between two looks at the other machine's clock."""

_ALIVE = {"keepalive_interval": 3, "keepalive_count_max": 3}

_PYTHON = "3.9"
_MODULES = ("harness.net.packet_socket", "harness.net.ethtool", "harness.host.far_end")
_STAND_IN = "class BenchError(Exception): pass\nclass BenchBroken(BenchError): pass\n"
_STARTER = """\
import sys, types
if sys.version_info < ({version}):
    sys.exit("Python {python} or newer is needed there, it is " + sys.version.split()[0])
for name, source in {sources}:
    module = sys.modules[name] = types.ModuleType(name)
    module.__path__ = []
    exec(compile(source, name, "exec"), module.__dict__)
sys.modules["harness.host.far_end"].main()
"""
_READER = "import sys; exec(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())))"


def _program() -> bytes:
    """What the far end's Python is given to run."""
    sources = [("harness", ""), ("harness.verdict", _STAND_IN), ("harness.net", ""), ("harness.host", "")]
    for name in _MODULES:
        package, _, module = name.rpartition(".")
        sources.append((name, (files(package) / f"{module}.py").read_text(encoding="utf-8")))
    version = _PYTHON.replace(".", ", ")
    return _STARTER.format(version=version, python=_PYTHON, sources=repr(sources)).encode()


def _command() -> str:
    python = f"python3 -c {shlex.quote(_READER)}"
    return f'if [ "$(id -u)" = 0 ]; then exec {python}; else exec sudo -n {python}; fi'


class Channel:
    """The connection, and the program at its end. BenchError where it does not come about.

    One that is lost is a BenchBroken in whatever is asked of it from then on.
    """

    def __init__(self, at: At) -> None:
        self.where = f"implementation.at: ssh {at.ssh}"
        self.offset = Offset()
        self.listeners: dict[int, Callable[[dict[str, Any], bytes], None]] = {}
        self._asked: dict[int, Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._lost = ""
        self._closing = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ssh", daemon=True)
        self._thread.start()
        try:
            self._do(self._connect(at), CONNECT_TIME)
            self._do(self._look_at_clock(), CONNECT_TIME)
        except (OSError, asyncssh.Error, NoAnswer, ValueError) as error:
            self.close()
            words = self._lost or str(error) or f"no connection within {CONNECT_TIME:g} s"
            raise BenchError(f"{self.where}: {words}") from None
        self._clock = asyncio.run_coroutine_threadsafe(self._watch_clock(), self._loop)

    def _do(self, work: Any, seconds: float) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    async def _connect(self, at: At) -> None:
        user, _, host = str(at.ssh).rpartition("@")
        options: dict[str, Any] = {"port": at.port} if at.port is not None else {}
        options |= {"username": user} if user else {}
        options |= {"client_keys": [at.key_file]} if at.key_file else {}
        options |= {"known_hosts": at.known_hosts} if at.known_hosts else {}
        options |= {"tunnel": at.jump} if at.jump else {}
        self._connection = await asyncssh.connect(host, **options, **_ALIVE)
        self._process: asyncssh.SSHClientProcess[bytes] = await self._connection.create_process(
            _command(), encoding=None
        )
        program = _program()
        self._process.stdin.write(b"%d\n" % len(program) + program)
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        """Takes what comes, until nothing does any more."""
        try:
            while True:
                long, more = HEAD.unpack(await self._process.stdout.readexactly(HEAD.size))
                message = json.loads(await self._process.stdout.readexactly(long))
                octets = await self._process.stdout.readexactly(more) if more else b""
                self._take(message, octets)
        except (asyncio.IncompleteReadError, OSError, asyncssh.Error):
            said = b""
            with suppress(OSError, asyncssh.Error, asyncio.TimeoutError):  # what Python or sudo says there
                said = await asyncio.wait_for(self._process.stderr.read(), LAST_WORDS_TIME)
            lines = said.decode(errors="replace").strip().splitlines()
            self._lose(lines[-1] if lines else "the connection is lost")

    def _take(self, message: dict[str, Any], octets: bytes) -> None:
        if "capture" in message:
            if listener := self.listeners.get(message["capture"]):
                listener(message, octets)
            return
        future = self._asked.pop(message["number"], None)
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(BenchError(f"{self.where}: {message['error']}"))
        else:
            future.set_result(message["answer"])

    def _lose(self, why: str) -> None:
        self._lost = why
        for future in self._asked.values():
            if not future.done():
                future.set_exception(self._broken())
        self._asked.clear()
        if not self._closing:
            for listener in list(self.listeners.values()):
                listener({"broken": str(self._broken())}, b"")

    def _broken(self) -> BenchBroken:
        return BenchBroken(f"{self.where}: {self._lost}; what was made there may be there still")

    def tell(self, octets: bytes = b"", **request: Any) -> None:
        """Send a request that is not answered. BenchBroken where the connection is lost."""
        if self._lost:
            raise self._broken()
        message = pack(request, octets)
        self._loop.call_soon_threadsafe(self._process.stdin.write, message)

    def request(self, octets: bytes = b"", **request: Any) -> Future[Any]:
        """Send a request; its answer comes later. BenchBroken where the connection is lost."""
        number = next(self._numbers)
        future = self._asked[number] = Future[Any]()
        self.tell(octets, number=number, **request)
        return future

    def answer(self, future: Future[Any], within: float = 0.0) -> Any:
        """The answer to a request that takes ``within`` seconds at most. BenchError where it is an error,
        BenchBroken where there is none."""
        try:
            return future.result(within + ANSWER_TIME)
        except NoAnswer:
            words = f"no answer within {within + ANSWER_TIME:g} s"
            raise BenchBroken(f"{self.where}: {words}; is the way there slow, or its machine busy?") from None

    def ask(self, within: float = 0.0, **request: Any) -> Any:
        """Both together."""
        return self.answer(self.request(**request), within)

    async def _look_at_clock(self) -> None:
        number = next(self._numbers)
        future = self._asked[number] = Future()
        asked = time.monotonic_ns()
        self._process.stdin.write(pack({"do": "clock", "number": number}))
        theirs = await asyncio.wrap_future(future)
        self.offset.add(asked, theirs, time.monotonic_ns())

    async def _watch_clock(self) -> None:
        """All along, as clocks drift. Ends with the connection."""
        try:
            while True:
                await self._look_at_clock()
                await asyncio.sleep(CLOCK_PERIOD)
        except BenchBroken:
            return

    def close(self) -> None:
        """End the connection, and with it the program there."""
        self._closing = True

        async def end() -> None:
            connection = getattr(self, "_connection", None)
            if connection is not None:
                connection.close()
                await connection.wait_closed()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        with suppress(OSError, asyncssh.Error, NoAnswer):  # it ends with this process at the latest
            self._do(end(), ANSWER_TIME)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_TIME)
        if not self._thread.is_alive():
            self._loop.close()


class FarPackets(Packets):
    """The frames of an interface there, stamped by that machine's kernel, told by this machine's clock."""

    def __init__(self, channel: Channel, number: int, interface: str) -> None:
        self.where = f"interface {interface} ({channel.where})"
        self._channel = channel
        self._number = number
        self._got: deque[tuple[dict[str, Any], bytes]] = deque()
        self._ready = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._until = 0
        self._sent: deque[Future[Any]] = deque()
        channel.listeners[number] = self._take
        try:
            self.mac = channel.ask(do="capture", capture=number, interface=interface)
        except BenchError:
            self._forget()
            raise

    def _take(self, message: dict[str, Any], octets: bytes) -> None:
        self._got.append((message, octets))
        os.eventfd_write(self._ready, 1)

    def reopen(self) -> None:
        self.mac = self._channel.ask(do="reopen", capture=self._number)

    def fileno(self) -> int:
        return self._ready

    def receive(self) -> tuple[float, bytes, bool] | None:
        while True:
            try:
                message, octets = self._got.popleft()
            except IndexError:
                try:
                    os.eventfd_read(self._ready)
                except BlockingIOError:
                    return None
                continue
            if "until" in message:
                self._until = message["until"]
            elif "gone" in message:
                raise InterfaceGone(f"{self.where} is gone")
            elif "broken" in message:
                raise BenchBroken(message["broken"])
            else:
                ours = self._channel.offset.ours(message["stamp"])
                ahead = time.time_ns() - time.monotonic_ns()
                return (ours + ahead) / 1e9, octets, message["outgoing"]

    def read_until(self) -> float:
        """Seconds since the epoch up to which all that was captured there is told."""
        if not self._until:
            return 0.0
        ours = self._channel.offset.ours(self._until) + time.time_ns() - time.monotonic_ns()
        return ours / 1e9 - self._channel.offset.error()

    def offer(self, frame: bytes) -> None:
        self._channel.tell(frame, do="offer", capture=self._number)

    def send(self, frame: bytes) -> None:
        """Send one frame; what an interface refuses is told by one of the next calls."""
        self._sent.append(self._channel.request(frame, do="send", capture=self._number))
        self._look_at_sent(UNDER_WAY)

    def _look_at_sent(self, under_way: int) -> None:
        """Raises BenchError where a frame was refused; waits until no more than so many are under way."""
        while self._sent and (len(self._sent) > under_way or self._sent[0].done()):
            self._channel.answer(self._sent.popleft())

    def lost(self) -> int:
        """At least one where the connection is lost, of which who waits for something is told."""
        try:
            self._look_at_sent(0)
            return int(self._channel.ask(do="lost", capture=self._number))
        except BenchBroken:
            return 1

    def close(self) -> None:
        try:
            self._channel.ask(do="close", capture=self._number)
        finally:
            self._forget()

    def _forget(self) -> None:
        self._channel.listeners.pop(self._number, None)
        os.close(self._ready)


class OverSsh(Location):
    """A host at the end of an SSH connection."""

    def __init__(self, at: At) -> None:
        self._channel = Channel(at)
        self._numbers = itertools.count(1)
        self.where = f"ssh {at.ssh}"

    @property
    def clock_error(self) -> float:
        """Seconds by which times of that machine may be wrong by ours."""
        return self._channel.offset.error()

    def run(self, command: list[str], environment: Mapping[str, str], seconds: float) -> End:
        said = self._channel.ask(
            seconds, do="run", command=command, environment=dict(environment), seconds=seconds
        )
        return End(**said)

    def find_command(self, name: str) -> str | None:
        found: str | None = self._channel.ask(do="find", name=name)
        return found

    def processes(self) -> list[int]:
        return []

    def link_state(self, interface: str) -> LinkState | None:
        found = self._channel.ask(do="link", interface=interface)
        return LinkState(*found) if found is not None else None

    def medium(self, interface: str) -> tuple[int, bool]:
        speed, full_duplex = self._channel.ask(do="medium", interface=interface)
        return speed, full_duplex

    def packets(self, interface: str) -> Packets:
        return FarPackets(self._channel, next(self._numbers), interface)

    def close(self) -> None:
        self._channel.close()
