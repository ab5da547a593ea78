"""The clause's times as they are judged: with timers' tolerance, the bench's allowance, the link's time."""

from __future__ import annotations

from harness.profile.constants import TIMER_TOLERANCE, timers
from harness.verdict.failure import Limit


def longest(word: str, time: float, late: float, *, exact: bool = False, link: float = 0.0) -> Limit:
    """The most that a time of the clause may take: each timer in it may be late, and be seen late.

    ``word`` is the limit's, ``late`` the bench's allowance in seconds, which a time without a timer has once,
    ``link`` seconds in which the implementation need not have seen its link yet. Nothing else is added to one
    that is ``exact``.
    """
    count = timers(time)
    if exact:
        return Limit(word, float(time), link=link)
    return Limit(word, float(time), count * TIMER_TOLERANCE, max(1, count) * late, link)


def shortest(time: float, *, exact: bool = False) -> Limit:
    """The least that a time of the clause takes: each timer in it may end early."""
    return Limit("at least", float(time), 0.0 if exact else -timers(time) * TIMER_TOLERANCE)


def silence(time: float, *, exact: bool = False) -> Limit:
    """For how long nothing may be seen: the timer that ends a silence may end early."""
    return Limit("for", float(time), -TIMER_TOLERANCE if timers(time) and not exact else 0.0)
