"""Conversations that come on another interface than before, and how long each was interrupted by that."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.traffic.flows import FLOWS_MOST


class Handovers:
    """`accept` takes frames in the order in which they came; indexes of interfaces begin at 1."""

    def __init__(self) -> None:
        self._times: NDArray[np.int64] = np.zeros(FLOWS_MOST, np.int64)
        self._indexes: NDArray[np.uint32] = np.zeros(FLOWS_MOST, np.uint32)
        self._gaps: list[NDArray[np.int64]] = []

    def accept(
        self, flows: NDArray[np.uint16], times: NDArray[np.int64], indexes: NDArray[np.uint32]
    ) -> None:
        """The flow, the time stamp (ns) and the interface of each frame."""
        if len(flows) == 0:
            return
        order = np.argsort(flows, kind="stable")
        flow, time, index = flows[order], times[order], indexes[order]
        first = np.flatnonzero(np.concatenate(([True], flow[1:] != flow[:-1])))
        time_before, index_before = np.empty_like(time), np.empty_like(index)
        time_before[1:], index_before[1:] = time[:-1], index[:-1]
        time_before[first], index_before[first] = self._times[flow[first]], self._indexes[flow[first]]
        over = (index_before != 0) & (index_before != index)
        if over.any():
            self._gaps.append(np.maximum(time[over] - time_before[over], 0))
        last = np.append(first[1:], len(flow)) - 1
        self._times[flow[last]], self._indexes[flow[last]] = time[last], index[last]

    def take(self) -> list[int]:
        """Interruptions (ns), one for each conversation and change of its interface, since the last call.

        What comes next is a beginning: a pause of the sender interrupts nothing.
        """
        found = np.concatenate(self._gaps).tolist() if self._gaps else []
        self._gaps.clear()
        self._indexes[:] = 0
        return list(found)
