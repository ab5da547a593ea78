"""Real time: one thread serves every wire and station, so that a slow command silences no partner."""

from __future__ import annotations

import heapq
import itertools
import math
import os
import selectors
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import TypeVar

from harness.verdict import BenchBroken
from harness.wire.clock import BenchClock, WallClock
from harness.wire.fair_lock import FairLock, whereabouts
from harness.wire.loop import Loop, Timer

T = TypeVar("T")

GIVE_WAY_TIME = 0.1
"""Seconds after which whoever waits for the loop's lock has it, however much there is to serve.

The loop hands the lock over between any two of its calls, so it is one call that is waited for: a few
milliseconds, and what it waits for a processor. One that takes longer than this is the bench's own lateness.
"""

LATENESS_TICK = 0.05
"""Seconds between two looks at how late this thread is woken."""

LOOK_AGAIN = 0.05
"""Seconds after which who waits looks again though nothing has happened on the bench: what is waited for may
be elsewhere. A tick alone wakes nobody: to do so was most of what a bench at rest cost."""

SETTLE_TIME = 5.0
"""Seconds that reading a backlog of captures may take."""

TOLD_TIME = 0.005
"""Seconds between two looks up to when a capture that is elsewhere has been told."""

CLOSE_TIME = 5.0
"""Seconds in which the thread ends, or it hangs in a call."""

Reader = Callable[[], float]
"""Reads what a descriptor has, for a few milliseconds at most. Gives the bench time up to which all is read:
infinity where nothing is left, minus infinity where that is not known."""

_LOOK = 1.0
_Due = tuple[float, int, Timer]


class _LoopEnd(Exception):
    """The thread is to end."""


class RealLoop(Loop):
    """Clock: CLOCK_REALTIME as the loop found it; no step of it makes a wait longer or shorter.

    In a turn the thread reads from each descriptor that has something, and serves the timers that were due
    when the turn began: what they ask for is served in the next one. Between any two calls it hands its lock
    to whoever waits for it (`GIVE_WAY_TIME`).

    It measures how late it is woken (`measured`), at the priority of an ordinary process: what an
    implementation on the same host suffers from a starved machine, the bench sees too. ``noticed`` is told of
    each look at that, in its thread: when it was due, and now, in bench seconds.
    """

    def __init__(self, wall: WallClock | None = None) -> None:
        super().__init__()
        self._clock = BenchClock(wall or WallClock())
        self._lock = FairLock()
        self._timers: list[_Due] = []
        self._numbers = itertools.count()
        self._turned = threading.Condition(threading.Lock())
        self._turns = 0
        self._read_until = self.now()
        self._worst_late = self._worst_step = 0.0
        self.noticed: Callable[[float, float], None] | None = None
        self._tick_timer: Timer | None = None
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._readers: dict[int, Reader] = {}
        self._told: dict[int, Callable[[], float]] = {}
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._serve, name="bench", daemon=True)
        self._thread.start()
        self.watch(self._wake_read, self._drain_wake)
        self._tick()

    @property
    def lock(self) -> AbstractContextManager[object]:
        return self._lock

    def now(self) -> float:
        return self._clock.now()

    @property
    def serving(self) -> bool:
        """Whether the caller holds the lock, as the loop's own calls do: it is not to wait for anything."""
        return self._lock.owned()

    def stamped(self, stamp: float) -> float:
        """The bench time of a frame that the kernel has stamped with CLOCK_REALTIME, in nanoseconds."""
        return self._clock.of(stamp)

    def call_at(self, when: float, action: Callable[[], None]) -> Timer:
        timer = Timer(max(when, self.now()), action)
        with self._lock:
            due = timer.when, next(self._numbers), timer  # equal times: in the order they were asked for
            heapq.heappush(self._timers, due)
            if self._timers[0] is due:
                self._wake()
        return timer

    def watch(self, fileno: int, readable: Reader, told: Callable[[], float] | None = None) -> None:
        """Call `readable` in the bench's thread whenever the descriptor has something.

        ``told`` is given of a capture that is elsewhere: the bench time up to which all of it has come. One
        that raises is not called again; the bench is broken then.
        """
        with self._lock:
            self._readers[fileno] = readable
            if told is not None:
                self._told[fileno] = told
            self._selector.register(fileno, selectors.EVENT_READ, readable)
            self._wake()

    def unwatch(self, fileno: int) -> None:
        """Stop watching a descriptor; do this before closing it. Harmless where it is not watched."""
        if self._stopping:
            return
        with self._lock:
            self._unwatch(fileno)

    def run(self, until: Callable[[], T | None], deadline: float) -> T | None:
        if self._lock.owned():
            raise RuntimeError("time does not pass for who holds the loop's lock, or is called by the loop")
        while True:
            turn = self._turns
            self._raise_failure()
            found = until()
            if found:
                return found
            remaining = deadline - self.now()
            if remaining <= 0:
                break
            self._wait(turn, min(remaining, LOOK_AGAIN))
        self._settle()
        self._raise_failure()
        return until() or None

    def measured(self) -> tuple[float, float]:
        """(worst lateness, worst clock step) in seconds since the last call."""
        with self._lock:
            self._look_at_clock()
            worst = self._worst_late, self._worst_step
            self._worst_late = self._worst_step = 0.0
            return worst

    def close(self) -> None:
        """End the thread. Raises BenchBroken where it does not end within `CLOSE_TIME`."""
        if self._stopping:
            return
        self._stopping = True
        self._wake()
        self._thread.join(CLOSE_TIME)
        if self._thread.is_alive():
            where = whereabouts(self._thread.ident)
            raise BenchBroken(f"the bench's own loop does not end within {CLOSE_TIME:g} s: it is {where}")
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _wait(self, turn: int, seconds: float) -> None:
        """Until something has happened since `turn`."""
        with self._turned:
            self._turned.wait_for(lambda: self._turns != turn, seconds)

    def _settle(self) -> None:
        """Wait until all is read that came before now. A bench that cannot keep up is late."""
        begun = self.now()
        while self._read_until < begun and self.now() < begun + SETTLE_TIME:
            self._raise_failure()
            turn = self._turns
            self._wake()
            self._wait(turn, SETTLE_TIME)
            if self._told and self._read_until < begun:
                self._wait(self._turns, TOLD_TIME)
        if self._read_until < begun:
            self._worst_late = max(self._worst_late, self.now() - begun)

    def _wake(self) -> None:
        if threading.get_ident() != self._thread.ident:
            with suppress(BlockingIOError):
                os.write(self._wake_write, b"x")

    def _drain_wake(self) -> float:
        with suppress(BlockingIOError):
            while os.read(self._wake_read, 4096):
                continue
        return math.inf

    def _tick(self, due: float = 0.0) -> None:
        now = self.now()
        if due and self.noticed is not None:
            self.noticed(due, now)
        due = now + LATENESS_TICK
        self._tick_timer = self.call_at(due, lambda: self._tick(due))

    def _look_at_clock(self) -> None:
        self._worst_step = max(self._worst_step, self._clock.look())

    # -- the thread

    def _serve(self) -> None:
        try:
            wait: float | None = None
            while not self._stopping:
                begun = self.now()
                ready = self._selector.select(wait)
                self._take_lock()
                try:
                    happened = self._turn(ready, begun)
                    wait = max(0.0, self._timers[0][0] - self.now()) if self._timers else None
                finally:
                    if self._lock.owned():
                        self._lock.release()
                if happened:
                    self._end_turn()
        except _LoopEnd:
            return
        except BaseException as error:
            self._broken = self._broken or BenchBroken(f"the bench's own loop ended: {error!r}")
            self._broken.__cause__ = error
            self._end_turn()

    def _end_turn(self) -> None:
        with self._turned:
            self._turns += 1
            self._turned.notify_all()

    def _turn(self, ready: list[tuple[selectors.SelectorKey, int]], begun: float) -> bool:
        """Whether anything was served but the loop's own tick."""
        self._look_at_clock()
        due, tick = self._due(), self._tick_timer
        read_until = begun
        for key, _ in ready:
            started = self.now()
            read_until = min(read_until, self._read(key))
            self._give_way(started)
        for timer in due:
            if timer.action is not None:
                started = self.now()
                self._worst_late = max(self._worst_late, started - timer.when)
                self.call(timer.action)
                self._give_way(started)
        self._read_until = min([read_until, *(told() for told in list(self._told.values()))])
        return bool(ready) or any(timer is not tick for timer in due)

    def _due(self) -> list[Timer]:
        now, due = self.now(), []
        while self._timers and self._timers[0][0] <= now:
            due.append(heapq.heappop(self._timers)[2])
        return due

    def _give_way(self, started: float) -> None:
        """After a call: hand the lock to whoever waits for it."""
        took = self.now() - started
        if took > GIVE_WAY_TIME:
            self._worst_late = max(self._worst_late, took)
        if self._lock.wanted:
            self._lock.release()
            self._take_lock()

    def _take_lock(self) -> None:
        """Raises _LoopEnd where the loop is closed while another has it."""
        while not self._lock.acquire(_LOOK):
            if self._stopping:
                raise _LoopEnd

    def _read(self, key: selectors.SelectorKey) -> float:
        if self._readers.get(key.fd) is not key.data:
            return math.inf  # it is watched no longer
        try:
            return self._readers[key.fd]()
        except BaseException as error:
            self._unwatch(key.fd)
            self.fail(error if isinstance(error, BenchBroken) else BenchBroken(f"a capture broke: {error}"))
            return math.inf

    def _unwatch(self, fileno: int) -> None:
        self._told.pop(fileno, None)
        if self._readers.pop(fileno, None) is not None:
            self._selector.unregister(fileno)

    def call(self, action: Callable[[], object]) -> None:
        try:
            action()
        except BaseException as error:  # nothing that a testcase raises ends this thread
            self.fail(error)
