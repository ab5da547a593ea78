"""The clock of another machine: what it is ahead of ours, and how well that is known."""

from __future__ import annotations

import time
from collections import deque
from typing import NamedTuple

DRIFT = 500e-6
"""Seconds a second that two clocks may drift apart: the kernel slews no faster (adjtimex(2))."""

KEPT = 120
"""Looks that are kept."""


class Look(NamedTuple):
    """One question and its answer: when, how far the other clock is ahead, give or take ``error``; ns."""

    at: int
    ahead: int
    error: int


class Offset:
    """CLOCK_MONOTONIC of another machine against ours, by questions that are answered with its time.

    The answer was given between question and arrival, nobody knows when: half of that is the error of one
    look. Of all looks the best is the one whose error is least, with what both clocks may have drifted since.
    """

    def __init__(self) -> None:
        self._looks: deque[Look] = deque(maxlen=KEPT)

    def add(self, asked: int, theirs: int, arrived: int) -> None:
        """An answer has arrived. All times in nanoseconds, ``theirs`` by the other clock."""
        self._looks.append(Look(arrived, theirs - (asked + arrived) // 2, (arrived - asked + 1) // 2))

    def _best(self, now: int) -> tuple[int, Look]:
        """The least error now, and the look that has it. ValueError before the first look."""
        return min((look.error + round(DRIFT * abs(now - look.at)), look) for look in list(self._looks))

    def ours(self, theirs: int) -> int:
        """A time of the other clock by ours."""
        return theirs - self._best(time.monotonic_ns())[1].ahead

    def error(self) -> float:
        """Seconds by which that may be wrong."""
        return self._best(time.monotonic_ns())[0] / 1e9
