"""Finds processes: by the network namespace that they run in, by a mark, or by who started them."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_LOOKS = 3
"""How often a new process is looked at until it counts as foreign: `ip netns exec` enters after it began."""

MARK = "AGR_LAB_BENCH"
"""The variable of the environment by which what a bench has started on another machine is known there."""


class _Processes:
    """Those of which something is true that stays true. It costs little to ask again and again: a process
    that was foreign long enough is not asked any more."""

    def __init__(self) -> None:
        self._looked: dict[int, int] = {}  # by foreign process: how often it was looked at

    def _find(self, is_one: Callable[[int], bool]) -> list[int]:
        there = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
        looked = {pid: self._looked[pid] for pid in there if pid in self._looked}
        found = []
        for pid in there:
            if looked.get(pid, 0) >= _LOOKS:
                continue
            if is_one(pid):
                found.append(pid)
            else:
                looked[pid] = looked.get(pid, 0) + 1
        self._looked = looked
        return found


class NamespaceProcesses(_Processes):
    """The processes in a network namespace made by `ip netns add`; None: no process, as nothing tells them
    from others."""

    def __init__(self, namespace: str | None) -> None:
        super().__init__()
        self._namespace = namespace

    def pids(self) -> list[int]:
        """The process ids now."""
        if self._namespace is None:
            return []
        try:
            identity = (Path("/run/netns") / self._namespace).stat().st_ino
        except OSError:
            return []
        return self._find(lambda pid: _namespace_of(pid) == identity)


class MarkedProcesses(_Processes):
    """The processes whose environment has a bench's name as `MARK`: commands that it ran, and what they have
    started, but what changes its environment."""

    def __init__(self, bench: str) -> None:
        super().__init__()
        self._mark = f"{MARK}={bench}".encode()

    def pids(self) -> list[int]:
        """The process ids now."""
        return self._find(lambda pid: self._mark in _environment_of(pid))


def _namespace_of(pid: int) -> int:
    try:
        return os.stat(f"/proc/{pid}/ns/net").st_ino  # noqa: PTH116
    except OSError:
        return 0


def _environment_of(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have. Empty where the kernel does not
    say (CONFIG_PROC_CHILDREN)."""
    found: list[int] = []
    asked = [pid]
    while asked:
        parent = asked.pop()
        with suppress(OSError):
            for thread in os.listdir(f"/proc/{parent}/task"):  # noqa: PTH208
                with suppress(OSError), open(f"/proc/{parent}/task/{thread}/children", "rb") as file:  # noqa: PTH123
                    children = [int(word) for word in file.read().split()]
                    found += children
                    asked += children
    return found


def kernel_threads(name: str) -> list[int]:
    """Threads of the kernel whose name begins so, as ksoftirqd/."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/comm"):
        with suppress(OSError):
            if entry.read_text().startswith(name):
                found.append(int(entry.parent.name))
    return found
