"""The clock of another machine: what it is ahead of ours, and how well that is known."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from harness.wire.moment import DRIFT

KEPT = 120
"""What was known so many times is kept, for what the clocks drift apart."""

STEADY = 0.1
"""The share of `DRIFT` to which a drift must be known to be counted on."""


class Known(NamedTuple):
    """How far the other clock was ahead at a time of ours: at least and at most; all in ns."""

    at: int
    least: int
    most: int

    def later(self, time: int) -> Known:
        """What is left of it at another time, whatever the clocks did meanwhile."""
        drifted = round(DRIFT * abs(time - self.at))
        return Known(time, self.least - drifted, self.most + drifted)

    @property
    def middle(self) -> int:
        """Halfway between both."""
        return (self.least + self.most) // 2


class Line(NamedTuple):
    """How far the other clock is taken to be ahead: so many ns at a time of ours, and more by its drift."""

    at: int
    ahead: int
    drift: float

    def ahead_at(self, time: int) -> int:
        """In ns, at a time of ours."""
        return self.ahead + round(self.drift * (time - self.at))

    def ours(self, theirs: int) -> int:
        """A time of the other clock by ours."""
        return self.at + round((theirs - self.ahead - self.at) / (1.0 + self.drift))


class Offset:
    """CLOCK_MONOTONIC of another machine against ours, by questions that are answered with its time.

    The answer was given between question and arrival, nobody knows when: that is what one tells, and the
    quickest tell most. What all of them tell, each with what both clocks may have drifted since (`DRIFT`),
    has a least and a most, and the truth is between.

    Times are turned by a line that is held until it is told to be drawn anew (`renew`), so that what lies
    between two times of that clock is as the clock has it. Its error is how far the truth may be from it.
    """

    def __init__(self, now: Callable[[], int] = time.monotonic_ns) -> None:
        self._now = now
        self._known: deque[Known] = deque(maxlen=KEPT)
        self._line: Line | None = None
        self._stated: float | None = None
        self._worst = 0.0
        self._step = 0.0

    def add(self, asked: int, theirs: int, arrived: int) -> None:
        """An answer has arrived. All times in nanoseconds, ``theirs`` by the other clock."""
        told = Known(asked, theirs - arrived, theirs - asked).later(arrived)
        if self._known:
            before = self._known[-1].later(arrived)
            self._worst = max(self._worst, self.error())
            both = Known(arrived, max(told.least, before.least), min(told.most, before.most))
            if both.least > both.most:  # one of them was stepped, or stood still while its machine slept
                self._step = max(self._step, (both.least - both.most) / 1e9)
                self._known = deque([told], KEPT)
            else:
                told = both
        self._known.append(told)
        if self._line is None:
            self.renew()

    def state(self, ahead: int, error: float) -> None:
        """What is known otherwise, as by PTP: how far the other clock is ahead, ns, to so many seconds."""
        self._stated = error
        self._line = Line(self._now(), ahead, 0.0)

    def renew(self) -> None:
        """Draw the line anew: no time that was turned before is compared with one that will be."""
        known = self._known[-1]
        if self._stated is None:
            self._line = Line(known.at, known.middle, self.drift or 0.0)
        self._worst = self._step = 0.0

    @property
    def drift(self) -> float | None:
        """Seconds that the other clock gains a second; None where that is not known well enough."""
        first, last = self._known[0], self._known[-1]
        seconds = last.at - first.at
        unsure = (first.most - first.least + last.most - last.least) / 2
        if unsure >= STEADY * DRIFT * seconds:
            return None
        return min(max((last.middle - first.middle) / seconds, -DRIFT), DRIFT)

    def ours(self, theirs: int) -> int:
        """A time of the other clock by ours. ValueError before the first answer."""
        if self._line is None:
            raise ValueError("nothing is known of this clock yet")
        return self._line.ours(theirs)

    def error(self) -> float:
        """Seconds by which that may be wrong now."""
        if self._line is None:
            raise ValueError("nothing is known of this clock yet")
        now = self._now()
        known, ahead = self._known[-1].later(now), self._line.ahead_at(now)
        if self._stated is not None:
            return max(self._stated, (known.least - ahead) / 1e9, (ahead - known.most) / 1e9)
        return max(known.most - ahead, ahead - known.least) / 1e9

    def worst(self) -> float:
        """The most that it may have been since the line was drawn."""
        return max(self._worst, self.error())

    def step(self) -> float:
        """Seconds by which the clocks were stepped against each other since then, at least."""
        return self._step

    def text(self) -> str:
        """For reports."""
        error = f"{self.error() * 1e3:.3g} ms"
        if self._stated is not None:
            return f"by PTP, to {error}"
        drift = "" if self.drift is None else f", drift {self.drift * 1e6:+.0f} ppm"
        return f"by measurement, to {error}{drift}"


class HostClock:
    """The clock of a host, for who captures there: `FarClock`.

    It is never told to be more wrong than ``limit`` seconds (`limits.clock_error`): beyond that the bench
    fails nothing.
    """

    def __init__(self, name: str, offset: Offset, limit: float) -> None:
        self.name = name
        self._offset = offset
        self._limit = limit

    @property
    def error(self) -> float:
        """Seconds by which its times may be wrong now, as far as windows count it."""
        return min(self._offset.error(), self._limit)

    def renew(self) -> None:
        """Between testcases: by what is known now."""
        self._offset.renew()

    def troubles(self, step: float) -> list[str]:
        """What was more than the limits since it was renewed, in words; ``step``: that of a step, seconds."""
        found, worst = [], self._offset.worst()
        if worst > self._limit:
            found.append(unsure(self.name, worst, self._limit))
        if self._offset.step() > step:
            words = f"the clock of {self.name} was stepped by {self._offset.step() * 1e3:.0f} ms"
            found.append(f"{words} (limits.clock_step)")
        return found

    def text(self) -> str:
        """For reports."""
        return self._offset.text()


def unsure(name: str, error: float, limit: float) -> str:
    """The trouble of a bench where a clock was known worse than it may be; both in seconds."""
    return f"the clock of {name} was known to {error * 1e3:.0f} ms only (limits.clock_error {limit:g} s)"
