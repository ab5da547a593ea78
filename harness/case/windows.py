"""The clause's times as they are judged: with timers' tolerance, the bench's allowance, the link's time.

``clocks`` are the seconds by which a time may be wrong that is taken by the clocks of two machines; also one
that is ``exact`` is judged with them.
"""

from __future__ import annotations

from harness.profile.constants import TIMER_TOLERANCE, timers
from harness.verdict.failure import Limit


def longest(
    word: str, time: float, late: float, *, exact: bool = False, link: float = 0.0, clocks: float = 0.0
) -> Limit:
    """The most that a time of the clause may take: each timer in it may be late, and be seen late.

    ``word`` is the limit's, ``late`` the bench's allowance in seconds, which a time without a timer has once,
    ``link`` seconds in which the implementation need not have seen its link yet. Neither tolerance nor
    allowance is added to one that is ``exact``.
    """
    count = timers(time)
    if exact:
        return Limit(word, float(time), link=link, clocks=clocks)
    return Limit(word, float(time), count * TIMER_TOLERANCE, max(1, count) * late, link, clocks)


def shortest(time: float, *, exact: bool = False, clocks: float = 0.0) -> Limit:
    """The least that a time of the clause takes: each timer in it may end early."""
    early = 0.0 if exact else -timers(time) * TIMER_TOLERANCE
    return Limit("at least", float(time), early, clocks=0.0 - clocks)


def silence(time: float, *, exact: bool = False, clocks: float = 0.0) -> Limit:
    """For how long nothing may be seen: the timer that ends a silence may end early."""
    early = -TIMER_TOLERANCE if timers(time) and not exact else 0.0
    return Limit("for", float(time), early, clocks=0.0 - clocks)
