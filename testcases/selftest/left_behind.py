"""Network namespaces of self-tests that were killed: named after the process that made them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from testcases.selftest.host import ip

NAMESPACES = Path("/run/netns")

_NAME = re.compile(r"agr[a-z]+-(\d+)(-.+)?")
"""A word of the file's own, the process, and which of its namespaces; benches (agr-labN) are no such."""


def left_behind() -> list[str]:
    """The namespaces of processes that live no more."""
    found = {entry.name: _NAME.fullmatch(entry.name) for entry in NAMESPACES.glob("agr*")}
    return sorted(name for name, its in found.items() if its and not Path("/proc", its[1]).exists())


def clean() -> list[str]:
    """End what runs in them, and remove them; gives their names. Another run may do so at the same time."""
    cleaned = []
    for name in left_behind():
        with suppress(subprocess.CalledProcessError):
            for pid in ip("netns", "pids", name).split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            ip("netns", "delete", name)
            cleaned.append(name)
    return cleaned
