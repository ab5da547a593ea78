"""Operational keys (43.3.5): ports of one administrative key that may not aggregate have different ones."""

from __future__ import annotations

from harness.reference.table import Rule

FIRST_OF_ITS_OWN = 0x8000


class Keys:
    """The operational keys of an Aggregator's ports.

    Links of the speed first seen have the administrative key; other speeds have keys of their own, which come
    back with the speed.
    """

    def __init__(self) -> None:
        self._speeds: dict[int, list[int | None]] = {}
        self._others: dict[tuple[int, int | None], int] = {}

    def operational(self, admin: int, speed_mbps: int | None) -> int:
        """The key of a port with this administrative key, on a link of this speed."""
        speeds = self._speeds.setdefault(admin, [speed_mbps])
        if speed_mbps == speeds[0]:
            return admin
        number = FIRST_OF_ITS_OWN + len(self._others)
        return self._others.setdefault((admin, speed_mbps), number)


RULES = (Rule("KY1", "43.3.5", "links of different speed have different operational keys"),)
