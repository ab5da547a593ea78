"""Two Systems, wired back to back."""

from __future__ import annotations

from typing import Any

from agr.core.outputs import Hold, Transmit
from agr.core.system import System
from testcases.selftest.core.lab import mac


class Pair:
    """agr0 here and agr0 there; re<n> here is wired to re<n> there."""

    def __init__(self, links: int, here: dict[str, str], there: dict[str, str]) -> None:
        self.now = 0.0
        self.systems = (System(), System())
        self.lacpdus = 0
        for side, (system, variables) in enumerate(zip(self.systems, (here, there), strict=True)):
            system.add_aggregator(0.0, "agr0")
            for variable, value in variables.items():
                system.configure(0.0, "agr0", variable, value)
            for number in range(links):
                system.add_port(0.0, f"re{number}", mac(0x10 * side + number), "agr0")

    def link(self, number: int, up: bool) -> None:
        for system in self.systems:
            system.set_link(self.now, f"re{number}", up)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            self.deliver()
            deadlines = [d for d in (system.deadline() for system in self.systems) if d is not None]
            if not deadlines or min(deadlines) > end:
                break
            self.now = min(deadlines)
            for system in self.systems:
                system.advance(self.now)
        self.now = end

    def deliver(self) -> None:
        moved = True
        while moved:
            moved = False
            for source, sink in (self.systems, reversed(self.systems)):
                for output in source.take():
                    if isinstance(output, Transmit):
                        moved = True
                        self.lacpdus += 1
                        source.sent(self.now, output)
                        sink.receive(self.now, output.port, output.frame)
                    elif isinstance(output, Hold):
                        moved = True
                        source.held(self.now, output.aggregator)

    def set(self, side: int, variable: str, value: str, port: str | None = None) -> None:
        self.systems[side].configure(self.now, "agr0", variable, value, port)

    def ports(self, side: int) -> dict[str, dict[str, Any]]:
        """What the side's `status` says of its ports."""
        ports: dict[str, dict[str, Any]] = self.systems[side].status(self.now)["aggregates"]["agr0"]["ports"]
        return ports

    def moves(self, side: int) -> dict[str, int]:
        """What the side's `status` says of conversations that move."""
        moves: dict[str, int] = self.systems[side].status(self.now)["aggregates"]["agr0"]["moves"]
        return moves

    def distributing(self) -> tuple[list[str], list[str]]:
        here, there = (list(system.distributor("agr0").ports) for system in self.systems)
        return here, there
