"""The protocol core alone, in virtual time: no socket, no wait, only what its code costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from agr.core import lacpdu
from agr.core.lacpdu import LACPDU, Information, PortState
from agr.core.outputs import Hold, Transmit
from agr.core.system import System
from testcases.benchmarks.figures import Figure, figure
from testcases.benchmarks.progress import Progress

ROUNDS = 9
_AGGREGATES, _PORTS_EACH = 64, 8
_PORTS = _AGGREGATES * _PORTS_EACH
_PERIOD = 1.0
_SETTLED = 5.0
_SECONDS = 4
_WILLING = PortState(
    LACP_Activity=True,
    LACP_Timeout=True,
    Aggregation=True,
    Synchronization=True,
    Collecting=True,
    Distributing=True,
)


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """Two figures without a target."""
    many = _Many()
    handled, simulated = [], []
    for _ in progress.rounds("protocol core", rounds):
        handled.append(_PORTS / _cpu_seconds(many.hear_all))
        simulated.append(_PORTS * _SECONDS / _cpu_seconds(lambda: many.run(_SECONDS)))
    note = f"{_PORTS} ports in {_AGGREGATES} aggregates, in service"
    return [
        figure("core, LACPDUs handled", statistics.median(handled), "a second", samples=handled, note=note),
        figure(
            "core, port-seconds simulated",
            statistics.median(simulated),
            "a second",
            samples=simulated,
            note=f"{note}, a LACPDU each way a second",
        ),
    ]


def _cpu_seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


class _Many:
    """A System whose partners are in service; each speaks once a second."""

    def __init__(self) -> None:
        self._system = System()
        self._now = 0.0
        self._said: dict[str, bytes] = {}
        for number in range(_AGGREGATES):
            name = f"agr{number}"
            self._system.add_aggregator(0.0, name)
            self._system.configure(0.0, name, "timeout", "short")
            for place in range(_PORTS_EACH):
                port = f"{name}.{place}"
                self._system.add_port(0.0, port, bytes((2, 0, 0, 1, number, place)), name)
                self._system.set_link(0.0, port, True, 1000)
        self._do()
        self.run(_SETTLED)
        distributing = sum(len(self._system.distributor(f"agr{n}").ports) for n in range(_AGGREGATES))
        assert distributing == _PORTS, f"only {distributing} of {_PORTS} ports distribute"

    def hear_all(self) -> None:
        """One LACPDU on each port."""
        self._now += _PERIOD / 2
        for port, frame in self._said.items():
            self._system.receive(self._now, port, frame)
        self._do()

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self._now + seconds
        speak = self._now + _PERIOD
        while self._now < end:
            deadline = self._system.deadline()
            self._now = min(speak, end) if deadline is None else min(deadline, speak, end)
            self._system.advance(self._now)
            self._do()
            if self._now >= speak:
                speak += _PERIOD
                for port, frame in self._said.items():
                    self._system.receive(self._now, port, frame)
                self._do()

    def _do(self) -> None:
        while outputs := self._system.take():
            for output in outputs:
                if isinstance(output, Hold):
                    self._system.held(self._now, output.aggregator)
                elif isinstance(output, Transmit):
                    self._system.sent(self._now, output)
                    if output.is_LACPDU:
                        self._echo(output.port, output.frame)

    def _echo(self, port: str, frame: bytes) -> None:
        """The partner takes in what was said, and says so with its next LACPDU."""
        actor = lacpdu.decode(frame).actor
        number, place = (int(part) for part in port.removeprefix("agr").split("."))
        peer = Information(0x8000, b"\2\xaa\xaa\xaa\xaa" + bytes((number,)), 7, 0x8000, place + 1, _WILLING)
        self._said[port] = lacpdu.encode(LACPDU(peer, actor, 0), b"\2\0\0\2" + bytes((number, place)))
