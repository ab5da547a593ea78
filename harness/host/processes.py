"""Finds processes by the network namespace that they run in, or by the process that started them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_LOOKS = 3
"""How often a new process is looked at until it counts as foreign: `ip netns exec` enters after it began."""


class NamespaceProcesses:
    """The processes in a network namespace made by `ip netns add`; None: no process, as nothing tells them
    from others."""

    def __init__(self, namespace: str | None) -> None:
        self._namespace = namespace
        self._looked: dict[int, int] = {}  # by process that was not inside: how often it was looked at

    def pids(self) -> list[int]:
        """The process ids now. It costs little: a process that was foreign long enough is not asked again."""
        if self._namespace is None:
            return []
        try:
            identity = (Path("/run/netns") / self._namespace).stat().st_ino
        except OSError:
            return []
        there = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
        looked = {pid: self._looked[pid] for pid in there if pid in self._looked}
        found = []
        for pid in there:
            if looked.get(pid, 0) >= _LOOKS:
                continue
            if _namespace_of(pid) == identity:
                found.append(pid)
            else:
                looked[pid] = looked.get(pid, 0) + 1
        self._looked = looked
        return found


def _namespace_of(pid: int) -> int:
    try:
        return os.stat(f"/proc/{pid}/ns/net").st_ino  # noqa: PTH116
    except OSError:
        return 0


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
