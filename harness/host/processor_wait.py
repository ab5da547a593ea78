"""How long the implementation, the emulated switch and the tester wait for a processor.

What counts as held up, and what of it the implementation may have caused, stands in `harness.host.stalls`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from harness.host.schedstat import Cores, Figures, MachineFile, ThreadFiles
from harness.host.stalls import Slot, Source, Stall, Stalls

PERIOD = 0.2
"""Seconds between two looks. How long a wait was is exact; this is how exactly its place in time is known."""

PROCESSES = 3
"""After so many looks it is asked again which processes and threads there are."""

ALWAYS = 0.5
"""The part of a slot that a thread must have wanted to run, so that all it waited made it late: who has slept
had nothing left to do, and was late by one wait only."""

LONG = 0.02
"""Seconds of one wait that makes late also a thread that sleeps most of the time."""

SHARED = 5.0
"""Seconds over which it is seen how much of the time somebody waits."""

CATCHING_UP = 1.0
"""Seconds that a thread which waits now is given to be run, so that its wait is known."""

Pids = Callable[[], Iterable[int]]


def lateness(come: Figures, seconds: float, *, busy: bool = False) -> float:
    """The lateness of a thread by its waits in a slot of so many seconds.

    One that is ``busy`` by its nature, as a sender of frames, is made late by long waits alone.
    """
    always = not busy and come.ran + come.waited >= ALWAYS * seconds
    return come.waited if always or come.waited >= LONG * max(1, come.slices) else 0.0


class Group:
    """Processes that count as one source, with the times that their threads ran and waited. ``busy``: they
    may take all of a processor, and take no harm from sharing it."""

    def __init__(self, source: Source, pids: Pids, *, busy: bool = False) -> None:
        self.source = source
        self.busy = busy
        self._pids = pids
        self._processes: dict[int, ThreadFiles] = {}
        self._figures: dict[tuple[int, int], Figures] = {}
        self._begun = False
        self.still: set[tuple[int, int]] = set()

    def find(self, but: Iterable[int] = ()) -> set[int]:
        """Ask again which processes there are, but for those of others; gives them."""
        pids = set(self._pids()) - set(but)
        for gone in self._processes.keys() - pids:
            self._processes.pop(gone).close()
        for new in pids - self._processes.keys():
            self._processes[new] = ThreadFiles(new)
        for process in self._processes.values():
            process.find()
        return pids

    def look(self) -> list[Figures]:
        """Run and wait times of each thread since the last look."""
        now = {
            (pid, thread): figures
            for pid, process in self._processes.items()
            for thread, figures in process.read().items()
        }
        before, self._figures = self._figures, now
        self.still = {each for each, figures in now.items() if figures == before.get(each)}
        if not self._begun:
            self._begun = True
            return []
        return [figures.since(before.get(each, Figures(0.0, 0.0, 0))) for each, figures in now.items()]

    def waits_now(self) -> bool:
        """Whether a thread wants to run, and has not been let since the last two looks."""
        return any(self._processes[pid].runnable(thread) for pid, thread in self.still)

    def close(self) -> None:
        """Close the files."""
        for process in self._processes.values():
            process.close()


class ProcessorWait:
    """Looks at the groups in a thread of its own.

    A process that two ``groups`` have is the first one's. ``now`` is the bench's time, ``allowance`` what may
    be late without harm, in seconds. Raises OSError where the kernel says nothing of its processors.
    """

    def __init__(self, groups: Sequence[Group], now: Callable[[], float], allowance: float) -> None:
        self._machine = MachineFile()
        self._cores = self._machine.read()
        self._stalls = Stalls(self._cores.number)
        self._groups = groups
        self._now = now
        self._allowance = allowance
        self._lock = threading.RLock()
        self._at = time.monotonic()
        self._noted: deque[tuple[Source, float, float]] = deque()
        self._looks = 0
        self._looked_back = self._caught_up = now()
        self._strain = self._worst = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="processor wait", daemon=True)
        self.look()
        self._thread.start()

    def note(self, source: Source, start: float, end: float) -> None:
        """Something else was late from `start` to `end`. Never waits."""
        self._noted.append((source, start, end))
        if source is not Source.TURN:
            self._strains(end - start)

    def begin(self) -> None:
        """A testcase begins."""
        with self._lock:
            self.look()
            self._worst = 0.0

    def stall(self, start: float, end: float) -> Stall:
        """The stall of the bench between two times.

        Threads that wait now are waited for, as long as `CATCHING_UP`: the kernel tells of a wait when it has
        ended. Of what is longer ago that is known already.
        """
        if end > self._caught_up:
            self._catch_up()
        with self._lock:
            return self._stall(start, end)

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

    def look(self) -> None:
        """Look now."""
        with self._lock:
            if self._looks % PROCESSES == 0:
                taken: set[int] = set()
                for group in self._groups:
                    taken |= group.find(taken)
            self._looks += 1
            self._add(self._machine.read(), [(group, group.look()) for group in self._groups])

    def _add(self, cores: Cores, looked: Sequence[tuple[Group, list[Figures]]]) -> None:
        at = time.monotonic()
        seconds, self._at = at - self._at, at
        before, self._cores = self._cores, cores
        if seconds <= 0:
            return
        mine = [
            each for group, threads in looked if group.source is Source.IMPLEMENTATION for each in threads
        ]
        own = sum(each.ran for each in mine)
        end = self._now()
        slot = Slot(end - seconds, end, own, max(0.0, cores.busy - before.busy - own))
        late = [
            (group.source, made)
            for group, threads in looked
            for each in threads
            if (made := lateness(each, seconds, busy=group.busy)) > 0
        ]
        stolen = (cores.stolen - before.stolen) / cores.number
        if stolen > 0:
            late.append((Source.STEAL, stolen))
        stretches = [
            each.waited / max(1, each.slices)
            for group, threads in looked
            if not group.busy
            for each in threads
        ]
        self._strains(max(stretches, default=0.0))
        self._stalls.add(slot, late, [each.waited for each in mine if each.waited])

    def _watch(self) -> None:
        due = time.monotonic() + PERIOD
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            woken = time.monotonic()
            if woken - due > LONG:
                now = self._now()
                self.note(Source.TIMERS, now - (woken - due), now)
            with suppress(OSError):  # as of too many open files: what is not seen now is seen next time
                self.look()
                self._look_back()
            due = time.monotonic() + PERIOD

    def _look_back(self) -> None:
        """Now and then, at the last `SHARED` seconds."""
        with self._lock:
            now = self._now()
            if now - self._looked_back >= SHARED / 5:
                self._looked_back = now
                self._strains(self._stall(now - SHARED, now).total / SHARED * self._allowance)

    def _catch_up(self) -> None:
        """Look until no thread waits."""
        self._caught_up = self._now()
        deadline = time.monotonic() + CATCHING_UP
        self.look()
        while time.monotonic() < deadline:
            self._ended.wait(LONG)
            with self._lock:
                self.look()
                if not any(group.waits_now() for group in self._groups):
                    return

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join()
        with self._lock:
            for group in self._groups:
                group.close()
            self._machine.close()
