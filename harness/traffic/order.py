"""What became of the frames of each flow: seen, doubled, overtaken, missing. Exact, in bounded memory.

A frame is reordered when one of its flow that was sent later has come before it (RFC 4737), and duplicated
when it has come before itself. Only the places that are missing so far are remembered.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from harness.traffic.flows import FLOWS_MOST

Integers = NDArray[np.int64]


class _Missing:
    """The sequence numbers of one flow that were passed over, as ranges [start, end) in rising order."""

    def __init__(self) -> None:
        self._starts = array("q")
        self._ends = array("q")

    def extend(self, starts: Integers, ends: Integers) -> None:
        """More ranges, all beyond those there are."""
        self._starts.frombytes(starts.tobytes())
        self._ends.frombytes(ends.tobytes())

    def take(self, sequence: int) -> bool:
        """Whether it was missing; it is no more."""
        at = bisect_right(self._starts, sequence) - 1
        if at < 0 or sequence >= self._ends[at]:
            return False
        start, end = self._starts[at], self._ends[at]
        if sequence > start:
            self._ends[at] = sequence
            if sequence + 1 < end:
                self._starts.insert(at + 1, sequence + 1)
                self._ends.insert(at + 1, end)
        elif sequence + 1 < end:
            self._starts[at] = sequence + 1
        else:
            del self._starts[at], self._ends[at]
        return True


class Order:
    """Counts per flow; `accept` takes frames in the order in which they came."""

    def __init__(self) -> None:
        self.received: Integers = np.zeros(FLOWS_MOST, np.int64)
        self.duplicated: Integers = np.zeros(FLOWS_MOST, np.int64)
        self.reordered: Integers = np.zeros(FLOWS_MOST, np.int64)
        self.highest: Integers = np.full(FLOWS_MOST, -1, np.int64)
        self._missing: dict[int, _Missing] = {}

    def accept(self, flows: NDArray[np.uint16], sequences: Integers) -> None:
        """Frames in order of arrival: the flow and the place in it of each."""
        if len(flows) == 0:
            return
        self.received += np.bincount(flows, minlength=FLOWS_MOST)
        order = np.argsort(flows, kind="stable")
        flow, sequence = flows[order], sequences[order]
        first = np.flatnonzero(np.concatenate(([True], flow[1:] != flow[:-1])))
        before = np.empty_like(sequence)
        before[1:] = sequence[:-1]
        before[first] = self.highest[flow[first]]
        step = sequence - before
        if int(step.min()) < 1:
            self._one_by_one(flow, sequence, first)
            return
        gaps = np.flatnonzero(step > 1)
        if len(gaps):
            self._pass_over(flow[gaps], before[gaps] + 1, sequence[gaps])
        last = np.append(first[1:], len(flow)) - 1
        self.highest[flow[last]] = sequence[last]

    def _one_by_one(self, flow: NDArray[np.uint16], sequence: Integers, first: Integers) -> None:
        """The same for flows of which a frame came late: each by itself."""
        for number, mine in zip(flow[first].tolist(), np.split(sequence, first[1:]), strict=True):
            highest = np.maximum.accumulate(np.concatenate(([self.highest[number]], mine)))
            before = highest[:-1]
            gaps = mine > before + 1
            missing = self._missing.setdefault(number, _Missing())
            missing.extend(before[gaps] + 1, mine[gaps])
            for late in mine[mine <= before].tolist():
                if missing.take(late):
                    self.reordered[number] += 1
                else:
                    self.duplicated[number] += 1
            self.highest[number] = highest[-1]

    def _pass_over(self, flow: NDArray[np.uint16], starts: Integers, ends: Integers) -> None:
        bounds = np.flatnonzero(flow[1:] != flow[:-1]) + 1
        parts = zip(np.split(flow, bounds), np.split(starts, bounds), np.split(ends, bounds), strict=True)
        for numbers, some_starts, some_ends in parts:
            missing = self._missing.setdefault(int(numbers[0]), _Missing())
            missing.extend(some_starts, some_ends)
