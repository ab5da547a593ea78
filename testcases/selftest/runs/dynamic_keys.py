"""Dynamic keys (43.6.2), for the row that agr does not show: agr's core, with other keys.

A port that stands by says another key than the others; what its partner echoes of that is turned back.
"""

from __future__ import annotations

from fixtures.simulated.agr_core import Agr

SUBTYPE, LACP = 14, 1
ACTOR_KEY, PARTNER_KEY = slice(26, 28), slice(46, 48)
OTHER = 0x0F00
"""What the key of a port that stands by differs in."""


def turned(frame: bytes, place: slice) -> bytes:
    """The frame with another key in this place."""
    key = int.from_bytes(frame[place], "big") ^ OTHER
    return frame[: place.start] + key.to_bytes(2, "big") + frame[place.stop :]


class DynamicKeys(Agr):
    """agr's core, but for the keys of ports that stand by."""

    def __init__(self) -> None:
        super().__init__()
        self._turned: set[str] = set()

    def take(self) -> list[tuple[str, str, bytes]]:
        return [
            (kind, end, self._said(end, frame) if kind == "port" and frame[SUBTYPE] == LACP else frame)
            for kind, end, frame in super().take()
        ]

    def _said(self, port: str, frame: bytes) -> bytes:
        every = self.status(0.0)["aggregates"].values()
        stands_by = any(said["ports"][port]["selected"] == "STANDBY" for said in every)
        (self._turned.add if stands_by else self._turned.discard)(port)
        return turned(frame, ACTOR_KEY) if stands_by else frame

    def receive(self, now: float, port: str, frame: bytes) -> None:
        known = port in self._turned and frame[SUBTYPE] == LACP
        super().receive(now, port, turned(frame, PARTNER_KEY) if known else frame)
