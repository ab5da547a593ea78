"""An implementation for the simulated bench that answers no Marker."""

from __future__ import annotations

from fixtures.simulated.agr_core import Agr

MARKER = bytes.fromhex("8809 02")


class Deaf(Agr):
    """agr, to which Markers never come."""

    name = "deaf agr"

    def receive(self, now: float, port: str, frame: bytes) -> None:
        """As agr; nothing happens where it is a Marker."""
        if frame[12:15] != MARKER:
            super().receive(now, port, frame)
