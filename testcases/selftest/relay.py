"""A relay for TCP connections: it delays what goes over it, as a long way for management does, or cuts it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from harness.net.packet_socket import in_namespace

CHUNK = 65536
ENDED = 20.0
"""Seconds in which it has done what it is told."""


class Relay:
    """Connections to ``port`` of 127.0.0.1 go on to another address.

    ``delay``: seconds that each octet is under way, each way. They may be as many as there are: the relay is
    far, and not narrow.
    """

    def __init__(self, host: str, port: int, delay: float) -> None:
        self.port = 0
        self._to = (host, port)
        self._delay = delay
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ENDED)

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, on = await asyncio.open_connection(*self._to)
        ends = {back, on}
        self._open |= ends
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(near, on))
                both.create_task(self._carry(far, back))
        finally:
            self._open -= ends
            for end in ends:
                end.close()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """One way, until that way has ended."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._deliver(under_way, sink))
        with suppress(OSError):
            while octets := await source.read(CHUNK):
                under_way.put_nowait((self._loop.time() + self._delay, octets))
        under_way.put_nowait((self._loop.time() + self._delay, b""))
        await arriving

    async def _deliver(
        self, under_way: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while True:
                due, octets = await under_way.get()
                await asyncio.sleep(due - self._loop.time())
                if not octets:
                    sink.write_eof()
                    return
                sink.write(octets)
                await sink.drain()

    def cut(self) -> int:
        """Reset every connection, as the way breaks; how many there were. New ones are taken as before."""

        async def reset() -> int:
            for end in self._open:
                end.transport.abort()
            return len(self._open) // 2

        cut: int = self._do(reset())
        return cut

    def close(self) -> None:
        """Take no more connections, and end those that there are."""

        async def end() -> None:
            self._server.close()
            for writer in self._open:
                writer.transport.abort()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self._do(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ENDED)
        self._loop.close()


@contextmanager
def relay(namespace: str, host: str, port: int, delay: float) -> Iterator[Relay]:
    """One in a network namespace: who connects to it there reaches ``host`` and ``port`` from there."""
    made = in_namespace(namespace, lambda: Relay(host, port, delay))
    try:
        yield made
    finally:
        made.close()
