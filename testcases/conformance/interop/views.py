"""One LAG as three see it: the wires, the implementation, the switch's command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.actors.actor import Aggregate
from harness.bench.wire import Wire
from harness.case import Case, SwitchLag, ask, lacpdu
from harness.case.case import BRING_UP_TIME
from harness.pdu import Frame, PortInfo
from harness.timers import FAST_PERIODIC_TIME

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


def link(case: Case, wire: Wire) -> Link | None:
    """The last LACPDUs on a wire; None where an end has not spoken yet."""
    last: dict[bool, Frame] = {}
    with case.loop.lock:
        for frame in reversed(wire.frames):
            if frame.is_lacpdu:
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


def bundled(case: Case, lag: SwitchLag) -> None:
    """FAIL unless the switch bundles each of its ports."""
    every = dict.fromkeys(lag.ports, "P")
    ask(case, lambda: lag.flags() == every, within=BRING_UP_TIME)
    case.equal(lag.flags(), every, "flags in `show etherchannel summary`:", row="SL-01")


def one_lag(case: Case, links: dict[str, Link]) -> None:
    """FAIL unless all links have one LAG ID: the systems and keys of both ends (43.3.6)."""
    ids = {name: [seen.own.actor, seen.switch.actor] for name, seen in links.items()}
    first = next(iter(ids.values()))
    for name, ends in ids.items():
        for info, other in zip(ends, first, strict=True):
            case.equal(_half_id(info), _half_id(other), f"half of the LAG ID on {name}:", row="SL-01")


def _half_id(info: PortInfo) -> tuple[int, str, int]:
    return info.system_priority, info.system, info.key


def status_as_on_the_wires(
    case: Case, aggregate: Aggregate, wires: Sequence[Wire], links: dict[str, Link]
) -> None:
    """FAIL unless the implementation says of itself what its LACPDUs say."""
    said = aggregate.status().ports
    for wire in wires:
        own, port, words = links[wire.name].own, said[wire.port], f"of {wire.port} in the status:"
        case.equal(port.actor.text(), own.actor.text(), f"Actor {words}", row="MG-05")
        case.equal(port.partner.text(), own.partner.text(), f"Partner {words}", row="MG-05")
        flags = (port.collecting, port.distributing)
        case.equal(flags, (True, True), f"collecting and distributing {words}", row="MG-05")


def switch_as_on_the_wires(case: Case, lag: SwitchLag, links: dict[str, Link]) -> None:
    """FAIL unless the switch's command line shows what it heard of the implementation, and said of itself."""
    neighbors, internals = lag.neighbors(), lag.internals()
    for name, seen in links.items():
        port = lag.ports[name]
        for command, rows, info in (
            ("show lacp neighbor", neighbors, seen.own.actor),
            ("show lacp internal", internals, seen.switch.actor),
        ):
            if name not in rows:
                case.fail(f"{port} in `{command}`", f"only {', '.join(rows) or 'nothing'}", row="SL-01")
            row = rows[name]
            shown = (row.key, row.port_priority, row.port_number, row.state)
            said = (info.key, info.port_priority, info.port, int(info.state))
            case.equal(shown, said, f"key, priority, number and state of {port} in `{command}`:", row="SL-01")
        case.equal(neighbors[name].system, seen.own.actor.system, f"partner at {port}:", row="SL-01")
