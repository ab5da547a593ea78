"""A device's edge: when it sees what comes, when what it sends leaves, and how frames look on the wire."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from harness.pdu import SLOW_PROTOCOLS_ADDRESS, Frame
from harness.pdu.layers import SLOW_PROTOCOLS_TYPE
from harness.reference import Reference
from testcases.selftest.devices.device import Device

ROUNDING = 1e-9
"""Seconds."""


class Boundary(Reference):
    """The reference model behind a device's own times; all that it decides is the model's, by its choices."""

    def __init__(self, device: Device) -> None:
        super().__init__(device.choices())
        self.device = device
        self._times = device.timing
        self._later: list[tuple[float, int, Callable[[float], None]]] = []
        self._count = 0
        self._changes: Counter[str] = Counter()  # of carrier, by port
        self._negotiated: set[str] = set()  # ports whose medium is another since they had carrier
        self._running = False
        self._out: list[tuple[str, str, bytes]] = []

    # -- time

    def _moment(self, time: float) -> float:
        """When the device looks, at the earliest: then, or at its next tick."""
        if not self._times.tick:
            return time
        return max(math.ceil((time - ROUNDING) / self._times.tick) * self._times.tick, time)

    def _looks(self, now: float) -> bool:
        return self._moment(now) - now <= ROUNDING

    def _at(self, time: float, now: float, act: Callable[[float], None]) -> None:
        """Do something at a time, which may be now."""
        if time <= now:
            act(now)
            return
        self._count += 1
        heapq.heappush(self._later, (time, self._count, act))

    def deadline(self) -> float | None:
        due = [self._later[0][0]] if self._later else []
        own = super().deadline()
        return min([*due, *([self._moment(own)] if own is not None else [])], default=None)

    def advance(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            time, _, act = heapq.heappop(self._later)
            act(time)
        own = super().deadline()
        passed = own is not None and self._moment(own) <= now  # a tick, while something else took a moment
        if passed or self._looks(now):
            super()._settle(now)

    def _settle(self, now: float) -> None:
        if self._looks(now):
            super()._settle(now)
        else:
            self._at(self._moment(now), now, super()._settle)

    # -- what comes

    def configure(self, now: float, request: Mapping[str, object]) -> None:
        self._running = True
        if request.get("do") == "set" and request.get("variable") in self.device.refuses:
            raise ValueError(f"{request.get('variable')}: this device does not have it")
        super().configure(now, request)

    def link(self, now: float, port: str, up: bool) -> None:
        self._changes[port] += 1
        if not self._running:  # the carrier that was there when it was started
            super().link(now, port, up)
            return
        seen = self._moment(now + (self._times.up if up else self._times.down))
        self._at(seen, now, partial(self._see_link, port, up, self._changes[port]))

    def _see_link(self, port: str, up: bool, change: int, now: float) -> None:
        if change != self._changes[port]:
            return
        if up and port in self._negotiated:  # another medium is seen, however short the outage was
            self._negotiated.discard(port)
            super().link(now, port, up=False)
        if up is not self._links[port][0]:
            super().link(now, port, up)

    def medium(self, now: float, port: str, speed_mbps: int, full_duplex: bool) -> None:
        self._negotiated.add(port)
        super().medium(now, port, speed_mbps, full_duplex)

    def receive(self, now: float, port: str, frame: bytes) -> None:
        seen = self.device.takes(frame, self._macs[port])
        member = self._port(port)
        if member is None or seen is None:
            return
        if not is_control(seen):
            super().receive(now, port, seen)
        elif member.port_enabled and not member.BEGIN:  # nobody has looked at one that has not begun
            self._at(self._moment(now + self._times.ingress), now, partial(self._hear, port, seen))

    def _hear(self, port: str, frame: bytes, now: float) -> None:
        super().receive(now, port, frame)

    # -- what leaves

    def take(self) -> list[tuple[str, str, bytes]]:
        for kind, end, data in super().take():
            if kind == "client" or not is_control(data):
                self._out.append((kind, end, data))
                continue
            data = self.device.sends(data, self._macs[end])
            response = Frame(0.0, data, False, end).is_marker_response
            wait = self._times.egress + (self._times.response if response else 0.0)
            leave = partial(self._leave, end, data, self._changes[end])
            self._at(self.model.now + wait, self.model.now, leave)
        taken, self._out = self._out, []
        return taken

    def _leave(self, port: str, data: bytes, change: int, now: float) -> None:
        if change == self._changes[port]:
            self._out.append(("port", port, data))


def is_control(frame: bytes) -> bool:
    """Whether a frame is the Control Parser's (43.2.9)."""
    seen = Frame(0.0, frame, True, "")
    return seen.type == SLOW_PROTOCOLS_TYPE and seen.destination == SLOW_PROTOCOLS_ADDRESS
