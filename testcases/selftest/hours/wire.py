"""A wire between two ports in virtual time: in order, with a delay, losses and repetitions."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

Deliver = Callable[[float, bytes], None]

_order = itertools.count()


@dataclass(order=True)
class _Arrival:
    at: float
    number: int
    wire: Wire = field(compare=False)
    end: int = field(compare=False)
    frame: bytes = field(compare=False)


class Sky:
    """All frames under way, of all wires."""

    def __init__(self) -> None:
        self._arrivals: list[_Arrival] = []

    def next(self) -> float | None:
        """When the next frame arrives."""
        return self._arrivals[0].at if self._arrivals else None

    def put(self, at: float, wire: Wire, end: int, frame: bytes) -> None:
        """``frame`` will reach ``end`` of ``wire``."""
        heapq.heappush(self._arrivals, _Arrival(at, next(_order), wire, end, frame))

    def deliver(self, now: float) -> None:
        """Hand over what has arrived."""
        while self._arrivals and self._arrivals[0].at <= now:
            arrival = heapq.heappop(self._arrivals)
            arrival.wire.arrive(now, arrival.end, arrival.frame)


class Wire:
    """``ends`` are called with the time and the frame; ``up`` is its carrier."""

    def __init__(self, sky: Sky, draw: Random) -> None:
        self.ends: list[Deliver] = [_nobody, _nobody]
        self.up = False
        self.loss = 0.0
        self.repetition = 0.0
        self.delay = 0.0
        self._sky = sky
        self._draw = draw
        self._last = [0.0, 0.0]

    def send(self, now: float, end: int, frame: bytes) -> None:
        """``end`` sends a frame to the other one."""
        if not self.up or self._draw.random() < self.loss:
            return
        for _ in range(1 + (self._draw.random() < self.repetition)):
            arrival = max(self._last[end], now + self._draw.uniform(0, self.delay))
            self._last[end] = arrival
            self._sky.put(arrival, self, 1 - end, frame)

    def arrive(self, now: float, end: int, frame: bytes) -> None:
        """A frame is at ``end``; without carrier it is lost."""
        if self.up:
            self.ends[end](now, frame)


def _nobody(now: float, frame: bytes) -> None:
    """An end with nothing on it."""
