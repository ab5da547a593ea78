"""Whether the tester kept the slow protocols' rate itself (43B.2), by its own captures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from harness.wire.wire import Wire

RATE_TIME = 1.0
"""Seconds in which 43B.2 counts the frames of one slow protocol on one port."""


def overruns(wires: Iterable[Wire], limit: int) -> list[str]:
    """Where the tester sent more than `limit` frames of one slow protocol within a second, in words.

    A wire to the switch does not count: what comes from there is the switch's.
    """
    found = []
    for wire in wires:
        recent: dict[int, deque[float]] = {}
        most: dict[int, int] = {}
        for frame in wire.frames if wire.straight else ():
            if frame.sent and frame.subtype is not None:
                times = recent.setdefault(frame.subtype, deque())
                times.append(frame.time)
                while times[0] <= frame.time - RATE_TIME:
                    times.popleft()
                most[frame.subtype] = max(most.get(frame.subtype, 0), len(times))
        found += [
            f"the tester sent {count} frames of slow protocol {subtype} within a second on {wire.name} "
            f"(43B.2 allows {limit})"
            for subtype, count in most.items()
            if count > limit
        ]
    return found
