"""Watches who waits on a machine: its processors, by looks at processes; its RTNL and its disk, by probes.

It runs on the machine that is watched, which may be at the far end of an SSH connection
(`harness.host.far_end`): so it needs no more than Python 3.9 has. Sources are told by the names of
`harness.host.stalls.Source`, times in nanoseconds of this machine's CLOCK_MONOTONIC.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from harness.host.probes import Noticed, Probe, Request
from harness.host.schedstat import Figures, MachineFile, ThreadFiles

PERIOD = 0.2
"""Seconds between two looks. How long a wait was is exact; this is how exactly its place in time is known."""

PROCESSES = 3
"""After so many looks it is asked again which processes and threads there are."""

LONG = 0.02
"""Seconds of one wait that makes late also a thread that sleeps most of the time."""

CATCHING_UP = 1.0
"""Seconds that a thread which waits now is given to be run, so that its wait is known."""

TIMERS = "TIMERS"

Pids = Callable[[], Iterable[int]]


class Threads(NamedTuple):
    """What came to the threads of a group: those that ran or waited. ``busy``: as of `Group`."""

    source: str
    busy: bool
    figures: list[Figures]


class Look(NamedTuple):
    """What came to a machine from ``start`` to ``end``: seconds that its processors were busy, or taken by
    the hypervisor (``stolen``, which is among the busy ones), and what came to each group."""

    start: int
    end: int
    cores: int
    busy: float
    stolen: float
    groups: list[Threads]


class Group:
    """Processes that count as one source, with the times that their threads ran and waited. ``busy``: they
    may take all of a processor, and take no harm from sharing it."""

    def __init__(self, source: str, pids: Pids, *, busy: bool = False) -> None:
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

    def look(self) -> Threads:
        """What came to each thread since the last look."""
        now = {
            (pid, thread): figures
            for pid, process in self._processes.items()
            for thread, figures in process.read().items()
        }
        before, self._figures = self._figures, now
        self.still = {each for each, figures in now.items() if figures == before.get(each)}
        come: list[Figures] = []
        if self._begun:
            moved = [(figures, before.get(each)) for each, figures in now.items() if each not in self.still]
            come = [figures.since(was or Figures(0.0, 0.0, 0)) for figures, was in moved]
        self._begun = True
        return Threads(self.source, self.busy, come)

    def waits_now(self) -> bool:
        """Whether a thread wants to run, and has not been let since the last two looks."""
        return any(self._processes[pid].runnable(thread) for pid, thread in self.still)

    def close(self) -> None:
        """Close the files."""
        for process in self._processes.values():
            process.close()


class Watcher(ABC):
    """Who watches a machine: this one, or another. ``where`` is that in words, "" for this one."""

    where: str

    @abstractmethod
    def look(self) -> None:
        """Look now; what came until now is told when this returns."""

    @abstractmethod
    def catch_up(self) -> None:
        """The same, and threads that wait now are waited for, as long as `CATCHING_UP`: the kernel tells of a
        wait when it has ended."""

    @abstractmethod
    def error(self) -> float:
        """Seconds by which the times that it tells may be wrong."""

    @abstractmethod
    def close(self) -> None:
        """Watch no more."""


class Watch(Watcher):
    """Watches this machine, in a thread of its own.

    ``told`` is given each look; ``noticed`` what the probes of ``requests`` notice, by source, and timers
    that come late. A process that two ``groups`` have is the first one's. Raises OSError where the kernel
    says nothing of its processors.
    """

    where = ""

    def __init__(
        self,
        groups: Sequence[Group],
        requests: Mapping[str, Request],
        told: Callable[[Look], None],
        noticed: Noticed,
    ) -> None:
        self._machine = MachineFile()
        self._cores = self._machine.read()
        self._groups = groups
        self._told = told
        self._noticed = noticed
        self._at = time.monotonic_ns()
        self._looks = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        self.look()
        self._probes = [Probe(source, request, noticed) for source, request in requests.items()]
        self._thread.start()

    def look(self) -> None:
        with self._lock:
            if self._looks % PROCESSES == 0:
                taken: set[int] = set()
                for group in self._groups:
                    taken |= group.find(taken)
            self._looks += 1
            before, self._cores = self._cores, self._machine.read()
            groups = [group.look() for group in self._groups]
            start, self._at = self._at, time.monotonic_ns()
            busy, stolen = self._cores.busy - before.busy, self._cores.stolen - before.stolen
            if self._at > start:
                self._told(Look(start, self._at, self._cores.number, busy, stolen, groups))

    def catch_up(self) -> None:
        deadline = time.monotonic() + CATCHING_UP
        for probe in self._probes:
            probe.look()
        self.look()
        while time.monotonic() < deadline:
            self._ended.wait(LONG)
            self.look()
            with self._lock:
                if not any(group.waits_now() for group in self._groups):
                    return

    def error(self) -> float:
        return 0.0

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        for probe in self._probes:
            probe.close()
        for group in self._groups:
            group.close()
        self._machine.close()

    def _watch(self) -> None:
        due = time.monotonic() + PERIOD
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            late = time.monotonic() - due
            if late > LONG:
                now = time.monotonic_ns()
                self._noticed(TIMERS, now - round(late * 1e9), now)
            with suppress(OSError):  # as of too many open files: what is not seen now is seen next time
                self.look()
            due = time.monotonic() + PERIOD
