"""agr's core with one fault, to see a FAIL: it sends every Marker Response on the first port."""

from __future__ import annotations

from collections.abc import Mapping

from fixtures.simulated.agr_core import Agr

MARKER_RESPONSE = bytes.fromhex("8809 02 01 02")
"""Ethernet type, subtype, version and TLV type (43.5.3.2)."""


class WrongPort(Agr):
    """agr, but for the port that a Marker Response leaves on (43.5.4: the one that the Marker came in on)."""

    name = "agr with a fault"

    def open(self, ports: Mapping[str, bytes]) -> None:
        """As agr."""
        super().open(ports)
        self._first = next(iter(ports))

    def take(self) -> list[tuple[str, str, bytes]]:
        """As agr, with the Marker Responses of all ports on the first."""
        return [
            (kind, self._first if kind == "port" and frame[12:17] == MARKER_RESPONSE else end, frame)
            for kind, end, frame in super().take()
        ]
