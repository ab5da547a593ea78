"""Drives the protocol core: slow-protocol sockets and the clock in, PDUs and changes out."""

from __future__ import annotations

import asyncio
import logging
import select
from collections.abc import Callable

from agr.core.outputs import Output, Transmit
from agr.core.system import System
from agr.daemon.slow import SlowSocket

log = logging.getLogger("agrd")

# Frames of one port in one turn: a flood on one port must not silence the others.
_FRAMES_A_TURN = 32


class CoreRunner:
    """Owns the core's time: ``loop.time()``.

    ``perform`` does every output but Transmit, and that too where the frame must stay behind data.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, system: System, perform: Callable[[Output], None]
    ) -> None:
        self.system = system
        self._loop = loop
        self._perform = perform
        self._sockets: dict[str, SlowSocket] = {}
        self._ports: dict[int, str] = {}
        self._waiting = select.poll()
        self._timer: asyncio.TimerHandle | None = None

    def now(self) -> float:
        """Seconds, as the core counts them."""
        return self._loop.time()

    def add_port(self, port: str, sock: SlowSocket) -> None:
        """Read and write slow protocol frames of ``port`` through ``sock`` from now on."""
        self._sockets[port] = sock
        self._ports[sock.fileno()] = port
        self._waiting.register(sock, select.POLLIN)
        self._loop.add_reader(sock, self._read, port, sock)

    def remove_port(self, port: str) -> None:
        """Close the port's socket."""
        sock = self._sockets.pop(port)
        del self._ports[sock.fileno()]
        self._waiting.unregister(sock)
        self._loop.remove_reader(sock)
        sock.close()

    def receive_waiting(self) -> None:
        """Hand over the control frames that wait: call it before anything that takes its time."""
        for descriptor, _ in self._waiting.poll(0):
            port = self._ports[descriptor]
            self._read(port, self._sockets[port])

    def settle(self) -> None:
        """Do what the core asks for, and wait for its next deadline."""
        for output in self.system.take():
            if isinstance(output, Transmit) and not output.behind_data:
                self._transmit(output)
            else:
                self._perform(output)
        if self._timer is not None:
            self._timer.cancel()
        deadline = self.system.deadline()
        self._timer = None if deadline is None else self._loop.call_at(deadline, self._fire)

    def close(self) -> None:
        """Stop the clock."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self.receive_waiting()
        self.system.advance(self.now())
        self.settle()

    def _read(self, port: str, sock: SlowSocket) -> None:
        for _ in range(_FRAMES_A_TURN):
            frame = sock.receive()
            if frame is None:
                return
            self.system.receive(self.now(), port, frame)
            self.settle()

    def _transmit(self, output: Transmit) -> None:
        sock = self._sockets.get(output.port)
        if sock is None:
            return
        try:
            sock.send(output.frame)
        except OSError as error:
            log.warning("%s: a slow protocol frame was not sent: %s", output.port, error.strerror)
