"""A run that is told to end takes its benches down at once, in each of its processes.

SIGTERM and SIGHUP are what SIGINT is: KeyboardInterrupt in the main thread. A worker is interrupted when the
process that started the run is gone, even if that was killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

_PR_SET_PDEATHSIG = 1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    """Once: a second one would interrupt what the first has begun, as a lock that is being taken back."""
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt(signal.Signals(number).name)


def interruptible() -> None:
    """From now on the first of the three signals is a KeyboardInterrupt. For main threads only."""
    for number in _SIGNALS:
        signal.signal(number, _interrupt)


def follow_parent() -> None:
    """Be interrupted when the parent process ends, however it ends. KeyboardInterrupt where it has ended."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        raise KeyboardInterrupt("the run has ended")


def children(parent: int | None = None) -> list[int]:
    """The child processes of this one, or of ``parent``."""
    found, parent = [], parent or os.getpid()
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may have just ended
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(entry.parent.name))
    return found


def deaf() -> None:
    """From now on nothing comes of the three signals here; programs that are started hear them."""
    for number in _SIGNALS:
        signal.signal(number, lambda _number, _frame: None)


@contextmanager
def interruptible_again() -> Iterator[None]:
    """In the block the signals are heard, whether one has come before or not; afterwards as before."""
    before = [signal.getsignal(number) for number in _SIGNALS]
    interruptible()
    try:
        yield
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """The signals are ignored: who asks twice to end does not keep a bench from being taken down."""
    before = [signal.signal(number, signal.SIG_IGN) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)
