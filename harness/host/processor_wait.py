"""How long those that a bench needs wait on one machine, by what its watcher tells of it.

What counts as held up, and what of it the implementation may have caused, stands in `harness.host.stalls`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from harness.host.probes import Noticed
from harness.host.schedstat import Figures
from harness.host.stalls import Slot, Source, Stall, Stalls
from harness.host.watch import LONG, Look, Watcher

ALWAYS = 0.5
"""The part of a slot that a thread must have wanted to run, so that all it waited made it late: who has slept
had nothing left to do, and was late by one wait only."""

SHARED = 5.0
"""Seconds over which it is seen how much of the time somebody waits."""

Start = Callable[[Callable[[Look], None], Noticed], Watcher]
"""Begins to watch a machine: who is told of each look, and of what was late besides."""


def lateness(come: Figures, seconds: float, *, busy: bool = False) -> float:
    """The lateness of a thread by its waits in a slot of so many seconds.

    One that is ``busy`` by its nature, as a sender of frames, is made late by long waits alone.
    """
    always = not busy and come.ran + come.waited >= ALWAYS * seconds
    return come.waited if always or come.waited >= LONG * max(1, come.slices) else 0.0


class ProcessorWait:
    """What the watcher tells of one machine, which ``start`` begins.

    ``now`` is the bench's time, ``allowance`` what may be late without harm, in seconds. Raises what
    ``start`` does.
    """

    def __init__(self, start: Start, now: Callable[[], float], allowance: float) -> None:
        self._now = now
        self._allowance = allowance
        self._lock = threading.RLock()
        self._stalls = Stalls()
        self._noted: deque[tuple[Source, float, float]] = deque()
        self._looked_back = self._caught_up = now()
        self._strain = self._worst = 0.0
        self._watcher = start(self._take, self._late)
        self.where = self._watcher.where

    def note(self, source: Source, start: float, end: float) -> None:
        """Something else was late from `start` to `end`, in bench seconds. Never waits."""
        self._noted.append((source, start, end))
        if source is not Source.TURN:
            self._strains(end - start)

    def begin(self) -> None:
        """A testcase begins."""
        self._watcher.look()
        with self._lock:
            self._worst = 0.0

    def stall(self, start: float, end: float) -> Stall:
        """The stall of the bench between two times, give or take what is not known of that machine's clock.

        Threads that wait now are waited for (`Watcher.catch_up`). Of what is longer ago that is known
        already.
        """
        if end > self._caught_up:
            self._caught_up = self._now()
            self._watcher.catch_up()
        error = self._watcher.error()
        with self._lock:
            return replace(self._stall(start - error, end + error), window=max(0.0, end - start))

    def _stall(self, start: float, end: float) -> Stall:
        while self._noted:
            self._stalls.note(*self._noted.popleft())
        return self._stalls.between(start, end)

    @property
    def worst(self) -> float:
        """The most that the machine strained the bench in this testcase: see `strain`."""
        return self._worst

    def strain(self) -> float:
        """The most that the machine strained the bench since this was last asked, in seconds. Never waits.

        It is the longest that anybody waited at a stretch, or was late; or as much of the allowance as there
        was waiting in the last `SHARED` seconds: all of it where somebody was held up all the time.
        """
        strain, self._strain = self._strain, 0.0
        return strain

    def _strains(self, seconds: float) -> None:
        self._strain, self._worst = max(self._strain, seconds), max(self._worst, seconds)

    def _bench_time(self, at: int) -> float:
        """Bench seconds of nanoseconds of our CLOCK_MONOTONIC."""
        return self._now() - (time.monotonic_ns() - at) / 1e9

    def _late(self, source: str, start: int, end: int) -> None:
        self.note(Source[source], self._bench_time(start), self._bench_time(end))

    def _take(self, look: Look) -> None:
        """Count a look."""
        end = self._bench_time(look.end)
        seconds = (look.end - look.start) / 1e9
        mine = [
            each
            for group in look.groups
            if group.source == Source.IMPLEMENTATION.name
            for each in group.figures
        ]
        own = sum(each.ran for each in mine)
        slot = Slot(end - seconds, end, own, max(0.0, look.busy - own))
        late = [
            (Source[group.source], made)
            for group in look.groups
            for each in group.figures
            if (made := lateness(each, seconds, busy=group.busy)) > 0
        ]
        if look.stolen > 0:
            late.append((Source.STEAL, look.stolen / look.cores))
        stretches = [
            each.waited / max(1, each.slices)
            for group in look.groups
            if not group.busy
            for each in group.figures
        ]
        with self._lock:
            self._stalls.cores = look.cores
            self._strains(max(stretches, default=0.0))
            self._stalls.add(slot, late, [each.waited for each in mine if each.waited])
            self._look_back(end)

    def _look_back(self, now: float) -> None:
        """Now and then, at the last `SHARED` seconds."""
        if now - self._looked_back >= SHARED / 5:
            self._looked_back = now
            self._strains(self._stall(now - SHARED, now).total / SHARED * self._allowance)

    def close(self) -> None:
        """Watch no more."""
        self._watcher.close()
