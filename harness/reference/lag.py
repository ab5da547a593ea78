"""LAG IDs (43.3.6)."""

from __future__ import annotations

from typing import NamedTuple

from harness.pdu import PortInfo, State
from harness.reference.variables import Port


class Lag(NamedTuple):
    """LAG ID. `link` has the port identifiers of the two ends of an Individual link, else nothing."""

    system_priority: int
    system: str
    key: int
    partner_system_priority: int
    partner_system: str
    partner_key: int
    link: tuple[int, int, int, int] | None


def lag_between(own: PortInfo, other: PortInfo) -> Lag:
    """The LAG ID of the link between two ports."""
    individual = not own.state & other.state & State.Aggregation
    return Lag(
        own.system_priority,
        own.system,
        own.key,
        other.system_priority,
        other.system,
        other.key,
        (own.port_priority, own.port, other.port_priority, other.port) if individual else None,
    )


def lag_id(port: Port) -> Lag:
    """The LAG ID of a port's link, from its operational values."""
    return lag_between(port.actor, port.partner)
