"""CoreRunner: what the core asks for is done, in order, and again where a port did not take it."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agr.core.outputs import CollectingChanged, DistributingChanged, Output
from agr.core.system import System
from agr.daemon.runner import CoreRunner

FIRST = CollectingChanged("re0", True)
SECOND = DistributingChanged("re0", True)
NEWER = DistributingChanged("re0", False)


class Scripted(System):
    """Asks for FIRST and SECOND, and for NEWER when it is asked again."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: Iterator[list[Output]] = iter([[FIRST, SECOND], [NEWER]])

    def take(self) -> list[Output]:
        return next(self._asked, [])


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def test_what_is_asked_for_meanwhile_comes_after(loop: asyncio.AbstractEventLoop) -> None:
    """As when the data path has waiting PDUs read before a port collects."""
    done: list[Output] = []

    def perform(output: Output) -> None:
        if output is FIRST:
            runner.settle()
        done.append(output)

    runner = CoreRunner(loop, Scripted(), perform)
    runner.settle()
    runner.close()
    assert done == [FIRST, SECOND, NEWER]


def test_data_is_delivered_before_a_marker_is_answered(loop: asyncio.AbstractEventLoop) -> None:
    """43.5.4: what came before it; an LACPDU waits for no data."""
    asked, waiting = b"\xff" * 14 + b"\x02" + bytes(45), [b"\xff" * 14 + b"\x01" + bytes(45)]
    waiting.insert(0, asked)
    order: list[object] = []

    class Socket:
        def receive(self) -> bytes | None:
            return waiting.pop(0) if waiting else None

    class Received(Scripted):
        def receive(self, now: float, port: str, frame: bytes) -> None:
            order.append(frame[14])

    runner = CoreRunner(loop, Received(), lambda _: None)
    runner.deliver = order.append
    runner._read("re0", Socket())  # type: ignore[arg-type]
    runner.close()
    assert order == ["re0", 2, 1]


def test_a_failure_does_not_end_the_running() -> None:
    def perform(output: Output) -> None:
        if output is FIRST:
            raise OSError
        done.append(output)

    done: list[Output] = []
    clock, system = Clock(), Scripted()
    runner = CoreRunner(clock, system, perform)  # type: ignore[arg-type]
    system.add_aggregator(0.0, "agr0")
    system.add_port(0.0, "re0", bytes.fromhex("020000000001"), "agr0")
    system.set_link(0.0, "re0", True)
    with pytest.raises(OSError):
        runner.settle()
    clock.run_until(system.deadline() or 0.0)
    assert done == [SECOND, NEWER], "its timer runs, although there was a failure"


class Timer:
    """What `Clock` gives for an asyncio.TimerHandle."""

    def __init__(self, when: float, callback: Callable[[], object]) -> None:
        self._when = when
        self.callback = callback
        self.alive = True

    def when(self) -> float:
        return self._when

    def cancel(self) -> None:
        self.alive = False


class Clock:
    """An event loop whose time passes in `run_until` only."""

    def __init__(self) -> None:
        self.now = 0.0
        self._timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def add_reader(self, *_: object) -> None:
        """Nothing is ever received."""

    def call_at(self, when: float, callback: Callable[..., object], *arguments: Any) -> Timer:
        self._timers.append(Timer(when, lambda: callback(*arguments)))
        return self._timers[-1]

    def call_later(self, delay: float, callback: Callable[..., object], *arguments: Any) -> Timer:
        return self.call_at(self.now + delay, callback, *arguments)

    def run_until(self, end: float) -> None:
        while due := [timer for timer in self._timers if timer.alive and timer.when() <= end]:
            first = min(due, key=Timer.when)
            self._timers.remove(first)
            self.now = max(self.now, first.when())
            first.callback()
        self.now = end


class Wire:
    """A SlowSocket that takes nothing while it is ``blocked``; the times of what it was given."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._poll = os.memfd_create("wire")
        self.blocked = False
        self.refused: list[float] = []
        self.taken: list[float] = []

    def fileno(self) -> int:
        return self._poll

    def receive(self) -> None:
        return None

    def send(self, _: bytes) -> None:
        (self.refused if self.blocked else self.taken).append(self._clock.now)
        if self.blocked:
            raise OSError(errno.ENOBUFS, "No buffer space available")

    def close(self) -> None:
        os.close(self._poll)


def test_a_lacpdu_that_was_not_taken_is_due_again(caplog: pytest.LogCaptureFixture) -> None:
    """TX-06: in time when the port takes it, not busily before, and with one line in the log."""
    clock, system = Clock(), System()
    wire = Wire(clock)
    runner = CoreRunner(clock, system, lambda _: None)  # type: ignore[arg-type]
    system.add_aggregator(0.0, "agr0")
    system.add_port(0.0, "re0", bytes.fromhex("020000000001"), "agr0")
    runner.add_port("re0", wire)  # type: ignore[arg-type]
    system.set_link(0.0, "re0", True)
    runner.settle()
    clock.run_until(100.0)
    wire.blocked, wire.taken = True, []
    system.configure(100.0, "agr0", "key", "9")  # something to say
    runner.settle()
    clock.run_until(102.0)
    assert 5 <= len(wire.refused) <= 7
    wire.blocked = False
    clock.run_until(102.5)
    assert len(wire.taken) == 1
    clock.run_until(104.0)
    assert len(wire.taken) == 1, "what was said need not be said again"
    assert [record.levelname for record in caplog.records].count("WARNING") == 1
    wire.close()
