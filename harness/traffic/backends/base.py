"""What the generators of others have in common."""

from __future__ import annotations

from harness.traffic.outcome import Sent


class Account:
    """What was sent in several goes, of flows in turn."""

    def __init__(self, flows: int) -> None:
        self._flows = flows
        self.frames = 0
        self._refused = 0
        self._seconds = self._late = 0.0

    def add(self, frames: int, seconds: float, rate: float | None, refused: int = 0) -> None:
        """One go: how many, how long it took, at what pace it was to be."""
        self.frames += frames
        self._refused += refused
        self._seconds += seconds
        if rate is not None:
            self._late += max(0.0, seconds - frames / rate)

    def sent(self, *, numbered: bool = True) -> Sent:
        """All so far."""
        each, more = divmod(self.frames, self._flows)
        flows = tuple(each + (number < more) for number in range(self._flows))
        return Sent(self.frames, self._refused, self._seconds, flows, self._late, numbered)
