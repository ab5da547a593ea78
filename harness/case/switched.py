"""A LAG of the managed switch: configured over SSH, looked at by SSH and console, put back in any case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, TypeVar

from harness.case.case import Case
from harness.case.outage import outage
from harness.case.premises import step_missed
from harness.pdu import State
from harness.switch import Internal, Neighbor, Switch
from harness.verdict import Inconclusive
from harness.wire.wire import Wire

T = TypeVar("T")

BUNDLED = "bundled"

ASK_AGAIN = 0.25
"""Seconds between two commands that ask the same."""


class SwitchLag:
    """A channel group over some wires; ``ports`` maps a wire's name to the switch's port on it, ``switch`` is
    the command line by which it is made and read."""

    def __init__(self, case: Case, wires: Sequence[Wire], group: int) -> None:
        self.group = group
        self.switch = switch_of(case)
        self._wires = wires
        port_of = {wire.name: case.bench.lab.wire(wire.name).switch_port or "" for wire in wires}
        self.ports = {name: self.switch.port_name(port) for name, port in port_of.items()}
        self._case = case

    def flags(self) -> dict[str, str]:
        """By wire: "bundled" where the switch has bundled its port, else its own word for that port."""
        found = {member.port: member for member in self.switch.lag(self.group)}
        members = {wire: found.get(port) for wire, port in self.ports.items()}
        return {
            wire: "not in the LAG" if member is None else BUNDLED if member.bundled else member.flags
            for wire, member in members.items()
        }

    def all_bundled(self, within: float) -> None:
        """Wait until the switch has bundled every port of it: a premise, of SL-01 or of the step before it.

        Raises Inconclusive where the implementation has done its part: see `unwilling`.
        """
        every = dict.fromkeys(self.ports, BUNDLED)
        seen: dict[str, str] = {}

        def bundled() -> bool:
            seen.update(self.flags())
            return seen == every

        if ask(self._case, bundled, within=within):
            return
        reason = unwilling(self._case, self._wires)
        if reason is None:
            raise Inconclusive(
                "the implementation answers the switch's LACPDUs in sync, and the switch does not bundle its "
                f"ports: {seen}"
            )
        row, why = reason
        self._case.unmet(row, f"ports of the LAG, as the switch shows them: {every}", f"{seen}; {why}")

    def neighbors(self) -> dict[str, Neighbor]:
        """The partner that the switch hears, by wire."""
        found = {row.port: row for row in self.switch.neighbors() if row.group == self.group}
        return {wire: found[port] for wire, port in self.ports.items() if port in found}

    def internals(self) -> dict[str, Internal]:
        """The switch's own ports, by wire."""
        found = {row.port: row for row in self.switch.internals() if row.group == self.group}
        return {wire: found[port] for wire, port in self.ports.items() if port in found}

    def reload(self) -> None:
        """Reload the switch; returns when it is set up as before, and its links are back: see `outage`.

        Raises as `Switch.reload`.
        """
        with outage(self._case):
            self.switch.reload()

    def agree(self) -> None:
        """SSH and console must show the same switch, or the bench is broken: raises BenchError."""
        other = self._case.bench.switch("console")
        for name, fact in self._case.bench.switch("ssh").agree(other).items():
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
    lag = SwitchLag(case, wires, _free_group(switch_of(case)))
    try:
        lag.switch.make_lag(lag.ports.values(), lag.group, mode, rate)
        yield lag
    finally:
        for wire in wires:
            wire.restore()
        lag.switch.restore()


def switch_of(case: Case) -> Switch:
    """The switch by the first way to it that the lab file has. Raises BenchError where there is none."""
    section = case.bench.lab.switch
    return case.bench.switch(section.ways[0] if section is not None else "ssh")


def unwilling(case: Case, wires: Sequence[Wire]) -> tuple[str, str] | None:
    """Which row is broken where a switch may not bundle its ports on these wires, and how.

    None where the implementation has done its part: its last LACPDU on each is in sync, with the switch's
    identity in it, and all are of one LAG.
    """
    lags = set()
    for wire in wires:
        with case.loop.lock:
            last = {frame.sent: frame for frame in wire.frames if frame.is_lacpdu}
        own, switch = last.get(False), last.get(True)
        if own is None:
            return "PT-01", f"no LACPDU of the implementation on {wire.name}"
        if switch is None:
            return "SL-01", f"no LACPDU of the switch on {wire.name}"
        seen = f"the implementation's last LACPDU on {wire.name}: {own.text()}"
        if own.partner.identity != switch.actor.identity:
            return "LF-26", seen
        if State.Synchronization not in own.actor.state:
            return step_missed([own]), seen
        lags.add((own.actor.system_priority, own.actor.system, own.actor.key))
    return (
        None
        if len(lags) == 1
        else ("SL-01", f"the implementation's ports are of several LAGs: {sorted(lags)}")
    )


def oddities(case: Case, wires: Sequence[Wire]) -> list[str]:
    """What the switch's last LACPDUs on these wires should not be, a sentence each: it is the bench's.

    The operational key is never 0 (43.3.5), and the source address of an LACPDU is the port's own (43.4.2.1).
    """
    found: list[str] = []
    links: dict[str, list[str]] = {}
    for wire in wires:
        with case.loop.lock:
            last = next((frame for frame in reversed(wire.frames) if frame.sent and frame.is_lacpdu), None)
        if last is None:
            continue
        links.setdefault(last.source, []).append(wire.name)
        if last.actor.key == 0:
            found.append(f"the switch says key 0 on {wire.name}")
    same = {source: names for source, names in links.items() if len(names) > 1}
    return found + [
        f"LACPDUs of the switch on {', '.join(names)} have one source address, {source}"
        for source, names in same.items()
    ]


def ask(case: Case, question: Callable[[], T | None], within: float) -> T | None:
    """Put a question that takes its time, such as a command of the switch, until the answer is true.

    Between two of them the bench goes on. The last one is put when the clause's time is over, however long
    they take.
    """
    deadline = case.now() + case.latest(within)
    while True:
        asked = case.now()
        answer = question()
        if answer or asked >= deadline:
            return answer
        case.run_for(ASK_AGAIN)


def _free_group(switch: Switch) -> int:
    used = set(switch.lags())
    return min(set(range(1, len(used) + 2)) - used)
