"""What is due next, among many."""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from itertools import count
from typing import Generic, TypeVar

_MOST_STALE = 64

Thing = TypeVar("Thing", bound=Hashable)


class Schedule(Generic[Thing]):
    """One time for each thing; the earliest is found without looking at the others."""

    def __init__(self) -> None:
        self._times: dict[Thing, float] = {}
        self._heap: list[tuple[float, int, Thing]] = []  # also times that hold no more
        self._order = count()

    def set(self, thing: Thing, time: float | None) -> None:
        """``thing`` is due at ``time``, and at no other; None: never."""
        if time is None:
            self._times.pop(thing, None)
        elif self._times.get(thing) != time:
            self._times[thing] = time
            heapq.heappush(self._heap, (time, next(self._order), thing))
            if len(self._heap) > 2 * len(self._times) + _MOST_STALE:
                self._heap = [(time, next(self._order), thing) for thing, time in self._times.items()]
                heapq.heapify(self._heap)

    def next(self) -> tuple[float, Thing] | None:
        """The earliest time and its thing; None when nothing is due ever."""
        heap = self._heap
        while heap:
            time, _, thing = heap[0]
            if self._times.get(thing) == time:
                return time, thing
            heapq.heappop(heap)
        return None
