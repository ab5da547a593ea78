"""Port numbers (43.3.4)."""

from __future__ import annotations

from collections.abc import Collection


class PortNumbers:
    """Numbers 1, 2, ... in the order in which names appear; a name that comes back gets its former number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def give(self, name: str, in_use: Collection[int]) -> int:
        """A number for ``name`` that is not among those ``in_use``.

        Numbers of names that left are kept for them until all 65535 are given away. Raises ValueError when
        all are in use.
        """
        if self._numbers.get(name) in in_use or name not in self._numbers:
            kept = set(self._numbers.values()) | set(in_use)
            number = next((n for n in range(1, 0x10000) if n not in kept), 0)
            number = number or next((n for n in range(1, 0x10000) if n not in in_use), 0)
            if not number:
                raise ValueError(f"{name}: all 65535 port numbers are in use")
            self._numbers = {other: kept for other, kept in self._numbers.items() if kept != number}
            self._numbers[name] = number
        return self._numbers[name]
