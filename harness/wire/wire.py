"""A wire on a port of the implementation, its captured frames and its carrier."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from harness.pdu import Frame
from harness.verdict import BenchError
from harness.wire.far_outbox import FarOutbox
from harness.wire.loop import Loop
from harness.wire.moment import FarClock, Moment, apart, doubt, may_be_from
from harness.wire.outbox import Delay, Outbox

Listener = Callable[[Frame], None]


class Tap(ABC):
    """A capture point: an interface whose frames are captured and, where it is the tester's, sent.

    `frames` holds every frame since the testcase began, in the order of their time stamps. ``clock`` is that
    of another machine, where one captures here: then each of these is a `Moment`.
    """

    clock: FarClock | None = None

    def __init__(self, loop: Loop, name: str) -> None:
        self.loop = loop
        self.name = name
        self.frames: list[Frame] = []
        self._listeners: list[Listener] = []
        self._outbox: Outbox | FarOutbox | None = None  # of a real port of the tester's

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each frame as it passes; gives the call that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def saw(self, frame: Frame) -> None:
        """For benches: take in a captured frame, and call the listeners."""
        self.frames.append(frame)
        for listener in tuple(self._listeners):
            self.loop.call(partial(listener, frame))

    def received(self, since: float = float("-inf")) -> list[Frame]:
        """Frames towards the tester with a time stamp not before `since`, as far as the clocks can tell."""
        with self.loop.lock:
            if self.clock is None and not doubt(since):
                return [frame for frame in self.frames if not frame.sent and frame.time >= since]
            return [frame for frame in self.frames if not frame.sent and may_be_from(frame.time, since)]

    def told(self, time: float) -> float:
        """For benches: a time of this capture, in bench seconds, as it is known."""
        if self.clock is None:
            return time
        return Moment(time, self.clock.name, self.clock.error, heard=self.loop.now())

    def clock_error(self, since: float, seconds: float = 0.0) -> float:
        """Seconds by which what is seen here ``seconds`` later than ``since`` may be wrong against it."""
        return apart(self.told(float(since) + seconds), since)

    @abstractmethod
    def send(self, frame: bytes) -> None:
        """Send one frame. BenchError where this end cannot.

        Where a port of the tester's does not take it at once (a full queue, a NIC that is reset), it goes out
        as soon as it does, and what is sent after it behind it.
        """

    @property
    def waiting(self) -> bool:
        """Whether frames wait to be sent."""
        return self._outbox is not None and self._outbox.waiting

    @property
    def delay(self) -> Delay:
        """The frames sent late since the testcase began."""
        return Delay() if self._outbox is None else self._outbox.delay

    def discard(self) -> None:
        """For benches: drop the frames that wait to be sent, as the link has no carrier any more."""
        if self._outbox is not None:
            self._outbox.discard()

    @contextmanager
    def unqueued(self) -> Iterator[None]:
        """While the block runs no frame waits: one that is not taken at once is a BenchError, and not sent.

        For a port whose link something else takes away meanwhile.
        """
        if self._outbox is None:
            yield
            return
        with self._outbox.unqueued():
            yield

    def repeat(self, frame: bytes) -> None:
        """Send a periodic repeat; a bench that impairs its wires may lose or duplicate it."""
        self.send(frame)

    def send_all(self, frames: Sequence[bytes]) -> None:
        """Send frames one behind the other."""
        for frame in frames:
            self.send(frame)

    @property
    @abstractmethod
    def mac(self) -> str:
        """MAC address of the interface."""

    @abstractmethod
    def lost(self) -> int:
        """Frames the capture lost since the testcase began."""

    def forget(self) -> None:
        """For benches: a new testcase begins."""
        with self.loop.lock:
            self.frames.clear()
            self._listeners.clear()
        if self._outbox is not None:
            self._outbox.forget()


class Carrier(Protocol):
    """The carrier of a port of the implementation, as the bench takes it and gives it back."""

    def cut(self) -> None:
        """Take the carrier; returns when that is ordered. BenchError where this cannot be done."""

    def restore(self) -> None:
        """Give the carrier back."""

    def come_back(self) -> None:
        """Wait for carrier that something else has taken. BenchError where it does not come in time."""

    def negotiate(self, speed_mbps: int, full_duplex: bool) -> None:
        """Let the link come up anew, with this speed and duplex. BenchError where this cannot be done."""

    def release(self) -> None:
        """Let the link come up anew, as it was before the first `negotiate`."""

    def deliver(self, frame: bytes) -> None:
        """Bring a frame to the port though it has no carrier. BenchError where this cannot be done."""


class Queue(Protocol):
    """The egress queue of a port of the implementation."""

    def slow(self, octets_a_second: float) -> None:
        """Limit the rate from now on. BenchError where this cannot be done."""

    def remove(self) -> None:
        """Take the limit away again."""


class Wire:
    """A cable on one port of the implementation.

    ``port`` is the implementation's name for its end; ``capture`` says where frames are seen ("tester",
    "host", "mirror", "remote"); ``straight`` whether a tester's port is at the other end (topology T1).
    ``downs`` are the times without carrier since the testcase began, in bench seconds; the end of one that
    lasts is None. ``queue`` is the port's, where the bench can slow the link down by it; ``slowed`` is since
    when it does in this testcase, None where it does not: from then on frames are seen later than they left.
    ``reaction``: seconds until what is ordered of its carrier has come about, where a switch does it.
    """

    def __init__(
        self,
        name: str,
        port: str,
        tap: Tap,
        carrier: Carrier,
        *,
        capture: str,
        straight: bool,
        queue: Queue | None = None,
        reaction: float = 0.0,
    ) -> None:
        self.name = name
        self.port = port
        self.tap = tap
        self.capture = capture
        self.straight = straight
        self.reaction = reaction
        self.up = True
        self.downs: list[tuple[float, float | None]] = []
        self.slowed: float | None = None
        self._forced = False
        self._held = False  # down until the bench lets it go, or the testcase cuts it itself
        self._carrier = carrier
        self._queue = queue

    @property
    def frames(self) -> list[Frame]:
        """Every frame since the testcase began, both directions."""
        return self.tap.frames

    def received(self, since: float = float("-inf")) -> list[Frame]:
        """Frames towards the tester with a time stamp not before `since`."""
        return self.tap.received(since)

    def send(self, frame: bytes) -> None:
        """Send one frame towards the implementation."""
        self.tap.send(frame)

    def repeat(self, frame: bytes) -> None:
        """Send a periodic repeat; a bench that impairs its wires may lose or duplicate it."""
        self.tap.repeat(frame)

    def cut(self) -> None:
        """Take the carrier from the implementation's end."""
        self._held = False
        with self.tap.loop.lock:  # nobody is between a look at `up` and sending
            if self.up:
                self.downs.append((self.tap.loop.now(), None))
            self.up = False
        self._carrier.cut()
        self.tap.discard()

    def restore(self) -> None:
        """Give the carrier back; nothing happens where it was not taken."""
        if not self.up:
            self._carrier.restore()
            self._held = False
            self.up = True
            self.downs.append((self.downs.pop()[0], self.tap.loop.now()))

    def hold(self) -> None:
        """For benches: take the carrier until `let_go`, or until the testcase cuts the wire itself."""
        self.cut()
        self._held = True

    def let_go(self) -> None:
        """For benches: give the carrier back where it is held."""
        if self._held:
            self.restore()

    def negotiate(self, speed_mbps: int, *, full_duplex: bool = True) -> None:
        """Let the link come up anew with this speed (Mbit/s) and duplex, on a bench that has `speeds`."""
        self._forced = True
        with self._down():
            self._carrier.negotiate(speed_mbps, full_duplex)

    @contextmanager
    def outage(self) -> Iterator[None]:
        """While the block runs something else takes the carrier, and gives it back: then it is waited for."""
        with self._down():
            yield
            self._carrier.come_back()

    @contextmanager
    def _down(self) -> Iterator[None]:
        """Without carrier while the block runs: stations send nothing, and queued frames are dropped."""
        start = self.tap.loop.now()
        with self.tap.loop.lock:
            was, self.up = self.up, False
        self.tap.discard()
        try:
            yield
        finally:
            self.up = was
            self.downs.append((start, self.tap.loop.now()))

    @property
    def slows(self) -> bool:
        """Whether the bench can slow the link down."""
        return self._queue is not None

    def slow(self, octets_a_second: float) -> None:
        """Limit the rate towards the tester; frames sent faster are queued. On a bench that `slows`."""
        if self._queue is None:
            raise BenchError(f"wire {self.name}: this bench cannot slow a link down")
        if self.slowed is None:
            self.slowed = self.tap.loop.now()
        self._queue.slow(octets_a_second)

    def release(self) -> None:
        """For benches: speed, duplex and queue are as they were; nothing happens where they were not set."""
        if self._queue is not None:
            self._queue.remove()
        if self._forced:
            with self._down():
                self._carrier.release()
            self._forced = False

    def deliver(self, frame: bytes) -> None:
        """Send one frame to a port that has no carrier, on a bench that can (`without_carrier`)."""
        self._carrier.deliver(frame)

    def forget(self) -> None:
        """For benches: a new testcase begins."""
        self.slowed = None
        self.downs.clear()
