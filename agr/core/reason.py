"""Why the Mux machine of a port is where it is, in words for an operator (30.7.4.1, MuxReason)."""

from __future__ import annotations

from agr.core.port import Port
from agr.core.selection import refusal
from agr.core.states import MuxState, Selected


def mux_reason(port: Port) -> str:
    """One line without the port's name; true of this instant."""
    if not port.port_enabled:
        return "no carrier"
    if port.mux_state is MuxState.DETACHED:
        return _why_detached(port)
    if port.mux_state is MuxState.WAITING:
        return _why_waiting(port)
    if port.mux_state is MuxState.ATTACHED:
        return "the partner is not in sync"
    if port.mux_state is MuxState.COLLECTING:
        return "the partner does not collect yet"
    return "data flows: no LACP is asked" if port.aggregator.admin.link1 else "data flows: both ends agree"


def _why_detached(port: Port) -> str:
    refused = refusal(port)
    if refused is not None:
        return refused
    return f"{port.aggregator.name} serves another link aggregation group than this link's"


def _why_waiting(port: Port) -> str:
    admin = port.aggregator.admin
    if port.Selected is not Selected.STANDBY:
        return "waits for other links to come up (Aggregate_Wait_Time)"
    if any(other.Selected is Selected.SELECTED for other in port.aggregator.ports):
        return f"stands by: max-links is {admin.max_links} and other links go before"
    return f"stands by: fewer links than min-links {admin.min_links} have carrier"
