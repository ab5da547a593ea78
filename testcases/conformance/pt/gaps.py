"""How far apart LACPDUs are (43.4.13)."""

from __future__ import annotations

from itertools import pairwise

from harness.case import Case
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SLOW_PERIODIC_TIME
from harness.wire.station import Station


def heard(station: Station, since: float, until: float) -> list[float]:
    """When the implementation's LACPDUs between two moments passed the wire."""
    return [frame.time for frame in station.wire.received(since) if frame.is_lacpdu and frame.time <= until]


def longest_silence(case: Case, station: Station, since: float, until: float, row: str) -> None:
    """FAIL where the fast period, or what is left of it at either end, is exceeded between two moments."""
    times = [since, *heard(station, since, until), until]
    longest = max(later - earlier for earlier, later in pairwise(times))
    words, name = f"longest time without an LACPDU on {station.wire.name}", f"{row.lower()}-longest-silence"
    case.within(longest, None, FAST_PERIODIC_TIME, words, id=name, row=row)


def fast_gaps(case: Case, station: Station, since: float, until: float, row: str) -> list[float]:
    """FAIL unless the period is the fast one between two moments at which nothing else makes it send."""
    longest_silence(case, station, since, until, row)
    times = heard(station, since, until)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    words, name = f"shortest time between LACPDUs on {station.wire.name}", f"{row.lower()}-shortest-gap"
    if gaps:
        case.within(min(gaps), FAST_PERIODIC_TIME, None, words, id=name, row=row)
    return gaps


def no_shorter_period(case: Case, station: Station, since: float, until: float, row: str) -> None:
    """FAIL where the period is shorter than the fast one, though news may be told meanwhile.

    An LACPDU that says what the one before said is a period's; two of them in a row are a period apart.
    """
    frames = [frame for frame in station.wire.received(since) if frame.is_lacpdu and frame.time <= until]
    repeated = [False, *(later.data == earlier.data for earlier, later in pairwise(frames))]
    gaps = [
        frames[at].time - frames[at - 1].time
        for at in range(1, len(frames))
        if repeated[at] and repeated[at - 1]
    ]
    if gaps:
        words, name = f"shortest period on {station.wire.name}", f"{row.lower()}-shortest-period"
        case.within(min(gaps), FAST_PERIODIC_TIME, None, words, id=name, row=row)


def slow_gaps(case: Case, station: Station, since: float, until: float, row: str) -> None:
    """FAIL unless the period is the slow one, from a moment at which it began.

    What is sent at once is what that moment brought with it (NTT).
    """
    times = [since, *heard(station, since + PROMPT, until)]
    period = SLOW_PERIODIC_TIME
    for earlier, later in pairwise(times):
        words, name = f"time between LACPDUs on {station.wire.name}", f"{row.lower()}-slow-gap"
        case.within(later - earlier, period, period, words, id=name, row=row)
    words, name = f"time since the last LACPDU on {station.wire.name}", f"{row.lower()}-since-the-last"
    case.within(until - times[-1], None, period, words, id=name, row=row)
