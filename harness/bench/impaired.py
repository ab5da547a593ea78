"""What simulated wires do to frames, and what the implementation's clock does, as the lab file has it.

The tester's port is where frames are captured: what the tester sends was sent, whatever becomes of it on the
wire; what the implementation sends is seen when, and if, it arrives.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from harness.lab.schema import Capturer, Impairments
from harness.wire.loop import Loop
from harness.wire.virtual_loop import START

Deliver = Callable[[bytes], None]

_APART = 1e-6
"""Seconds between two frames on a wire, at least: what comes "from this frame on" is never an earlier one."""


class Direction:
    """One direction of one wire: which frames arrive, how often, and when. Frames keep their order."""

    def __init__(self, loop: Loop, impairments: Impairments, name: str, blocked: bool) -> None:
        self._loop = loop
        self._how = impairments
        self._blocked = blocked
        self._as_it_is = not (
            blocked or impairments.delay or impairments.jitter or impairments.loss or impairments.duplication
        )
        self._random = random.Random(f"{impairments.seed} {name}")
        self._arrives = 0.0
        self._lost_in_a_row = 0

    def carry(self, frame: bytes, deliver: Deliver, repeat: bool) -> None:
        """Send a frame; `repeat`: it says once more what its sender said before."""
        if self._as_it_is:
            deliver(frame)
            return
        touched = repeat or self._how.frames == "any"
        if self._blocked or (touched and self._loses()):
            return
        self._pass(frame, deliver)
        if touched and self._random.random() < self._how.duplication:
            self._pass(frame, deliver)

    def _loses(self) -> bool:
        most = self._how.lost_in_a_row
        loses = self._random.random() < self._how.loss and (most is None or self._lost_in_a_row < most)
        self._lost_in_a_row = self._lost_in_a_row + 1 if loses else 0
        return loses

    def _pass(self, frame: bytes, deliver: Deliver) -> None:
        delay = self._how.delay + self._random.random() * self._how.jitter
        if not delay:
            deliver(frame)
            return
        self._arrives = max(self._arrives + _APART, self._loop.now() + delay)
        self._loop.call_at(self._arrives, lambda: deliver(frame))


class Clock:
    """The implementation's clock: it gains `drift` seconds a second on the bench's."""

    def __init__(self, drift: float) -> None:
        self._rate = 1.0 + drift

    def shows(self, bench_time: float) -> float:
        """What it shows at a time of the bench."""
        return bench_time if self._rate == 1.0 else START + (bench_time - START) * self._rate

    def reaches(self, shown: float) -> float:
        """The first time of the bench at which it shows that."""
        if self._rate == 1.0:
            return shown
        time = START + (shown - START) / self._rate
        while self.shows(time) < shown:  # rounding: a deadline that is not reached would stay due for ever
            time = math.nextafter(time, math.inf)
        return time


class CaptureClock:
    """The clock of a machine that captures, as the bench knows it: no worse, for windows, than ``limit``."""

    def __init__(self, name: str, capturer: Capturer, limit: float) -> None:
        self.name = name
        self.error = min(float(capturer.error), limit)
        self._wrong = float(capturer.error)
        self._ahead, self._drift = capturer.ahead, capturer.drift

    def tells(self, bench_time: float) -> float:
        """What becomes of a time of the bench that it stamps and the bench turns back.

        It is wrong by more and more until that is the error, and then by less and less.
        """
        gone = self._ahead + self._drift * (bench_time - START) + self._wrong
        cycle = gone % (4 * self._wrong)
        return bench_time + min(cycle, 4 * self._wrong - cycle) - self._wrong
