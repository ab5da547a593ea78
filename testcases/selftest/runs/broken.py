"""Implementations for the simulated bench: one that answers no Marker, one that takes its process along."""

from __future__ import annotations

import multiprocessing
import os
from typing import Any

from fixtures.simulated.agr_core import Agr

MARKER = bytes.fromhex("8809 02")


class Deaf(Agr):
    """agr, to which Markers never come."""

    name = "deaf agr"

    def receive(self, now: float, port: str, frame: bytes) -> None:
        """As agr; nothing happens where it is a Marker."""
        if frame[12:15] != MARKER:
            super().receive(now, port, frame)


class Exits(Agr):
    """It ends the process of the bench that is being brought up."""

    def __init__(self, *words: Any, **named: Any) -> None:
        if multiprocessing.parent_process() is not None:
            os._exit(5)
        super().__init__(*words, **named)
