"""CoreRunner: what the core asks for is done, in order, and again where a port did not take it."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agr.core import lacpdu
from agr.core.constants import LACP_SUBTYPE, MARKER_PROTOCOL_LIMIT, MARKER_SUBTYPE, RECEIVED_LACPDU_LIMIT
from agr.core.lacpdu import LACPDU, Information, PortState
from agr.core.outputs import CollectingChanged, DistributingChanged, Output
from agr.core.system import System
from agr.daemon.runner import FRAMES_A_SLICE, SLICE_SECONDS, CoreRunner
from testcases.selftest.core.samples import LACPDU_FRAME, MARKER_FRAME

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


def test_data_is_delivered_before_a_marker_is_answered() -> None:
    """43.5.4: what came before it; an LACPDU waits for no data, and a flood of Markers asks for little."""
    order: list[object] = []

    class Asked(Wire):
        waiting = [LACPDU_FRAME] + [MARKER_FRAME] * 20

        def receive(self) -> bytes | None:  # type: ignore[override]
            return self.waiting.pop(0) if self.waiting else None

        def send(self, frame: bytes) -> None:
            order.append(frame[14])

    clock, system = Clock(), System()
    runner = CoreRunner(clock, system, lambda _: None)  # type: ignore[arg-type]
    runner.deliver = order.append
    wire = Asked(clock)
    system.add_aggregator(0.0, "agr0")
    system.add_port(0.0, "re0", bytes((2, 0, 0, 0, 0, 1)), "agr0")
    runner.add_port("re0", wire)  # type: ignore[arg-type]
    system.set_link(0.0, "re0", True)
    clock.read()
    runner.remove_port("re0")
    runner.close()
    wire.close()
    lacpdu_sent, *answers = order
    assert lacpdu_sent == LACP_SUBTYPE
    assert answers == ["re0", MARKER_SUBTYPE] * MARKER_PROTOCOL_LIMIT


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
        self.readers: dict[object, Callable[[], object]] = {}
        self._timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def add_reader(self, descriptor: object, callback: Callable[..., object], *arguments: Any) -> None:
        self.readers[descriptor] = lambda: callback(*arguments)

    def remove_reader(self, descriptor: object) -> None:
        self.readers.pop(descriptor, None)

    def read(self) -> None:
        """A turn in which every descriptor is readable."""
        for callback in tuple(self.readers.values()):
            callback()

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

    def overrun(self) -> int:
        return 0

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


class Partner(Wire):
    """Its LACPDUs come at ``rate`` a second; the socket has room for the ``room`` last ones."""

    room = 100

    def __init__(self, clock: Clock, rate: float) -> None:
        super().__init__(clock)
        self._rate = rate
        self._read = 0

    def receive(self) -> bytes | None:  # type: ignore[override]
        came = int(self._clock.now * self._rate + 1e-9)
        self._read = max(self._read, came - self.room)
        if self._read == came:
            return None
        self._read += 1
        return LACPDU_FRAME


class Counting(System):
    """Counts what it receives by port, and notes when."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[str, list[float]] = {"re0": [], "re1": []}

    def receive(self, now: float, port: str, frame: bytes) -> None:
        self.times[port].append(now)
        super().receive(now, port, frame)


def under_flood(rate: float, seconds: int = 5) -> dict[str, list[float]]:
    """When LACPDUs were handed to the core, by port: ``rate`` a second come in on re0, and one on re1."""
    clock, system = Clock(), Counting()
    runner = CoreRunner(clock, system, lambda _: None)  # type: ignore[arg-type]
    system.add_aggregator(0.0, "agr0")
    wires = {"re0": Partner(clock, rate), "re1": Partner(clock, 1.0)}
    for number, (port, wire) in enumerate(wires.items(), 1):
        system.add_port(0.0, port, bytes((2, 0, 0, 0, 0, number)), "agr0")
        runner.add_port(port, wire)  # type: ignore[arg-type]
        system.set_link(0.0, port, True)
    for millisecond in range(1, 1000 * seconds + 1):
        clock.run_until(millisecond / 1000)
        clock.read()
    for port, wire in wires.items():
        runner.remove_port(port)
        wire.close()
    runner.close()
    return system.times


def test_ten_times_the_flood_costs_no_more_and_takes_nothing_from_others() -> None:
    calm, flood, torrent = (under_flood(rate) for rate in (1.0, 10_000.0, 100_000.0))
    assert len(torrent["re0"]) == len(flood["re0"]) <= 5 * FRAMES_A_SLICE / SLICE_SECONDS
    assert torrent["re1"] == flood["re1"] == calm["re1"]


def test_what_a_partner_may_send_is_all_read_at_once() -> None:
    """20 frames a second, LACPDUs and Markers (43B.2)."""
    times = under_flood(20.0)["re0"]
    assert times == pytest.approx([number / 20 for number in range(1, 101)])


class Contradictory(Partner):
    """Each of its LACPDUs knows the port otherwise than the one before: right, and not at all."""

    def __init__(self, clock: Clock, rate: float) -> None:
        super().__init__(clock, rate)
        self._said: bytes | None = None

    def send(self, frame: bytes) -> None:
        super().send(frame)
        self._said = frame

    def receive(self) -> bytes | None:  # type: ignore[override]
        if super().receive() is None or self._said is None:
            return None
        nobody = Information(0, bytes(6), 0, 0, 0, PortState())
        known = lacpdu.decode(self._said).actor if self._read % 2 else nobody
        own = Information(1, b"\2partn", 7, 1, 1, PortState.from_octet(0x3F))
        return lacpdu.encode(LACPDU(own, known, 0), b"\2partn")


def most_at_once(rate: float) -> int:
    """How much is done in one piece at most, while data paths ask for PDUs that wait with all they do."""
    clock, system = Clock(), System()
    pieces: list[int] = []

    def perform(output: Output) -> None:
        pieces[-1] += 1
        runner.receive_waiting()

    runner = CoreRunner(clock, system, perform)  # type: ignore[arg-type]
    wire = Contradictory(clock, rate)
    system.add_aggregator(0.0, "agr0")
    system.add_port(0.0, "re0", bytes((2, 0, 0, 0, 0, 1)), "agr0")
    runner.add_port("re0", wire)  # type: ignore[arg-type]
    system.set_link(0.0, "re0", True)
    pieces.append(0)
    runner.settle()
    for millisecond in range(1, 10_001):
        pieces.append(0)
        clock.run_until(millisecond / 1000)
        clock.read()
    runner.remove_port("re0")
    wire.close()
    runner.close()
    return max(pieces)


def test_what_comes_of_a_flood_is_done_in_small_pieces() -> None:
    """Whatever waits behind it, an LACPDU on another port, waits no longer at ten times the rate."""
    flood, torrent = most_at_once(10_000.0), most_at_once(100_000.0)
    assert RECEIVED_LACPDU_LIMIT < torrent == flood < 10 * RECEIVED_LACPDU_LIMIT
