"""A wall clock that steps now and then, from a seed: that of the bench's loop alone, never the machine's.

A pytest plugin of the run (`environment`): the clock that a bench reads is ahead of the machine's, and so are
the stamps of its frames.
"""

from __future__ import annotations

import os
import random
import time
from bisect import bisect
from itertools import accumulate

from harness.wire.clock import WallClock

SEED = "AGR_NOISE_CLOCK"
STEPS = 1000
BETWEEN = (10.0, 120.0)
"""Seconds from one step to the next."""

FARTHEST = 5.0
"""Seconds of a step, either way."""


class Stepping:
    """How far the clock is ahead at a time of CLOCK_MONOTONIC, in seconds; it begins with none."""

    def __init__(self, seed: int, begun: float) -> None:
        drawn = random.Random(seed)
        self._times = list(accumulate((drawn.uniform(*BETWEEN) for _ in range(STEPS)), initial=begun))
        self._ahead = [0.0, 0.0, *(drawn.uniform(-FARTHEST, FARTHEST) for _ in range(STEPS))]

    def at(self, now: float) -> float:
        """Seconds."""
        return self._ahead[bisect(self._times, now)]


def environment(seed: int) -> dict[str, str]:
    """Of a run whose clock is to step."""
    return {"PYTEST_ADDOPTS": f"-p {__name__}", SEED: f"{seed} {time.monotonic()}"}


def pytest_configure() -> None:
    """In the process of the run, from which those of the benches are forked."""
    seed, begun = os.environ[SEED].split()
    stepping = Stepping(int(seed), float(begun))
    WallClock.ahead = property(lambda _: stepping.at(time.monotonic()))
