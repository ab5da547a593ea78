"""Scheduler statistics of threads and processors: /proc/PID/task/TID/schedstat and /proc/stat.

Sources: Documentation/scheduler/sched-stats.rst of Linux, proc_stat(5).
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_STATE_BEHIND = b") "
_LONGEST = 128
_STAT = 1 << 16


class Figures(NamedTuple):
    """Run and wait times of one thread since it began, in seconds, and how often it was given a processor.

    A wait is in it when it has ended.
    """

    ran: float
    waited: float
    slices: int

    def since(self, before: Figures) -> Figures:
        """The difference to earlier figures of the same thread."""
        return Figures(self.ran - before.ran, self.waited - before.waited, self.slices - before.slices)


class Cores(NamedTuple):
    """Processors of the machine: how many, and the seconds since it began that they were busy or stolen.

    What the hypervisor took (``stolen``) is among the busy ones.
    """

    number: int
    busy: float
    stolen: float


def read_figures(text: bytes) -> Figures:
    """Read a schedstat file. ValueError where it is none."""
    ran, waited, slices = text.split()
    return Figures(int(ran) * 1e-9, int(waited) * 1e-9, int(slices))


def read_cores(text: bytes) -> Cores:
    """Read /proc/stat. ValueError where it is none."""
    lines = [line.split() for line in text.splitlines() if line.startswith(b"cpu")]
    if not lines:
        raise ValueError("no line of a processor in /proc/stat")
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, lines[0][1:9])
    busy = user + nice + system + irq + softirq + steal
    return Cores(len(lines) - 1, busy / _TICKS, steal / _TICKS)


def is_runnable(text: bytes) -> bool:
    """Whether a thread runs or waits for a processor, by its /proc/PID/task/TID/stat (proc_pid_stat(5))."""
    return text.rpartition(_STATE_BEHIND)[2].startswith(b"R")


class MachineFile:
    """/proc/stat, held open."""

    def __init__(self) -> None:
        self._file = os.open("/proc/stat", os.O_RDONLY | os.O_CLOEXEC)

    def read(self) -> Cores:
        """Read the figures now."""
        return read_cores(os.pread(self._file, _STAT, 0))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


class ThreadFiles:
    """The threads of one process, their files held open."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._tasks = f"/proc/{pid}/task"
        self._files: dict[int, int] = {}

    def find(self) -> None:
        """See which threads there are; none when the process has ended."""
        try:
            there = {int(name) for name in os.listdir(self._tasks)}  # noqa: PTH208  (ten times a second)
        except OSError:
            there = set()
        for gone in self._files.keys() - there:
            os.close(self._files.pop(gone))
        for new in there - self._files.keys():
            with suppress(OSError):
                path = f"{self._tasks}/{new}/schedstat"
                self._files[new] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def read(self) -> dict[int, Figures]:
        """Run and wait times of each thread found, by its number, without those that have ended."""
        found = {}
        for thread, file in self._files.items():
            with suppress(OSError, ValueError):
                found[thread] = read_figures(os.pread(file, _LONGEST, 0))
        return found

    def runnable(self, thread: int) -> bool:
        """Whether it runs or waits for a processor now."""
        try:
            with open(f"{self._tasks}/{thread}/stat", "rb") as file:  # noqa: PTH123
                return is_runnable(file.read())
        except OSError:
            return False

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            os.close(file)
        self._files.clear()
