"""How far apart LACPDUs are (43.4.13)."""

from __future__ import annotations

from itertools import pairwise

from harness.case import Case
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SLOW_PERIODIC_TIME, TIMER_TOLERANCE
from harness.wire.station import Station


def heard(station: Station, since: float, until: float) -> list[float]:
    """When the implementation's LACPDUs between two moments passed the wire."""
    return [frame.time for frame in station.wire.received(since) if frame.is_lacpdu and frame.time <= until]


def longest_silence(case: Case, station: Station, since: float, until: float, row: str) -> None:
    """FAIL where the fast period, or what is left of it at either end, is exceeded between two moments."""
    times = [since, *heard(station, since, until), until]
    longest = max(later - earlier for earlier, later in pairwise(times))
    upper = FAST_PERIODIC_TIME + TIMER_TOLERANCE + case.late
    case.within(longest, None, upper, f"longest time without an LACPDU on {station.wire.name}", row=row)


def fast_gaps(case: Case, station: Station, since: float, until: float, row: str) -> list[float]:
    """FAIL unless the period is the fast one between two moments at which nothing else makes it send."""
    longest_silence(case, station, since, until, row)
    times = heard(station, since, until)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    lower = FAST_PERIODIC_TIME - TIMER_TOLERANCE
    case.within(min(gaps), lower, None, f"shortest time between LACPDUs on {station.wire.name}", row=row)
    return gaps


def slow_gaps(case: Case, station: Station, since: float, until: float, row: str) -> None:
    """FAIL unless the period is the slow one, from a moment at which it began.

    What is sent at once is what that moment brought with it (NTT).
    """
    times = [since, *heard(station, since + PROMPT, until)]
    lower = SLOW_PERIODIC_TIME - TIMER_TOLERANCE
    upper = SLOW_PERIODIC_TIME + TIMER_TOLERANCE + case.late
    for earlier, later in pairwise(times):
        case.within(later - earlier, lower, upper, f"time between LACPDUs on {station.wire.name}", row=row)
    words = f"time since the last LACPDU on {station.wire.name}"
    case.within(until - times[-1], None, upper, words, row=row)
