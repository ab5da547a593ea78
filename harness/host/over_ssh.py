"""A host at the end of an SSH connection: commands, link states, captures (`harness.host.far_end`)."""

from __future__ import annotations

import itertools
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn, TypeVar

from harness.host.channel import ANSWER_TIME, Channel
from harness.host.far_end import END_TIME, WallAhead
from harness.host.far_watch import FarWatch
from harness.host.location import End, Location, Packets
from harness.host.offset import HostClock
from harness.host.processes import MARK
from harness.host.processor_wait import Start
from harness.lab.place import At
from harness.net.ethtool import LinkState
from harness.net.packet_socket import SEND_TIME, InterfaceGone
from harness.verdict import BenchBroken, BenchError

T = TypeVar("T")

UNDER_WAY = 64
"""Frames that are sent before the first of them is answered for."""


class FarPackets(Packets):
    """The frames of an interface there, stamped by that machine's kernel, told by this machine's clock.

    What the interface refuses waits there for ``patience`` seconds; the bench is broken then. Where that is 0
    it is told by one of the next calls.
    """

    def __init__(self, channel: Channel, number: int, interface: str, patience: float) -> None:
        self.interface = interface
        self.where = f"interface {interface} ({channel.where})"
        self._channel = channel
        self._number = number
        self._patience = patience
        self._got: deque[tuple[dict[str, Any], bytes]] = deque()
        self._ready = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._until = 0
        self._wall = WallAhead()
        self._room = threading.Semaphore(UNDER_WAY)
        self._refused = ""
        channel.listeners[number] = self._take
        try:
            self.mac = channel.ask(do="capture", capture=number, interface=interface, patience=patience)
        except BenchError:
            self._forget()
            raise

    def _take(self, message: dict[str, Any], octets: bytes) -> None:
        """In the connection's thread."""
        if message.get("sent") or "broken" in message:
            self._room.release()
        if message.get("refused"):
            self._refused = f"{self.where}: cannot send: {message['refused']}"
            if self._patience:
                words = f"for {self._patience:g} s (limits.link_up): {message['refused']}"
                message = {"broken": f"{self.where}: cannot send {words}"}
        if "sent" not in message:
            self._got.append((message, octets))
            os.eventfd_write(self._ready, 1)

    def reopen(self) -> None:
        self.mac = self._channel.ask(do="reopen", capture=self._number)

    def fileno(self) -> int:
        return self._ready

    def receive(self) -> tuple[int, bytes, bool] | None:
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
                return ours + self._wall.ahead(), octets, message["outgoing"]

    def read_until(self) -> float:
        """Nanoseconds since the epoch up to which all that was captured there is told."""
        if not self._until:
            return 0.0
        ours = self._channel.offset.ours(self._until) + self._wall.ahead()
        return ours - self._channel.offset.error() * 1e9

    def offer(self, frame: bytes) -> None:
        self._tell_refused()
        self._channel.tell(frame, do="send", capture=self._number, counted=False)

    def send(self, frame: bytes) -> None:
        """Send one frame, with room waited for; what is refused is told by one of the next calls."""
        self._tell_refused()
        if not self._room.acquire(timeout=SEND_TIME + ANSWER_TIME):
            raise BenchBroken(f"{self.where}: cannot send for {SEND_TIME + ANSWER_TIME:g} s")
        self._channel.tell(frame, do="send", capture=self._number, counted=True)

    def _tell_refused(self) -> None:
        refused, self._refused = self._refused, ""
        if refused:
            raise BenchError(refused)

    def lost(self) -> int:
        """At least one where the connection is lost, of which who waits for something is told."""
        self._tell_refused()
        try:
            return int(self._channel.ask(do="lost", capture=self._number))
        except BenchBroken:
            return 1

    def discard(self) -> None:
        with suppress(BenchBroken):  # what waits there ends with the connection
            self._channel.tell(do="discard", capture=self._number)

    def close(self) -> None:
        """One that is lost with its connection is closed."""
        try:
            with suppress(BenchBroken):
                self._channel.ask(do="close", capture=self._number)
        finally:
            self._forget()

    def _forget(self) -> None:
        self._channel.listeners.pop(self._number, None)
        os.close(self._ready)


class OverSsh(Location):
    """A host at the end of an SSH connection. What ``bench`` starts there has a mark of its name; ``key`` is
    what the lab file has it under, ``clock_limit`` is `limits.clock_error`."""

    elsewhere = True

    def __init__(self, at: At, bench: str, key: str = "implementation.at", clock_limit: float = 1.0) -> None:
        self._channel = Channel(at, key)
        self.clock: HostClock = HostClock(at.host, self._channel.offset, clock_limit)
        self._bench = bench
        self._numbers = itertools.count(1)
        self.where = at.host

    @property
    def clock_error(self) -> float:
        """Seconds by which times of that machine may be wrong by ours."""
        return self._channel.offset.error()

    def run(self, command: list[str], environment: Mapping[str, str], seconds: float) -> End:
        said = self._channel.ask(
            seconds,
            do="run",
            command=command,
            environment={**environment, MARK: self._bench},
            seconds=seconds,
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

    def read_settings(self, interface: str) -> bytes:
        return bytes.fromhex(self._channel.ask(do="settings", interface=interface))

    def write_settings(self, interface: str, settings: bytes) -> None:
        self._channel.answer(self._channel.request(settings, do="set", interface=interface))

    def stamps_all(self, interface: str) -> bool:
        return bool(self._channel.ask(do="stamps_all", interface=interface))

    def read_stamping(self, interface: str) -> bytes | None:
        found = self._channel.ask(do="stamping", interface=interface)
        return None if found is None else bytes.fromhex(found)

    def write_stamping(self, interface: str, config: bytes) -> None:
        self._channel.answer(self._channel.request(config, do="stamp", interface=interface))

    def packets(self, interface: str, patience: float = 0.0) -> Packets:
        return FarPackets(self._channel, next(self._numbers), interface, patience)

    def program(self, module: str) -> NoReturn:
        """Raises BenchError: what these programs need (numpy) is not there."""
        raise BenchError(f"{self.where}: {module} runs on this machine alone")

    def inside(self, action: Callable[[], T]) -> NoReturn:
        raise BenchError(f"{self.where} is another machine: no socket of this process can be there")

    def end_started(self) -> list[int]:
        left: list[int] = self._channel.ask(END_TIME, do="end_started", bench=self._bench)
        return left

    def watcher(self) -> Start:
        return partial(FarWatch, self._channel, self.where, self._bench)

    def close(self) -> None:
        self._channel.close()
