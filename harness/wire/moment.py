"""Times that the clock of another machine tells: they bear the error by which bench seconds may differ.

The bench has one clock. A frame that another machine has captured is stamped there, and its stamp is turned
into bench seconds by what has been measured of that machine's clock, which is known give or take an error. So
its time is a `Moment`; what is seen on this machine has a plain number. Who compares two times asks here what
they may have been, and who measures what lies between them asks `apart` how much of it may be the clocks'.
"""

from __future__ import annotations

import math
from typing import Protocol

from harness.profile.constants import Duration, timers

DRIFT = 500e-6
"""Seconds a second that two clocks drift apart at most: the kernel slews no faster (adjtimex(2))."""


_ROUNDED = 1.01
"""So much of that counts: what lies between is measured by the clock that drifts, and times are rounded."""


class Moment(Duration):
    """A time of another machine, in bench seconds: ``clock`` names that machine, ``error`` is in seconds.

    ``heard`` is when word of it had come here, so that it was no later. A moment with something added is one
    of the same clock, and so is the difference to a plain number; what lies between two moments has no clock
    (""), and the error of what lies between.
    """

    clock: str
    error: float
    heard: float

    def __new__(
        cls, seconds: float, clock: str, error: float, *, heard: float = math.inf, timers: int = 0
    ) -> Moment:
        """By the clock of that name, which is known to so many seconds."""
        made = float.__new__(cls, seconds)
        made.timers = timers
        made.clock, made.error, made.heard = clock, error, heard
        return made

    def __add__(self, other: float, /) -> Moment:
        more = float(other)
        both = timers(self) + timers(other)
        heard = self.heard + more
        return Moment(float(self) + more, self.clock, self.error + doubt(other), heard=heard, timers=both)

    __radd__ = __add__

    def __sub__(self, other: float, /) -> Moment:
        seconds, error = float(self) - float(other), apart(self, other)
        if isinstance(other, Moment):
            return Moment(seconds, "", error, timers=self.timers)
        return Moment(seconds, self.clock, error, heard=self.heard - float(other), timers=self.timers)

    def __rsub__(self, other: float, /) -> Moment:
        return Moment(float(other) - float(self), "", apart(self, other), timers=timers(other))

    def __mul__(self, number: float, /) -> Moment:
        return Moment(float(self) * number, "", self.error * abs(number))

    __rmul__ = __mul__


class FarClock(Protocol):
    """The clock of another machine, as far as the bench knows it."""

    name: str

    @property
    def error(self) -> float:
        """Seconds by which its times, turned into bench seconds, may be wrong now."""


def doubt(time: float) -> float:
    """Seconds by which a time, or what lies between two, may be wrong for the clocks that told it."""
    return time.error if isinstance(time, Moment) else 0.0


def apart(one: float, other: float) -> float:
    """Seconds by which two times may be wrong against each other.

    Of two times of one clock no more than it may have drifted between them.
    """
    both = doubt(one) + doubt(other)
    if isinstance(one, Moment) and isinstance(other, Moment) and one.clock and one.clock == other.clock:
        return min(both, _ROUNDED * DRIFT * abs(float(one) - float(other)))
    return both


def may_be_from(time: float, since: float) -> bool:
    """Whether what was at a time may have been at ``since`` or later."""
    if not isinstance(time, Moment):
        return float(time) + doubt(since) >= since
    if isinstance(since, Moment):
        return float(time) + apart(time, since) >= since
    return min(float(time) + time.error, time.heard) >= since


def may_be_until(time: float, until: float) -> bool:
    """Whether what was at a time may have been at ``until`` or earlier."""
    return may_be_from(until, time)
