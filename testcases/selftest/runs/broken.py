"""Implementations for the simulated bench, each with one thing wrong."""

from __future__ import annotations

import multiprocessing
import os
import threading
from typing import Any

from fixtures.simulated.agr_core import Agr

LACPDU, MARKER = bytes.fromhex("8809 01"), bytes.fromhex("8809 02")
ACTOR_STATE = 32
SYNCHRONIZATION_AND_BEYOND = 0x38


class Deaf(Agr):
    """agr, to which Markers never come."""

    name = "deaf agr"

    def receive(self, now: float, port: str, frame: bytes) -> None:
        """As agr; nothing happens where it is a Marker."""
        if frame[12:15] != MARKER:
            super().receive(now, port, frame)


class NeverInSync(Agr):
    """agr, whose LACPDUs never say Synchronization, Collecting or Distributing: no link comes up."""

    name = "agr that is never in sync"

    def take(self) -> list[tuple[str, str, bytes]]:
        """As agr; with those bits cleared."""
        return [(kind, end, _out_of_sync(frame)) for kind, end, frame in super().take()]


class Spins(Agr):
    """agr, for which something is always due."""

    name = "agr that spins"

    def deadline(self) -> float | None:
        """Always a moment that has passed."""
        return 0.0


class Exits(Agr):
    """It ends the process of the bench that is being brought up."""

    def __init__(self, *words: Any, **named: Any) -> None:
        if multiprocessing.parent_process() is not None:
            os._exit(5)
        super().__init__(*words, **named)


class NeverReset(Agr):
    """It is made once, for the bench, and never again, for a testcase."""

    def __init__(self, *words: Any, **named: Any) -> None:
        if "test_of_a_run.py" in os.environ.get("PYTEST_CURRENT_TEST", ""):
            threading.Event().wait()
        super().__init__(*words, **named)


def _out_of_sync(frame: bytes) -> bytes:
    if frame[12:15] != LACPDU:
        return frame
    state = frame[ACTOR_STATE] & ~SYNCHRONIZATION_AND_BEYOND
    return frame[:ACTOR_STATE] + bytes([state]) + frame[ACTOR_STATE + 1 :]
