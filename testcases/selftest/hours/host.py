"""A host without I/O: a System whose ports are on wires, doing what the core asks of it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence

from agr.core.outputs import Detachment, Hold, Output, Transmit
from agr.core.system import System
from testcases.selftest.hours.wire import Wire

# How late a host may be in saying that a hold is in force, in seconds
HOLD_DELAYS = (0.0, 0.002, 0.05)


class Host:
    """``ports`` are the names of those that are attached; ``plugs`` where each name is plugged in."""

    def __init__(self, number: int, seen: Callable[[float, Output], None] = lambda now, output: None) -> None:
        self.system = System()
        self.ports: dict[str, str] = {}
        self.plugs: dict[str, tuple[Wire, int]] = {}
        self.leaving: set[str] = set()
        self._number = number
        self._seen = seen
        self._holds: list[tuple[float, str]] = []
        self.hold_delay = HOLD_DELAYS[0]

    def mac(self, port: str) -> bytes:
        """The address of ``port``."""
        return bytes((2, 0, 0, 0, self._number, int(port.removeprefix("re"))))

    def plug(self, port: str, wire: Wire, end: int) -> None:
        """Put ``port`` on one end of a wire."""
        self.plugs[port] = (wire, end)
        wire.ends[end] = lambda now, frame: self.receive(now, port, frame)

    def attach(self, now: float, port: str, aggregate: str) -> None:
        """agrport; refused where two aggregates would be one System with one key."""
        try:
            self.system.add_port(now, port, self.mac(port), aggregate)
        except ValueError:
            return
        self.ports[port] = aggregate
        self.carrier(now, port)

    def carrier(self, now: float, port: str, speed_mbps: int | None = None, full_duplex: bool = True) -> None:
        """The carrier of the wire is what the port sees."""
        if port in self.ports:
            self.system.set_link(now, port, self.plugs[port][0].up, speed_mbps, full_duplex)
        self.drain(now)

    def detach(self, now: float, port: str) -> None:
        """A planned -agrport."""
        self.leaving.add(port)
        self.system.detach(now, port)
        self.drain(now)

    def lose(self, now: float, port: str) -> None:
        """The interface is gone."""
        self.system.remove_port(now, port)
        self._forget(port)
        self.drain(now)

    def restart(self, now: float) -> None:
        """The process is killed, and another one goes on with what was saved."""
        saved = json.dumps(self.system.snapshot(now))
        self.system = System()
        self._holds.clear()
        self.system.restore(now, json.loads(saved))
        self.drain(now)

    def set(self, now: float, aggregate: str, variable: str, value: str, port: str | None = None) -> None:
        """agrconfig; what is refused changes nothing."""
        with contextlib.suppress(ValueError):
            self.must_set(now, aggregate, variable, value, port)

    def must_set(
        self, now: float, aggregate: str, variable: str, value: str, port: str | None = None
    ) -> None:
        """agrconfig, which is not refused."""
        self.system.configure(now, aggregate, variable, value, port)
        self.drain(now)

    def receive(self, now: float, port: str, frame: bytes) -> None:
        """A frame arrives."""
        if port in self.ports:
            self.system.receive(now, port, frame)
            self.drain(now)

    def deadline(self) -> float | None:
        """When `advance` must be called next."""
        times = [at for at, _ in self._holds]
        core = self.system.deadline()
        return min(times if core is None else [*times, core], default=None)

    def advance(self, now: float) -> None:
        """Time is ``now``."""
        due = [name for at, name in self._holds if at <= now]
        self._holds = [(at, name) for at, name in self._holds if at > now]
        for aggregate in due:
            self.system.held(now, aggregate)
            self.drain(now)
        self.system.advance(now)
        self.drain(now)

    def drain(self, now: float) -> None:
        """Do what the core asks for."""
        while outputs := self.system.take():
            for output in outputs:
                self._seen(now, output)
                self._perform(now, output)

    def _perform(self, now: float, output: Output) -> None:
        if isinstance(output, Transmit):
            wire, end = self.plugs[output.port]
            wire.send(now, end, output.frame)
            self.system.sent(now, output)
        elif isinstance(output, Hold):
            if self.hold_delay:
                self._holds.append((now + self.hold_delay, output.aggregator))
            else:
                self.system.held(now, output.aggregator)
        elif isinstance(output, Detachment):
            self._forget(output.port)

    def _forget(self, port: str) -> None:
        self.ports.pop(port, None)
        self.leaving.discard(port)

    def ports_of(self, aggregate: str) -> Sequence[str]:
        """The ports attached to ``aggregate``."""
        return [port for port, owner in self.ports.items() if owner == aggregate]
