"""The standard's constants; all times are in seconds. Those that differ by edition are in `harness.profile`.

Testcases take their windows from here and from the bench's limits, never numbers of their own.
"""

from __future__ import annotations

from typing import Final

# 43.4.12 to 43.4.17 give every timer this tolerance, either way.
TIMER_TOLERANCE: Final = 0.25


class Duration(float):
    """A time that timers of clause 43 take: its seconds, and how many timers run in it, one after the other.

    Sums and whole multiples count them: ``2 * SHORT_TIMEOUT_TIME + PROMPT`` is 7 s of two timers. A fraction
    of a Duration is a plain number, and so is what lies between a moment and now.
    """

    timers: int

    def __new__(cls, seconds: float, timers: int = 1) -> Duration:
        """So many seconds of so many timers."""
        made = super().__new__(cls, seconds)
        made.timers = timers
        return made

    def __add__(self, other: float, /) -> Duration:
        """Both, one after the other."""
        return Duration(float(self) + float(other), self.timers + timers(other))

    __radd__ = __add__

    def __sub__(self, other: float, /) -> Duration:
        """The same timers, judged from a later moment on."""
        return Duration(float(self) - float(other), self.timers)

    def __mul__(self, number: float, /) -> float:
        """A whole number of them, one after the other."""
        product = float(self) * number
        return Duration(product, self.timers * number) if isinstance(number, int) else product

    __rmul__ = __mul__


def timers(time: float) -> int:
    """How many timers run in a time; none in a plain number of seconds."""
    return time.timers if isinstance(time, Duration) else 0


# 43.4.4, constants.
FAST_PERIODIC_TIME: Final = Duration(1.0)
SLOW_PERIODIC_TIME: Final = Duration(30.0)
SHORT_TIMEOUT_TIME: Final = Duration(3.0)
LONG_TIMEOUT_TIME: Final = Duration(90.0)
CHURN_DETECTION_TIME: Final = Duration(60.0)
AGGREGATE_WAIT_TIME: Final = Duration(2.0)

# 43.4.16: LACPDUs on one port in any Fast_Periodic_Time.
MAX_LACPDUS_PER_FAST_PERIODIC_TIME: Final = 3

# 43.4.2.2: one unit of Collector_Max_Delay.
COLLECTOR_MAX_DELAY_UNIT: Final = 10e-6


def periodic_time(short: bool) -> float:
    """periodic_timer's value in seconds for the Partner's LACP_Timeout (43.4.13)."""
    return FAST_PERIODIC_TIME if short else SLOW_PERIODIC_TIME


# What the catalogue's rows write as "<= 1 s": an answer or a change that nothing delays, so no timer.
PROMPT: Final = 1.0

# PT-06: an expiry, which sets NTT, shows in a PDU within this time: the ticks of an implementation.
EXPIRY_SHOWN: Final = 0.25

# MK-17, MK-18: a Marker without a response for this long has none.
MARKER_RESPONSE_TIME: Final = 5.0
