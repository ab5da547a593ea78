"""Real time: one thread serves every wire and station, so that a slow command silences no partner."""

from __future__ import annotations

import heapq
import os
import selectors
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import TypeVar

from harness.bench.loop import Loop, Timer
from harness.verdict import BenchError

T = TypeVar("T")

LATENESS_TICK = 0.02
"""Seconds between two looks at how late this thread is woken."""

SETTLE_TIME = 5.0
"""Seconds that reading a backlog of captures may take."""


class RealLoop(Loop):
    """Clock: CLOCK_REALTIME, as the kernel stamps frames.

    The thread measures how late it is woken (`lateness`), at the priority of an ordinary process: what an
    implementation on the same host suffers from a starved machine, the bench sees too.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition(threading.RLock())
        self._timers: list[Timer] = []
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._drain_wake)
        self._stopping = False
        self._error: str | None = None
        self._idle = 0  # looks at the descriptors that found nothing to read
        self._worst_late = 0.0
        self._clock_offset = self._offset()
        self._worst_step = 0.0
        self._thread = threading.Thread(target=self._serve, name="bench", daemon=True)
        self._thread.start()
        self.call_at(self.now() + LATENESS_TICK, self._tick)

    @property
    def lock(self) -> AbstractContextManager[object]:
        return self._condition

    def now(self) -> float:
        return time.time()

    def call_at(self, when: float, action: Callable[[], None]) -> Timer:
        timer = Timer(when, action)
        with self._condition:
            heapq.heappush(self._timers, timer)
            if self._timers[0] is timer:
                self._wake()
        return timer

    def watch(self, fileno: int, readable: Callable[[], None]) -> None:
        """Call `readable` in the bench's thread whenever the descriptor has something."""
        with self._condition:
            self._selector.register(fileno, selectors.EVENT_READ, readable)
            self._wake()

    def unwatch(self, fileno: int) -> None:
        """Stop watching a descriptor; do this before closing it."""
        with self._condition:
            self._selector.unregister(fileno)

    def run(self, until: Callable[[], T | None], deadline: float) -> T | None:
        with self._condition:
            while True:
                self._raise_error()
                found = until()
                if found:
                    return found
                remaining = deadline - self.now()
                if remaining <= 0:
                    break
                self._condition.wait(remaining)
            self._settle()
            return until() or None

    def measured(self) -> tuple[float, float]:
        """(worst lateness, worst clock step) in seconds since the last call."""
        with self._condition:
            self._look_at_clock()
            worst = self._worst_late, self._worst_step
            self._worst_late = self._worst_step = 0.0
            return worst

    def close(self) -> None:
        """End the thread."""
        with self._condition:
            self._stopping = True
            self._wake()
        self._thread.join(timeout=5)
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _raise_error(self) -> None:
        if self._error:
            raise BenchError(f"the bench's own loop broke: {self._error}")
        if not self._thread.is_alive():
            raise BenchError("the bench's own loop has ended")

    def _settle(self) -> None:
        """Wait until every descriptor has been read to its end. A bench that cannot keep up is late."""
        begun = self.now()
        goal = self._idle + 2  # one look may have begun before this call
        while self._idle < goal and self.now() < begun + SETTLE_TIME:
            self._raise_error()
            self._wake()
            self._condition.wait(0.1)
        if self._idle < goal:
            self._worst_late = max(self._worst_late, self.now() - begun)

    def _wake(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._wake_write, b"x")

    def _drain_wake(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self._wake_read, 4096):
                continue

    def _tick(self) -> None:
        self._look_at_clock()
        self.call_at(self.now() + LATENESS_TICK, self._tick)

    @staticmethod
    def _offset() -> float:
        return time.time() - time.monotonic()

    def _look_at_clock(self) -> None:
        offset = self._offset()
        self._worst_step = max(self._worst_step, abs(offset - self._clock_offset))
        self._clock_offset = offset

    def _serve(self) -> None:
        try:
            while not self._stopping:
                with self._condition:
                    wait = self._timers[0].when - self.now() if self._timers else None
                ready = self._selector.select(None if wait is None else max(0.0, wait))
                with self._condition:
                    for key, _ in ready:
                        key.data()
                    self._fire()
                    self._idle += all(key.fd == self._wake_read for key, _ in ready)
                    self._condition.notify_all()
        except Exception:
            with self._condition:
                self._error = traceback.format_exc()
                self._condition.notify_all()

    def _fire(self) -> None:
        now = self.now()
        due = []
        while self._timers and self._timers[0].when <= now:
            due.append(heapq.heappop(self._timers))
        for timer in due:
            if timer.action is not None:
                self._worst_late = max(self._worst_late, now - timer.when)
                timer.action()
