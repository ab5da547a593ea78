"""Locks: one run at a time on a bench, told by the operating system, so that a killed run holds nothing."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from harness.verdict import BenchError

STATE = Path("/run/agr-lab")
"""Where benches keep what must survive the process: locks, journals, records of what was started."""


class Slot:
    """A locked place for one bench; `state` is its own directory, there before and after the lock."""

    def __init__(self, name: str, lock: int) -> None:
        self.name = name
        self._lock = lock
        self.state = STATE / name

    def begin(self) -> None:
        """Note that something is about to be changed here: what is killed before `end` leaves the note."""
        self._note.write_text(f"{os.getpid()}\n")

    def end(self) -> None:
        """Everything is undone."""
        self._note.unlink(missing_ok=True)

    @property
    def left_behind(self) -> bool:
        """Whether a killed run left something."""
        return self._note.exists()

    @property
    def _note(self) -> Path:
        return self.state / "in-use"

    def release(self) -> None:
        """Give the place back."""
        os.close(self._lock)


def take(name: str) -> Slot | None:
    """Lock a place by name; None when another process holds it. BenchError without the right to."""
    try:
        (STATE / name).mkdir(parents=True, exist_ok=True)
        lock = os.open(STATE / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise BenchError(f"{STATE}: not writable; a bench of interfaces needs root: run with sudo") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return Slot(name, lock)


def take_free(prefix: str, most: int = 64) -> Slot:
    """Lock the first free of `prefix`0, `prefix`1, ...; BenchError when all are held."""
    for number in range(most):
        slot = take(f"{prefix}{number}")
        if slot is not None:
            return slot
    raise BenchError(f"all {most} benches {prefix}N are in use")


def left_behind(prefix: str) -> list[Slot]:
    """Lock and give every place of that prefix that has state and no owner: those of killed runs."""
    slots = []
    for state in sorted(STATE.glob(f"{prefix}[0-9]*")):
        if state.is_dir() and any(state.iterdir()):
            slot = take(state.name)
            if slot is not None:
                slots.append(slot)
    return slots
