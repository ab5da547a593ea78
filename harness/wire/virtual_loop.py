"""Virtual time: events in order, no thread, no clock; deterministic."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from harness.verdict import BenchError, ImplementationBroke
from harness.wire.loop import Loop, Timer

T = TypeVar("T")

START = 1_000.0
"""Bench seconds at which a simulation begins; not zero, so that nothing depends on it."""

MOMENT = 1e-6
"""Seconds that an act of the testcase takes: what was seen before it and what it causes differ in time."""

INSTANT = 1e-4
"""Seconds in which there may be `STEPS_IN_AN_INSTANT`."""

STEPS_IN_AN_INSTANT = 10_000
"""More than these, and the implementation is declared to spin; or the bench, where that had no part in it."""


class VirtualLoop(Loop):
    """Time jumps from one event to the next, the implementation's deadlines among them.

    ``implementation_deadline`` gives when the implementation has something to do next (None: never),
    ``advance_implementation`` lets it do that.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = START
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = 0
        self._waiting = False
        self._provoked = 0
        self.implementation_deadline: Callable[[], float | None] = lambda: None
        self.advance_implementation: Callable[[float], None] = lambda now: None

    @property
    def lock(self) -> AbstractContextManager[object]:
        return nullcontext()

    def now(self) -> float:
        return self._now

    def call_at(self, when: float, action: Callable[[], None]) -> Timer:
        timer = Timer(max(float(when), self._now), action)  # a moment, and no time of the clause any more
        self._count += 1  # keeps equal times in the order they were asked for
        heapq.heappush(self._timers, (timer.when, self._count, timer))
        return timer

    def act(self) -> None:
        """Count an action of the testcase between two waits, which takes a moment of virtual time."""
        if not self._waiting:
            self._now += MOMENT

    def provoked(self) -> None:
        """For benches: the implementation has sent or delivered a frame."""
        self._provoked += 1

    def call(self, action: Callable[[], object]) -> None:
        super().call(action)
        self._raise_failure()  # the caller is who waits

    def run(self, until: Callable[[], T | None], deadline: float) -> T | None:
        self._waiting = True
        self._raise_failure()
        try:
            return self._run(until, float(deadline))
        finally:
            self._waiting = False

    def _run(self, until: Callable[[], T | None], deadline: float) -> T | None:
        steps, since, self._provoked = 0, self._now, 0
        while True:
            found = until()
            if found:
                return found
            due = self._next()
            if due is None or due > deadline:
                self._now = max(self._now, deadline)
                self.advance_implementation(self._now)
                return until() or None
            self._now = max(self._now, due)
            if self._now > since + INSTANT:
                steps, since, self._provoked = 0, self._now, 0
            steps += 1
            if steps > STEPS_IN_AN_INSTANT:
                raise self._spinning(since)
            self._step()

    def _spinning(self, since: float) -> Exception:
        """The exception for time that does not pass: whose calls are due again and again."""
        deadline = self.implementation_deadline()
        due = deadline is not None and deadline <= self._now
        own = self._timers[0][2].action if self._timers else None
        if own is None or due or self._provoked > STEPS_IN_AN_INSTANT / 2:
            return ImplementationBroke(f"it spins at t={since}: it is always due")
        name = getattr(own, "__qualname__", repr(own))
        return BenchError(f"a call of the bench's own asks for t={since} again and again: {name}")

    def _next(self) -> float | None:
        self._drop_cancelled()
        times = [self._timers[0][0]] if self._timers else []
        deadline = self.implementation_deadline()
        if deadline is not None:
            times.append(float(deadline))
        return min(times) if times else None

    def _drop_cancelled(self) -> None:
        while self._timers and self._timers[0][2].action is None:
            heapq.heappop(self._timers)

    def _step(self) -> None:
        self.advance_implementation(self._now)
        self._drop_cancelled()
        if self._timers and self._timers[0][0] <= self._now:
            action = heapq.heappop(self._timers)[2].action
            if action is not None:
                self.call(action)
