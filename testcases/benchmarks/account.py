"""Seconds of a processor of a program and all that it starts, daemons too: a control group counts them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.verdict import BenchError

_MOUNTS = Path("/proc/mounts")
_EMPTY_SECONDS = 30.0


class Account:
    """A control group of version 2, or of version 1's cpuacct."""

    def __init__(self, group: Path) -> None:
        self._group = group

    def enter(self) -> None:
        """Count the calling process, and what it starts, from now on."""
        (self._group / "cgroup.procs").write_text("0")

    def spent(self) -> tuple[float, float]:
        """Seconds so far, user's and the system's."""
        if (self._group / "cpu.stat").exists():
            said = dict(line.split() for line in (self._group / "cpu.stat").read_text().splitlines())
            return int(said["user_usec"]) / 1e6, int(said["system_usec"]) / 1e6
        said = dict(line.split() for line in (self._group / "cpuacct.stat").read_text().splitlines())
        ticks = os.sysconf("SC_CLK_TCK")
        return int(said["user"]) / ticks, int(said["system"]) / ticks

    def close(self) -> None:
        """Wait until all have ended, and remove it. Raises BenchError where they have not."""
        deadline = time.monotonic() + _EMPTY_SECONDS
        while (self._group / "cgroup.procs").read_text().strip():
            if time.monotonic() > deadline:
                raise BenchError(f"{self._group}: what was started there has not ended: end it")
            time.sleep(0.05)
        self._group.rmdir()


@contextmanager
def account(name: str) -> Iterator[Account]:
    """A new one. Raises BenchError where this system lets nobody make one."""
    made = Account(_make(name))
    try:
        yield made
    finally:
        made.close()


def _make(name: str) -> Path:
    mounts = [line.split() for line in _MOUNTS.read_text().splitlines()]
    roots = [where for _, where, kind, *_ in mounts if kind == "cgroup2"]
    roots += [where for _, where, kind, options, *_ in mounts if kind == "cgroup" and "cpuacct" in options]
    said = "no control groups are mounted"
    for root in roots:
        group = Path(root) / f"agr-bench-{name}-{os.getpid()}"
        try:
            group.mkdir()
        except OSError as error:
            said = f"{group}: {error.strerror}"
        else:
            return group
    raise BenchError(f"seconds of a processor cannot be counted: {said}; allow this system a control group")
