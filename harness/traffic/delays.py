"""How long frames were on their way: exact extremes, percentiles from a histogram of constant size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PER_OCTAVE = 32
"""Columns of the histogram between a delay and its double: a percentile is right within 2.2 %."""

_COLUMNS = 40 * PER_OCTAVE  # up to 2 ** 40 ns, 18 minutes


class Delays:
    """One-way delays of frames, nanoseconds."""

    def __init__(self) -> None:
        self._frames = np.zeros(_COLUMNS, np.int64)
        self._shortest: int | None = None
        self._longest = 0

    def accept(self, delays: NDArray[np.int64]) -> None:
        """More of them, at least one. What is below a nanosecond counts as one."""
        shortest, longest = int(delays.min()), int(delays.max())
        first = self._shortest is None
        self._shortest = shortest if self._shortest is None else min(self._shortest, shortest)
        self._longest = longest if first else max(self._longest, longest)
        columns = (np.log2(np.maximum(delays, 1)) * PER_OCTAVE).astype(np.int64)
        np.add.at(self._frames, np.minimum(columns, _COLUMNS - 1), 1)

    def figures(self) -> tuple[int, int, int, int] | None:
        """Shortest, median, 99th percentile, longest; None where there was no frame."""
        if self._shortest is None:
            return None
        return self._shortest, self._percentile(50), self._percentile(99), self._longest

    def _percentile(self, percent: int) -> int:
        upto = np.cumsum(self._frames)
        column = int(np.searchsorted(upto, upto[-1] * percent / 100))
        middle = 2 ** ((column + 0.5) / PER_OCTAVE)
        assert self._shortest is not None
        return round(min(max(middle, self._shortest), self._longest))
