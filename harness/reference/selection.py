"""The Selection Logic (43.4.14), with standby links (43.6.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from harness.pdu import State
from harness.reference.table import Rule
from harness.reference.variables import Aggregator, Port, Selected


class Lag(NamedTuple):
    """LAG ID (43.3.6). `link` has the port numbers of the two ends of an Individual link, else nothing."""

    system_priority: int
    system: str
    key: int
    partner_system_priority: int
    partner_system: str
    partner_key: int
    link: tuple[int, int] | None


Choose = Callable[[Aggregator, Sequence[Lag]], Lag]
"""Which of several LAGs a free Aggregator serves: the clause leaves it open."""


def first_come(aggregator: Aggregator, lags: Sequence[Lag]) -> Lag:
    """The LAG of the first port, one that is not Individual before one that is."""
    return min(lags, key=lambda lag: lag.link is not None)


def lag_id(port: Port) -> Lag:
    """43.3.6, from the operational values of both ends."""
    own, other = port.actor, port.partner
    individual = not own.state & other.state & State.Aggregation
    return Lag(
        own.system_priority,
        own.system,
        own.key,
        other.system_priority,
        other.system,
        other.key,
        (own.port, other.port) if individual else None,
    )


def _leads_to(port: Port, other: Port) -> bool:
    """This port's link ends at that other port (or itself) of the same System."""
    own, far = other.actor, port.partner
    return (far.system_priority, far.system, far.port) == (own.system_priority, own.system, own.port)


def _may_select(port: Port) -> bool:
    """It has an operable link, hears a partner, has let go of what it had, and is not looped to itself."""
    return (
        port.Selected is Selected.UNSELECTED
        and port.mux == "DETACHED"
        and port.port_enabled
        and port.LACP_Enabled
        and State.Defaulted not in port.actor.state
        and not _leads_to(port, port)
    )


def _fits(port: Port, selected: Sequence[Port]) -> bool:
    """43.4.14.1: an Individual port is alone, and the two ends of one link are not together."""
    return not any(lag_id(port).link or _leads_to(port, other) for other in selected)


def select(aggregator: Aggregator, choose: Choose) -> bool:
    """Let ports select this Aggregator, or be made to reselect; False when there is nothing left to do."""
    candidates = [port for port in aggregator.ports if _may_select(port)]
    selected = [port for port in aggregator.ports if port.Selected is not Selected.UNSELECTED]
    if not candidates:
        return _stand_by(aggregator, selected)
    if selected:
        lag = lag_id(selected[0])
        if not any(port.port_enabled for port in selected) and lag not in map(lag_id, candidates):
            for port in selected:
                port.Selected = Selected.UNSELECTED
            return True
    elif any(port.mux != "DETACHED" for port in aggregator.ports):
        return False  # the Aggregator is free when the last port of the old LAG has let go of it
    else:
        lag = choose(aggregator, [lag_id(port) for port in candidates])
    for port in candidates:
        if lag_id(port) == lag and _fits(port, selected):
            port.Selected = Selected.SELECTED
            selected.append(port)
            return True
    return _stand_by(aggregator, selected)


def _stand_by(aggregator: Aggregator, selected: Sequence[Port]) -> bool:
    """43.6.1: as many as may be active are SELECTED, those of the highest priority; the others STANDBY."""
    limit = aggregator.max_links or len(selected)
    wanted = {
        port.name: Selected.SELECTED if place < limit else Selected.STANDBY
        for place, port in enumerate(sorted(selected, key=_rank))
    }
    changed = [port for port in selected if port.Selected is not wanted[port.name]]
    for port in changed:
        port.Selected = wanted[port.name]
    return bool(changed)


def _rank(port: Port) -> tuple[bool, int, int]:
    """Operable links first; then the port priority and number of the System with the higher priority."""
    own, other = port.actor, port.partner
    decides = min(own, other, key=lambda info: (info.system_priority, info.system))
    return not port.port_enabled, decides.port_priority, decides.port


RULES = (
    Rule("SL1", "43.4.14.1", "a port selects an Aggregator that has its operational key"),
    Rule("SL2", "43.4.14.1", "ports of one LAG ID select one Aggregator"),
    Rule("SL3", "43.4.14.1", "the two ends of one link do not select the same Aggregator"),
    Rule("SL4", "43.4.14.1", "an Individual port shares its Aggregator with no other port"),
    Rule("SL5", "43.4.14.1", "a port that finds no Aggregator is not attached to any"),
    Rule("SL6", "43.4.14.1", "a port selects anew when it is UNSELECTED and DETACHED"),
    Rule("SL7", "43.4.8", "Ready: Ready_N of all ports that wait for the Aggregator"),
    Rule("SL8", "43.4.14.1", "ports that have to reselect because of another are made UNSELECTED"),
    Rule("SL9", "43.4.14", "a port that hears no partner selects no Aggregator (profile: suspend)"),
    Rule("SL10", "43.6.1", "the System with the higher priority (the lower number) orders the ports"),
    Rule("SL11", "43.6.1", "ports beyond the limit are STANDBY, by port priority and then port number"),
)
