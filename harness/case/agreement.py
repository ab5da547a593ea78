"""What an implementation says of itself, compared with the wire: the two are never read at one moment.

So the wire is looked at on both sides of each reading. A reading between two looks that are alike is compared
with what they show. Where the wire changes within every reading, as on a slow host, the last one must be as
the wire was at some moment meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from harness.case.case import Case
from harness.case.switched import ASK_AGAIN
from harness.dut.implementation import Aggregate, PortStatus
from harness.pdu import PortInfo
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.wire.wire import Wire

S = TypeVar("S")
W = TypeVar("W")

Told = Mapping[str, tuple[PortInfo, PortInfo]]
"""Actor and Partner of the implementation's last LACPDU, by wire; a wire without one is not there."""


@dataclass(frozen=True)
class Agreement(Generic[S, W]):
    """The last reading, and the wire before and after it; `right` where they agree."""

    right: bool
    said: S
    before: W
    after: W


def agreement(
    case: Case,
    wires: Sequence[Wire],
    read: Callable[[], S],
    shown: Callable[[float], W],
    alike: Callable[[S, W], bool],
    within: float,
) -> Agreement[S, W]:
    """Read until what is said agrees with the wires; the last reading begins when the clause's time is over.

    One with the wires at rest is waited for as long again, where there was such a one before. `shown` gives
    what the wires have shown up to a moment, bench seconds. What is wrong all the time, or for longer than
    `within` after the wire has changed, never agrees. Where another machine captures, the wires must be at
    rest for the error of its clock before and after, too.
    """
    patience = case.latest(within)
    deadline = case.now() + patience
    clocks = max((wire.tap.clock_error(deadline) for wire in wires), default=0.0)
    still = False  # whether the wire ever stood still during a reading
    while True:
        case.run_for(0)  # every capture has been read to its end
        asked = case.now()
        before = shown(asked - clocks)
        said = read()
        case.run_for(clocks)
        answered = case.now()
        after = shown(answered)
        if before == after and (alike(said, after) or asked >= deadline):
            return Agreement(alike(said, after), said, before, after)
        still |= before == after
        if asked >= deadline + (patience if still else 0.0):
            moments = _moments(case, wires, asked - clocks, answered)
            meanwhile = [before, *map(shown, moments), after]
            return Agreement(any(alike(said, seen) for seen in meanwhile), said, before, after)
        case.run_for(ASK_AGAIN)


def _moments(case: Case, wires: Sequence[Wire], begin: float, end: float) -> list[float]:
    """When slow-protocol frames passed the wires."""
    with case.loop.lock:
        times = {f.time for wire in wires for f in wire.frames if f.subtype is not None}
    return sorted(time for time in times if begin <= time <= end)


def told(case: Case, wires: Sequence[Wire], until: float) -> Told:
    """What the implementation's last LACPDUs up to a moment say."""
    found = {}
    with case.loop.lock:
        for wire in wires:
            own = (f for f in reversed(wire.frames) if f.is_lacpdu and not f.sent and f.time <= until)
            if (last := next(own, None)) is not None:
                found[wire.name] = (last.actor, last.partner)
    return found


def status_as_told(case: Case, aggregate: Aggregate, wires: Sequence[Wire], row: str) -> None:
    """FAIL unless the status comes to say of the ports on these wires what the last LACPDUs on them say.

    Actor, Partner, and whether they collect and distribute. The status may be ahead of the LACPDUs for a
    period of a second: call this when they come so often, or when nothing changes.
    """
    found = agreement(
        case,
        wires,
        lambda: aggregate.status().ports,
        lambda until: told(case, wires, until),
        lambda said, seen: all(_as_told(said, wire, seen) for wire in wires),
        FAST_PERIODIC_TIME,
    )
    differs = [wire for wire in wires if not _as_told(found.said, wire, found.after)]
    case.check(
        found.right,
        f"a status of {', '.join(wire.port for wire in wires)} as in the last LACPDUs",
        "; ".join(_difference(found.said, wire, found.after) for wire in differs),
        row=row,
    )


def _as_told(said: Mapping[str, PortStatus], wire: Wire, seen: Told) -> bool:
    if wire.port not in said or wire.name not in seen:
        return False
    port, (actor, partner) = said[wire.port], seen[wire.name]
    flags = actor.change(Collecting=int(port.collecting), Distributing=int(port.distributing))
    return (port.actor, port.partner) == (actor, partner) and flags == actor


def _difference(said: Mapping[str, PortStatus], wire: Wire, seen: Told) -> str:
    if wire.port not in said or wire.name not in seen:
        return f"no status of {wire.port}, or no LACPDU on {wire.name}"
    port, (actor, partner) = said[wire.port], seen[wire.name]
    flags = f"collecting {port.collecting} distributing {port.distributing}"
    return (
        f"{wire.port}: actor[{port.actor.text()}] partner[{port.partner.text()}] {flags}; "
        f"LACPDU: actor[{actor.text()}] partner[{partner.text()}]"
    )
