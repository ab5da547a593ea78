"""Selection Logic (43.4.14) for Aggregators with one client each.

All ports of an aggregate are configured for its one Aggregator, so the choice is which LAG it serves:

- a port is eligible while LACP knows a partner on it. Where none is known, it is in static aggregation, or,
  by administration, as an Individual link or with the partner that it is given (43.4.7). Of the two ends of
  one link one alone is eligible (43.4.14.1 g);
- an Aggregator keeps its LAG as long as an eligible port of it is left. One without carrier is left too, so
  that an outage ends without a new wait, unless another LAG has eligible ports with carrier. A LAG with a
  partner displaces an Individual link without one, and one whose partner is this very Aggregator, through a
  loop; a LAG of min-links displaces one of fewer;
- a free Aggregator takes the LAG with most eligible ports with carrier, then that of the lowest port number;
- only ports of that LAG become SELECTED or STANDBY (`standby` says which), and only from DETACHED, so that a
  port that was UNSELECTED says so and waits anew. The others stay UNSELECTED and run LACP.
"""

from __future__ import annotations

from collections import defaultdict

from agr.core.lag import LagId
from agr.core.standby import active, enough, heard
from agr.core.states import MuxState, ReceiveState, Selected
from agr.core.variables import Aggregator, Port


def refusal(port: Port) -> str | None:
    """Why the port may be selected for no LAG at all; None: it is eligible."""
    if port.detaching:
        return "the port is being detached"
    if port.Actor_Oper_Port_State.Defaulted:
        return _refusal_without_partner(port)
    if not port.LACP_Enabled:  # 43.4.12: on its way to LACP_DISABLED, which makes it UNSELECTED
        return "LACP ends on this port"
    return "the link is a loop within this very aggregate" if _looped(port) else None


def _refusal_without_partner(port: Port) -> str | None:
    admin = port.aggregator.admin
    if admin.link1:
        ready = port.full_duplex and port.receive_state is ReceiveState.LACP_DISABLED
        return None if ready else "half duplex: the link cannot be aggregated"
    if (admin.defaulted == "individual" or port.vouched_for) and port.receive_state in (
        ReceiveState.DEFAULTED,
        ReceiveState.LACP_DISABLED,
    ):
        return None
    return _why_no_partner(port)


def _why_no_partner(port: Port) -> str:
    if not port.full_duplex:
        return "half duplex: no LACP"
    return "no LACP partner is heard" if port.admin.lacp else "LACP is off on this port"


def _looped(port: Port) -> bool:
    """43.4.14.1 g: the link leads back to the port, or to one of the same Aggregator that goes first.

    Two ends of one link must not both select an Aggregator. Ports of several links that lead back may.
    """
    return any(
        _leads_to(port, other)
        and _leads_to(other, port)
        and other.Actor_Port_Number <= port.Actor_Port_Number
        for other in port.aggregator.ports
    )


def _leads_to(port: Port, other: Port) -> bool:
    """Whether the partner of a port is the other port, of this very System."""
    return (
        port.Partner_Oper_System_Priority,
        port.Partner_Oper_System,
        port.Partner_Oper_Port_Number,
    ) == (*other.aggregator.system_identifier, other.Actor_Port_Number)


def select(aggregator: Aggregator) -> bool:
    """Bring lag_id and Selected up to date. Returns whether something changed."""
    before = (aggregator.lag_id, [port.Selected for port in aggregator.ports])
    lags = {port: port.LAG_ID for port in aggregator.ports}
    for port, lag in lags.items():
        _count_change(port, lag)
    members = {port: lag for port, lag in lags.items() if refusal(port) is None}
    aggregator.lag_id = _lag_to_serve(aggregator, members)
    served = [port for port, lag in members.items() if lag == aggregator.lag_id and _takes_part(port)]
    chosen = set(active(aggregator, served))
    for port in aggregator.ports:
        _select_port(port, members.get(port), port in chosen)
    return before != (aggregator.lag_id, [port.Selected for port in aggregator.ports])


def _takes_part(port: Port) -> bool:
    """A port that is not selected, and cannot be without carrier, holds no place of another (43.6.1)."""
    return port.port_enabled or port.Selected is not Selected.UNSELECTED


def _count_change(port: Port, lag: LagId) -> None:
    """30.7.4.1, ActorChangeCount."""
    if port.actor_lag_id not in (None, lag):
        port.debug.ActorChangeCount += 1
    port.actor_lag_id = lag


def _select_port(port: Port, lag: LagId | None, chosen: bool) -> None:
    if not _belongs(port, lag):
        port.select(Selected.UNSELECTED)
    elif port.Selected is not Selected.UNSELECTED or (
        port.port_enabled and port.mux_state is MuxState.DETACHED
    ):
        port.selected_lag_id = lag
        port.select(Selected.SELECTED if chosen else Selected.STANDBY)


def _belongs(port: Port, lag: LagId | None) -> bool:
    """Whether ``lag``, the port's own, is the one served, and is what a selected port was selected for."""
    if lag is None or lag != port.aggregator.lag_id:
        return False
    return port.Selected is Selected.UNSELECTED or port.selected_lag_id == lag


def _lag_to_serve(aggregator: Aggregator, members: dict[Port, LagId]) -> LagId | None:
    candidates: dict[LagId, list[Port]] = defaultdict(list)
    for port, lag in members.items():
        if port.port_enabled:
            candidates[lag].append(port)
    present = aggregator.lag_id
    if not candidates:
        return present if _is_left(present, members) else None
    if present in candidates:
        heard_of = [lag for lag, ports in candidates.items() if lag == present or any(map(heard, ports))]
        best = min(heard_of, key=lambda lag: _rank(candidates[lag]))
        kept = _grade(candidates[present]) <= _grade(candidates[best])
        return present if kept else best
    return min(candidates, key=lambda lag: _rank(candidates[lag]))


def _is_left(present: LagId | None, members: dict[Port, LagId]) -> bool:
    return any(port.Selected is not Selected.UNSELECTED and lag == present for port, lag in members.items())


def _grade(ports: list[Port]) -> tuple[bool, bool]:
    """Sorts first what displaces the LAG that is served: a partner elsewhere, then min-links."""
    port = ports[0]
    own, partner = port.LAG_ID
    nobody = port.Actor_Oper_Port_State.Defaulted or own[:3] == partner[:3]
    return nobody, not enough(port.aggregator, len(ports))


def _rank(ports: list[Port]) -> tuple[bool, bool, int, int]:
    """Sorts the LAG to take first: most ports, then the lowest port number."""
    return *_grade(ports), -len(ports), min(port.Actor_Port_Number for port in ports)
