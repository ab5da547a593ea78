"""How many benches work at a time: as many as the machine carries, by what they measure of themselves."""

from __future__ import annotations

import os
from collections import deque

A_CORE = 5
"""Benches for each core at most: a bench mostly waits for timers of the clause, but it costs a little."""

MOST = 64
"""Places that there are (`harness.bench.locks`)."""

LOOK_BACK = 3.0
"""Seconds of measurements that count."""

STEP_UP = 2.0
"""Seconds from one bench more to the next."""

STEP_DOWN = 6.0
"""Seconds from one bench less to the next, and to one more: what was begun must end before it helps."""

MOST_OF_THEM = 0.75
"""Share of the measurements at which the machine is judged: one long wait of one bench says nothing."""

TIRED, FRESH = 0.5, 0.2
"""Shares of the allowance (`limits.late`): above the one a bench less, below the other a bench more."""


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


class SideBySide:
    """The number of benches that may work, between 1 and ``most``; begins with ``begin``.

    ``allowance`` is what a bench may be late before that forbids verdicts, in seconds.
    """

    def __init__(self, begin: int, most: int, allowance: float) -> None:
        self.wanted = max(1, min(begin, most))
        self.most = max(1, most)
        self._allowance = allowance
        self._strains: deque[tuple[float, float]] = deque()
        self._changed = float("-inf")
        self._went_down = float("-inf")

    @classmethod
    def of(cls, benches: int | str, testcases: int, allowance: float, labs: int = 1) -> SideBySide:
        """As a lab file has it: a number that stays, or "auto", on a machine that so many labs share."""
        if benches != "auto":
            number = min(int(benches), testcases)
            return cls(number, number, allowance).fixed()
        return cls(cores() // labs, min(A_CORE * cores() // labs, MOST // labs, testcases), allowance)

    def fixed(self) -> SideBySide:
        """The number that it begins with stays."""
        self._allowance = float("inf")
        self.most = self.wanted
        return self

    def heard(self, strain: float, now: float) -> None:
        """A bench's own worst lateness or wait in its last second, in seconds (`Bench.strain`)."""
        self._strains.append((now, strain))

    def look(self, now: float, working: int) -> int:
        """Go a step up or down where that is due; ``working`` are the benches at work. Gives how many may.

        It only goes up where all that may work do.
        """
        while self._strains and self._strains[0][0] < now - LOOK_BACK:
            self._strains.popleft()
        strains = sorted(strain for _, strain in self._strains)
        if not strains:
            return self.wanted
        strain = strains[int(MOST_OF_THEM * (len(strains) - 1))]
        if strain > TIRED * self._allowance and now - self._went_down >= STEP_DOWN:
            self.wanted = max(1, min(self.wanted, working) - 1)
            self._changed = self._went_down = now
        elif (
            strain < FRESH * self._allowance
            and now - self._changed >= STEP_UP
            and now - self._went_down >= STEP_DOWN
            and working >= self.wanted < self.most
        ):
            self.wanted += 1
            self._changed = now
        return self.wanted
