"""Selection Logic (43.4.14) for Aggregators with one client each.

All ports of an aggregate are configured for its one Aggregator, so the choice is which LAG it serves:

- a port is eligible while LACP knows a partner on it that is not the Aggregator itself, seen through a loop
  (43.4.14.1); a Defaulted port knows none and stays down, the one policy for partners without LACP so far;
- an Aggregator keeps its LAG as long as an eligible port of it is left. One without carrier is left too, so
  that an outage ends without a new wait, unless another LAG has eligible ports with carrier;
- a free Aggregator takes the LAG with most eligible ports with carrier, then that of the lowest port number;
- only ports of that LAG become SELECTED, and only from DETACHED, so that a port that was UNSELECTED says so
  and waits anew. The others stay UNSELECTED and run LACP.
"""

from __future__ import annotations

from collections import defaultdict

from agr.core.aggregator import Aggregator, LagEnd, LagId
from agr.core.port import Port
from agr.core.states import MuxState, Selected


def lag_id(port: Port) -> LagId:
    """43.3.6: port and port priority count only where one of the two is Individual."""
    aggregatable = port.Actor_Oper_Port_State.Aggregation and port.Partner_Oper_Port_State.Aggregation
    actor_port = (0, 0) if aggregatable else (port.Actor_Port_Priority, port.Actor_Port_Number)
    partner_port = (
        (0, 0) if aggregatable else (port.Partner_Oper_Port_Priority, port.Partner_Oper_Port_Number)
    )
    aggregator = port.aggregator
    return LagId(
        LagEnd(
            aggregator.Actor_System_Priority, aggregator.Actor_System, port.Actor_Oper_Port_Key, *actor_port
        ),
        LagEnd(
            port.Partner_Oper_System_Priority, port.Partner_Oper_System, port.Partner_Oper_Key, *partner_port
        ),
    )


def eligible(port: Port) -> bool:
    """Whether the port may be selected for a LAG at all."""
    return not (port.leaving or port.Actor_Oper_Port_State.Defaulted or _looped(port))


def _looped(port: Port) -> bool:
    """43.4.14.1: the partner is this very System and key, on this port or another one."""
    return (
        port.Partner_Oper_System == port.aggregator.Actor_System
        and port.Partner_Oper_System_Priority == port.aggregator.Actor_System_Priority
        and port.Partner_Oper_Key == port.Actor_Oper_Port_Key
    )


def select(aggregator: Aggregator) -> bool:
    """Bring lag_id and Selected up to date. Returns whether something changed."""
    before = (aggregator.lag_id, [port.Selected for port in aggregator.ports])
    members = {port: lag_id(port) for port in aggregator.ports if eligible(port)}
    candidates: dict[LagId, list[Port]] = defaultdict(list)
    for port, lag in members.items():
        if port.port_enabled:
            candidates[lag].append(port)
    if not _keeps_lag(aggregator, members, candidates):
        aggregator.lag_id = min(candidates, key=lambda lag: _rank(candidates[lag]), default=None)
    for port in aggregator.ports:
        if not _belongs(port, members.get(port)):
            port.select(Selected.UNSELECTED)
        elif port.port_enabled and port.mux_state is MuxState.DETACHED:
            port.lag_id = aggregator.lag_id
            port.select(Selected.SELECTED)
    return before != (aggregator.lag_id, [port.Selected for port in aggregator.ports])


def _belongs(port: Port, lag: LagId | None) -> bool:
    """Whether ``lag``, the port's own, is the one served, and is what a selected port was selected for."""
    if lag is None or lag != port.aggregator.lag_id:
        return False
    return port.Selected is Selected.UNSELECTED or port.lag_id == lag


def _keeps_lag(
    aggregator: Aggregator, members: dict[Port, LagId], candidates: dict[LagId, list[Port]]
) -> bool:
    if aggregator.lag_id in candidates:
        return True
    left = any(
        port.Selected is not Selected.UNSELECTED and lag == aggregator.lag_id for port, lag in members.items()
    )
    return left and not candidates


def _rank(ports: list[Port]) -> tuple[int, int]:
    """Sorts the LAG to take first: most ports, then the lowest port number."""
    return -len(ports), min(port.Actor_Port_Number for port in ports)
