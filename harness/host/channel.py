"""An SSH connection, and the program at its end: requests and answers, and that machine's clock.

The connection is kept by asyncssh in a thread of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from contextlib import suppress
from typing import Any

import asyncssh

from harness.host.far_end import HEAD, STARTED, WallAhead, pack
from harness.host.offset import Offset
from harness.host.ssh import command, last_words, log_in, program
from harness.lab.place import At
from harness.verdict import BenchBroken, BenchError

CONNECT_TIME = 30.0
"""Seconds in which a connection is there, with its first answer."""

ANSWER_TIME = 10.0
"""Seconds that an answer may take beyond what it is asked to do."""

LAST_WORDS_TIME = 2.0
"""Seconds that are waited for what was said why the far end ended."""

CLOCK_PERIOD = 0.5
"""Seconds between two looks at the other machine's clock."""

FIRST_LOOKS = 8
"""Looks at it before anything is captured: the first answer is slow, as all is done for the first time."""

LOST = "the connection is lost"


class Channel:
    """The connection, and the program at its end; ``key`` is what the lab file has the host under. BenchError
    where it does not come about.

    One that is lost is a BenchBroken in whatever is asked of it from then on.
    """

    def __init__(self, at: At, key: str) -> None:
        self.where = f"{key}: ssh {at.ssh}"
        self.offset = Offset()
        self._ptp, self._wall = at.ptp, WallAhead()
        self.listeners: dict[int, Callable[[dict[str, Any], bytes], None]] = {}
        self.watching: Callable[[dict[str, Any]], None] | None = None
        self._asked: dict[int, Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._lost = ""
        self._closing = False
        self._connections: list[asyncssh.SSHClientConnection] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ssh", daemon=True)
        self._thread.start()
        try:
            self._do(self._connect(at), CONNECT_TIME)
        except (BenchError, OSError, asyncssh.Error, NoAnswer) as error:
            self.close()
            words = self._lost or str(error) or f"no connection within {CONNECT_TIME:g} s"
            raise BenchError(f"{self.where}: {words}") from None
        asyncio.run_coroutine_threadsafe(self._watch_clock(), self._loop)

    def _do(self, work: Any, seconds: float) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    async def _connect(self, at: At) -> None:
        """Returns when the program there has answered."""
        self._connections = await log_in(at)
        self._process: asyncssh.SSHClientProcess[bytes] = await self._connections[0].create_process(
            command(), encoding=None
        )
        said = program()
        self._write(b"%d\n" % len(said) + said)
        self._reading = asyncio.ensure_future(self._read())
        for _ in range(FIRST_LOOKS):
            await self._look_at_clock()
        self.offset.renew()

    async def _read(self) -> None:
        """Takes what comes, until nothing does any more."""
        why = ""
        try:
            await self._process.stdout.readuntil(STARTED)  # before it comes what a shell says to who logs in
            while True:
                long, more = HEAD.unpack(await self._process.stdout.readexactly(HEAD.size))
                message = json.loads(await self._process.stdout.readexactly(long))
                octets = await self._process.stdout.readexactly(more) if more else b""
                self._take(message, octets)
        except (asyncio.IncompleteReadError, OSError, asyncssh.Error):
            said = b""
            with suppress(OSError, asyncssh.Error, asyncio.TimeoutError):  # what Python or sudo says there
                said = await asyncio.wait_for(self._process.stderr.read(), LAST_WORDS_TIME)
            why = last_words(said.decode(errors="replace"))
        finally:
            self._lose(why or LOST)

    def _take(self, message: dict[str, Any], octets: bytes) -> None:
        if "capture" in message:
            if listener := self.listeners.get(message["capture"]):
                listener(message, octets)
            return
        if "number" not in message:
            if self.watching is not None:
                self.watching(message)
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
        while self._asked:  # who asks now finds it lost, or is here
            _, future = self._asked.popitem()
            if not future.done():
                future.set_exception(self._broken())
        if not self._closing:
            for listener in list(self.listeners.values()):
                listener({"broken": str(self._broken())}, b"")

    def _broken(self) -> BenchBroken:
        return BenchBroken(f"{self.where}: {self._lost}")

    def _write(self, octets: bytes) -> None:
        """Of one that is lost `_read` hears."""
        with suppress(OSError, asyncssh.Error):
            self._process.stdin.write(octets)

    def tell(self, octets: bytes = b"", **request: Any) -> None:
        """Send a request that is not answered. BenchBroken where the connection is lost."""
        if self._lost:
            raise self._broken()
        message = pack(request, octets)
        self._loop.call_soon_threadsafe(self._write, message)

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
        asked = time.monotonic_ns()
        theirs = await self._told("clock")
        self.offset.add(asked, theirs, time.monotonic_ns())
        if self._ptp is not None:  # CLOCK_REALTIME of both is one
            self.offset.state(self._wall.ahead() - await self._told("wall"), self._ptp)

    async def _told(self, do: str) -> int:
        """A time of the other machine, in ns."""
        future = self._asked[number := next(self._numbers)] = Future()
        self._write(pack({"do": do, "number": number}))
        time: int = await asyncio.wrap_future(future)
        return time

    async def _watch_clock(self) -> None:
        """All along, as clocks drift. Ends with the connection."""
        with suppress(BenchBroken):
            while not self._lost:
                await self._look_at_clock()
                await asyncio.sleep(CLOCK_PERIOD)

    def close(self) -> None:
        """End the connection, and with it the program there."""
        self._closing = True
        try:
            self._do(self._end(), ANSWER_TIME)
        except (OSError, asyncssh.Error, NoAnswer):  # it takes no goodbye
            for connection in self._connections:
                self._loop.call_soon_threadsafe(connection.abort)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_TIME)
        if not self._thread.is_alive():
            self._loop.close()

    async def _end(self) -> None:
        for connection in self._connections:
            connection.close()
            await connection.wait_closed()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
