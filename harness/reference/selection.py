"""The Selection Logic (43.4.14), with standby links (43.6.1)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.reference.choices import Choices
from harness.reference.lag import lag_id
from harness.reference.table import Rule
from harness.reference.variables import Aggregator, Port, Selected


def _leads_to(port: Port, other: Port) -> bool:
    """Whether this port's link leads to that other port of the same System, or to itself."""
    own, far = other.actor, port.partner
    return (far.system_priority, far.system, far.port) == (own.system_priority, own.system, own.port)


def _may_select(port: Port, choices: Choices) -> bool:
    """Whether the port is enabled, DETACHED, not looped back to itself, and one that may be attached."""
    return (
        port.Selected is Selected.UNSELECTED
        and port.mux == "DETACHED"
        and port.port_enabled
        and port.LACP_Enabled
        and choices.may_select(port)
        and not _leads_to(port, port)
    )


def _fits(port: Port, selected: Sequence[Port]) -> bool:
    """43.4.14.1: an Individual port shares its Aggregator with none, nor do the two ends of one link."""
    return not any(lag_id(port).link or _leads_to(port, other) for other in selected)


def select(aggregator: Aggregator, choices: Choices) -> bool:
    """Let ports select this Aggregator, or be made to reselect; False when there is nothing left to do."""
    if any(port.Selected is Selected.UNSELECTED and port.mux != "DETACHED" for port in aggregator.ports):
        return False  # it lets go first, which takes no time
    candidates = [port for port in aggregator.ports if _may_select(port, choices)]
    selected = [port for port in aggregator.ports if port.Selected is not Selected.UNSELECTED]
    without_lacp = [port for port in selected if not port.LACP_Enabled]
    if without_lacp:  # as LACP_DISABLED says when the link is there
        return _unselect(without_lacp)
    if not candidates:
        return _stand_by(aggregator, selected, choices)
    waiting = [lag_id(port) for port in candidates]
    enough = [lag for lag in waiting if waiting.count(lag) >= aggregator.min_links]
    if selected:
        lag = lag_id(selected[0])
        lost = not any(port.port_enabled for port in selected) and choices.gives_way(aggregator)
        less = _too_few(aggregator, selected) and enough and choices.gives_way_to_enough(aggregator)
        if lag not in waiting and (lost or less):
            return _unselect(selected)
    else:
        lag = choices.lag(aggregator, enough or waiting)
    for port in candidates:
        if lag_id(port) == lag and _fits(port, selected):
            port.Selected = Selected.SELECTED
            selected.append(port)
            return True
    return _stand_by(aggregator, selected, choices)


def _unselect(ports: Sequence[Port]) -> bool:
    for port in ports:
        port.Selected = Selected.UNSELECTED
    return True


def _too_few(aggregator: Aggregator, selected: Sequence[Port]) -> bool:
    """Whether fewer of these links can be used than the Aggregator wants."""
    return sum(port.port_enabled for port in selected) < aggregator.min_links


def _stand_by(aggregator: Aggregator, selected: Sequence[Port], choices: Choices) -> bool:
    """43.6.1: as many as may be active are SELECTED, those of the highest priority; the others STANDBY."""
    active = selected
    if aggregator.min_links > 1 and _too_few(aggregator, selected):
        active = []
    elif 0 < aggregator.max_links < len(selected):
        active = choices.active(aggregator, sorted(selected, key=_rank), aggregator.max_links)
    wanted = {port.name: Selected.SELECTED if port in active else Selected.STANDBY for port in selected}
    changed = [port for port in selected if port.Selected is not wanted[port.name]]
    for port in changed:
        port.Selected = wanted[port.name]
    return bool(changed)


def _rank(port: Port) -> tuple[int, int]:
    """The port's rank: port priority and number at the System with the higher priority (the lower number)."""
    own, other = port.actor, port.partner
    decides = min(own, other, key=lambda info: (info.system_priority, info.system))
    return decides.port_priority, decides.port


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
