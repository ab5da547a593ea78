"""Which links of a LAG are active and which stand by (43.6.1): min-links and max-links.

Both Systems sort the links by the port priorities, then the port numbers, of the one whose identifier is
numerically lower; so they choose alike. A link that cannot take part now does not hold another one's place:

- without carrier, or EXPIRED while others' partners are heard, a link comes behind the others;
- so does one that would have to wait for Aggregate_Wait_Time first, where another is attached already: a
  better link takes an active one's place when its wait is over, not before.

A link that is about to be detached holds no place either, and stays active beside the one that takes over.
"""

from __future__ import annotations

from collections.abc import Sequence

from agr.core.states import DetachState, ReceiveState, Selected
from agr.core.variables import Aggregator, Port


def enough(aggregator: Aggregator, carriers: int) -> bool:
    """Whether a LAG with this many links that have carrier may carry data (min-links)."""
    return carriers >= aggregator.admin.min_links


def heard(port: Port) -> bool:
    """Whether the partner is there, as far as can be known: also where LACP does not run."""
    return port.port_enabled and port.receive_state is not ReceiveState.EXPIRED


def active(aggregator: Aggregator, ports: Sequence[Port]) -> Sequence[Port]:
    """Those of ``ports``, the ones of the LAG that is served, that may be SELECTED; the others must stand by.

    While no link of the LAG has carrier, what is selected may stay so.
    """
    carriers = sum(port.port_enabled for port in ports)
    if carriers and not enough(aggregator, carriers):
        return ()
    most = aggregator.admin.max_links
    staying = [port for port in ports if port.detach_state is DetachState.NO_DETACH]
    detaching = [port for port in ports if port not in staying and port.Selected is Selected.SELECTED]
    if not most:
        return [*detaching, *staying]
    selected = [port for port in ports if heard(port) and port.Selected is Selected.SELECTED]
    attached = any(port.mux_state.attached for port in selected)

    def rank(port: Port) -> tuple[bool, bool, bool, int, int]:
        waits = attached and not port.mux_state.attached and not _has_waited(port)
        if _actor_decides(port):
            order = (port.Actor_Port_Priority, port.Actor_Port_Number)
        else:
            order = (port.Partner_Oper_Port_Priority, port.Partner_Oper_Port_Number)
        return not port.port_enabled, not heard(port), waits, *order

    return [*detaching, *sorted(staying, key=rank)[:most]]


def _has_waited(port: Port) -> bool:
    """Its wait is over, and does not begin again: UNSELECTED leads from WAITING to DETACHED (43.4.15)."""
    return port.Ready_N and port.Selected is not Selected.UNSELECTED


def _actor_decides(port: Port) -> bool:
    """43.6.1: the System of higher priority, and the only one where no partner is known."""
    return port.Actor_Oper_Port_State.Defaulted or port.LAG_ID.actor_decides
