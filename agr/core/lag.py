"""LAG IDs (43.3.6): which links may form one Link Aggregation Group."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agr.core.lacpdu import LACPDU, Information
    from agr.core.port import Port

_ANY_PORT = (0, 0)  # priority and number, where the LAG ID has none


class LagEnd(NamedTuple):
    """One half of a LAG ID; port and port priority are 0 unless the link is Individual."""

    system_priority: int
    system: bytes
    key: int
    port_priority: int
    port: int


class LagId(NamedTuple):
    """43.3.6."""

    actor: LagEnd
    partner: LagEnd

    @property
    def actor_decides(self) -> bool:
        """43.6.1: of the two Systems the one with the numerically lower identifier; else the lower key."""
        return self.actor <= self.partner


def lag_id(port: Port) -> LagId:
    """The LAG ID as the Actor sees it: ports and their priorities count only where one is Individual."""
    aggregatable = port.Actor_Oper_Port_State.Aggregation and port.Partner_Oper_Port_State.Aggregation
    actor_port = _ANY_PORT if aggregatable else (port.Actor_Port_Priority, port.Actor_Port_Number)
    partner_port = (
        _ANY_PORT if aggregatable else (port.Partner_Oper_Port_Priority, port.Partner_Oper_Port_Number)
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


def partners_lag_id(pdu: LACPDU) -> LagId:
    """The LAG ID as the sender of ``pdu`` sees it; ``actor`` is the sender."""
    aggregatable = pdu.actor.state.Aggregation and pdu.partner.state.Aggregation
    return LagId(_end(pdu.actor, aggregatable), _end(pdu.partner, aggregatable))


def _end(said: Information, aggregatable: bool) -> LagEnd:
    port = _ANY_PORT if aggregatable else (said.port_priority, said.port)
    return LagEnd(said.system_priority, said.system, said.key, *port)
