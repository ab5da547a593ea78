"""Virtual time: events in order, no thread, no clock; deterministic."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from harness.bench.loop import Loop, Timer
from harness.verdict import ConformanceFailure

T = TypeVar("T")

START = 1_000.0
"""Bench seconds at which a simulation begins; not zero, so that nothing depends on it."""

MOMENT = 1e-6
"""Seconds that an act of the testcase takes: what was seen before it and what it causes differ in time."""

STEPS_AT_ONE_TIME = 10_000
"""More steps than this without time passing, and the implementation is declared to spin."""


class VirtualLoop(Loop):
    """Time jumps from one event to the next, the implementation's deadlines among them.

    ``outside`` is what else wants time: it gives its next deadline (or None) and is told to advance.
    """

    def __init__(self) -> None:
        self._now = START
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = 0
        self._waiting = False
        self.next_outside: Callable[[], float | None] = lambda: None
        self.advance_outside: Callable[[float], None] = lambda now: None

    @property
    def lock(self) -> AbstractContextManager[object]:
        return nullcontext()

    def now(self) -> float:
        return self._now

    def call_at(self, when: float, action: Callable[[], None]) -> Timer:
        timer = Timer(max(when, self._now), action)
        self._count += 1  # keeps equal times in the order they were asked for
        heapq.heappush(self._timers, (timer.when, self._count, timer))
        return timer

    def act(self) -> None:
        """The testcase does something between two waits, which takes a moment."""
        if not self._waiting:
            self._now += MOMENT

    def run(self, until: Callable[[], T | None], deadline: float) -> T | None:
        self._waiting = True
        try:
            return self._run(until, deadline)
        finally:
            self._waiting = False

    def _run(self, until: Callable[[], T | None], deadline: float) -> T | None:
        steps, at = 0, self._now
        while True:
            found = until()
            if found:
                return found
            due = self._next()
            if due is None or due > deadline:
                self._now = max(self._now, deadline)
                self.advance_outside(self._now)
                return until() or None
            self._now = max(self._now, due)
            steps, at = (steps + 1, at) if self._now == at else (0, self._now)
            if steps > STEPS_AT_ONE_TIME:
                raise ConformanceFailure(
                    "-", "-", "timers that end", f"an implementation that spins at t={at}: it is always due"
                )
            self._step()

    def _next(self) -> float | None:
        while self._timers and self._timers[0][2].action is None:
            heapq.heappop(self._timers)
        times = [self._timers[0][0]] if self._timers else []
        outside = self.next_outside()
        if outside is not None:
            times.append(outside)
        return min(times) if times else None

    def _step(self) -> None:
        self.advance_outside(self._now)
        while self._timers and self._timers[0][0] <= self._now:
            timer = heapq.heappop(self._timers)[2]
            if timer.action is not None:
                timer.action()
                return
