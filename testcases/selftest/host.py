"""What self-tests do on this host: iproute2, and to wait until something is so."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds after which what is waited for will not come: far more than any host needs."""


def ip(*words: str) -> str:
    """Run `ip` with these words; gives what it printed."""
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def wait_until(condition: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """Ask again and again until ``condition`` gives something true; fail after ``seconds``."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not in {seconds:g} s: {what}"
        pause.wait(0.02)
    return value
