"""A LAG of the managed switch: configured over SSH, looked at by SSH and console, put back in any case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, TypeVar

from harness.bench.wire import Wire
from harness.case.case import Case
from harness.switch import Switch
from harness.switch.agree import agree
from harness.switch.parsers import Internal, Neighbor

T = TypeVar("T")

ASK_AGAIN = 0.25
"""Seconds between two commands that ask the same."""


class SwitchLag:
    """A channel group over some wires; ``ports`` maps a wire's name to the switch's port on it."""

    def __init__(self, case: Case, wires: Sequence[Wire], group: int) -> None:
        self.group = group
        self.ssh: Switch = case.bench.switch("ssh")
        self.console: Switch = case.bench.switch("console")
        self.ports = {wire.name: case.bench.lab.wire(wire.name).switch_port or "" for wire in wires}
        self._case = case

    def flags(self) -> dict[str, str]:
        """`show etherchannel summary`: flags by wire, "P" where the switch has bundled its port."""
        found = {member.port: member.flags for member in self.ssh.lag(self.group)}
        return {wire: found.get(port, "not in the group") for wire, port in self.ports.items()}

    def neighbors(self) -> dict[str, Neighbor]:
        """`show lacp neighbor`: the partner that the switch hears, by wire."""
        found = {row.port: row for row in self.ssh.neighbors() if row.group == self.group}
        return {wire: found[port] for wire, port in self.ports.items() if port in found}

    def internals(self) -> dict[str, Internal]:
        """`show lacp internal`: the switch's own ports, by wire."""
        found = {row.port: row for row in self.ssh.internals() if row.group == self.group}
        return {wire: found[port] for wire, port in self.ports.items() if port in found}

    def agree(self) -> None:
        """SSH and console must show the same switch, or the bench is broken: raises BenchError."""
        for name, fact in agree(self.ssh, self.console).items():
            self._case.report(f"{name}: {fact}")


@contextmanager
def switch_lag(
    case: Case,
    wires: Sequence[Wire],
    *,
    mode: Literal["active", "passive"] = "active",
    rate: Literal["fast", "normal"] = "fast",
) -> Iterator[SwitchLag]:
    """A LAG of the switch's ports on these wires, with a free number; after the block it is gone.

    The driver's journal knows every change before it is made; what was changed within the block, and wires
    that were cut, are put back too.
    """
    lag = SwitchLag(case, wires, _free_group(case.bench.switch("ssh")))
    try:
        lag.ssh.channel_group(lag.ports.values(), lag.group, mode, rate)
        yield lag
    finally:
        for wire in wires:
            wire.restore()
        lag.ssh.restore()


def ask(case: Case, question: Callable[[], T | None], within: float) -> T | None:
    """Put a question that takes its time, such as a command of the switch, until the answer is true.

    Between two of them the bench goes on. The last one is put when the time is over, however long they take.
    """
    deadline = case.now() + within
    while True:
        asked = case.now()
        answer = question()
        if answer or asked >= deadline:
            return answer
        case.run_for(ASK_AGAIN)


def _free_group(switch: Switch) -> int:
    used = {int(row["group"]) for row in switch.parsed("show etherchannel summary")}
    return min(set(range(1, len(used) + 2)) - used)
