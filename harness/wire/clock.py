"""Bench seconds of a real bench: a clock that no step of the machine's wall clock moves."""

from __future__ import annotations

import time

from harness.net import two_clocks

_SLACK = 1_000  # ns; the kernel rounds


class WallClock:
    """CLOCK_REALTIME, by which the kernel stamps frames.

    `ahead` seconds are added to the clock and to the stamps alike: a clock that was stepped, without
    touching the machine's.
    """

    ahead = 0.0

    def now(self) -> int:
        """Nanoseconds since the epoch."""
        return time.time_ns() + round(self.ahead * 1e9)

    def stamped(self, stamp: float) -> float:
        """A frame's time stamp by this clock, from the kernel's; both in nanoseconds."""
        return stamp + round(self.ahead * 1e9)


class BenchClock:
    """Bench seconds: CLOCK_REALTIME when it was made, and from then on as CLOCK_MONOTONIC goes on.

    The two differ by a constant, but where the wall clock is stepped (time_namespaces(7), adjtimex(2): what
    slews one slews both). `look` notices that, and stamps are read accordingly from then on.
    """

    def __init__(self, wall: WallClock) -> None:
        self._wall = wall
        self._begun = self._ahead = self._measured()

    def now(self) -> float:
        """Bench seconds."""
        return (time.monotonic_ns() + self._begun) / 1e9

    def of(self, stamp: float) -> float:
        """The bench seconds of a kernel's stamp, which is in nanoseconds since the epoch."""
        return (self._wall.stamped(stamp) - (self._ahead - self._begun)) / 1e9

    def look(self) -> float:
        """How far the wall clock was stepped since the last look, in seconds."""
        before = time.monotonic_ns()
        wall = self._wall.now()
        if wall - time.monotonic_ns() - _SLACK <= self._ahead <= wall - before + _SLACK:
            return 0.0
        was, self._ahead = self._ahead, self._measured()
        return abs(self._ahead - was) / 1e9

    def _measured(self) -> int:
        """By how much the wall clock is ahead of the monotonic one, in ns."""
        return two_clocks.ahead(self._wall.now, time.monotonic_ns)[0]
