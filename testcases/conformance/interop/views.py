"""One LAG as three see it: the wires, the implementation, the switch's command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import eq

from harness.case import Case, SwitchLag, lacpdu
from harness.case.agreement import agreement, told
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame, PortInfo
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.switch import Internal, Neighbor
from harness.verdict import BenchError
from harness.wire.wire import Wire

DISTRIBUTING = lacpdu(Synchronization=1, Collecting=1, Distributing=1)


@dataclass(frozen=True)
class Link:
    """What both ends of a link said in their last LACPDUs."""

    own: Frame
    switch: Frame

    @property
    def settled(self) -> bool:
        """Both distribute, and each has heard that of the other."""
        own, switch = self.own, self.switch
        heard = own.partner == switch.actor and switch.partner == own.actor
        return heard and all(info == info.change(Distributing=1) for info in (own.actor, switch.actor))

    def text(self) -> str:
        """For reports."""
        return f"{self.own.text()}; {self.switch.text()}"


def link(case: Case, wire: Wire, until: float = float("inf")) -> Link | None:
    """The last LACPDUs on a wire up to a moment; None where an end had not spoken yet."""
    last: dict[bool, Frame] = {}
    with case.loop.lock:
        for frame in reversed(wire.frames):
            if frame.is_lacpdu and frame.time <= until:
                last.setdefault(frame.sent, frame)
            if len(last) == 2:
                return Link(last[False], last[True])
    return None


def settle(case: Case, wire: Wire) -> Link:
    """Wait until LACP has come to rest on a wire, both ends at the fast rate; FAIL where it does not."""

    def settled() -> Link | None:
        seen = link(case, wire)
        return seen if seen and seen.settled else None

    case.expect(wire, DISTRIBUTING, within=BRING_UP_TIME, row="SL-01")
    found = case.until(settled, within=3 * FAST_PERIODIC_TIME)
    if found is None:
        seen = link(case, wire)
        words = f"both ends of {wire.name} to distribute, and to have heard it of each other"
        case.fail(words, seen.text() if seen else "not an LACPDU of each", row="SL-01")
    return found


def one_lag(case: Case, links: dict[str, Link]) -> None:
    """FAIL unless all links have one LAG ID: the systems and keys of both ends (43.3.6)."""
    ids = {name: [seen.own.actor, seen.switch.actor] for name, seen in links.items()}
    first = next(iter(ids.values()))
    for name, ends in ids.items():
        for info, other in zip(ends, first, strict=True):
            case.equal(_half_id(info), _half_id(other), f"half of the LAG ID on {name}:", row="SL-01")


def _half_id(info: PortInfo) -> tuple[int, str, int]:
    return info.system_priority, info.system, info.key


def switch_as_on_the_wires(case: Case, lag: SwitchLag, wires: Sequence[Wire]) -> None:
    """FAIL unless the switch's command line shows what it heard of the implementation.

    BenchError where it does not show what it says of itself: that is its own affair.
    """
    for command, own, read in (
        ("show lacp neighbor", True, lag.neighbors),
        ("show lacp internal", False, lag.internals),
    ):
        said_there = partial(said, case, wires, own)
        found = agreement(case, wires, partial(shown, read), said_there, eq, FAST_PERIODIC_TIME)
        ports = ", ".join(lag.ports.values())
        words = f"{ports} in `{command}` as on the wires, key, priority, number and state: {found.after}"
        if not own and not found.right:
            raise BenchError(f"the switch does not show {words}; it shows {found.said}")
        case.check(found.right, words, found.said, row="SL-01")
    systems = {name: row.system for name, row in lag.neighbors().items()}
    heard = {name: seen[0].system for name, seen in told(case, wires, case.now()).items()}
    case.equal(systems, heard, "partners in `show lacp neighbor`:", row="SL-01")


Shown = dict[str, tuple[int, int, int, int]]
"""Key, port priority, port number and state of an end, by wire."""


def shown(read: Callable[[], Mapping[str, Neighbor | Internal]]) -> Shown:
    """Those that the switch shows."""
    return {name: (row.key, row.port_priority, row.port_number, row.state) for name, row in read().items()}


def said(case: Case, wires: Sequence[Wire], own: bool, until: float) -> Shown:
    """Those of the last LACPDUs up to a moment of the implementation, its own, or of the switch."""
    links = {wire.name: link(case, wire, until) for wire in wires}
    infos = {name: (seen.own if own else seen.switch).actor for name, seen in links.items() if seen}
    return {name: (info.key, info.port_priority, info.port, int(info.state)) for name, info in infos.items()}
