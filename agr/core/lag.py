"""LAG IDs (43.3.6): which links may form one Link Aggregation Group."""

from __future__ import annotations

from typing import NamedTuple

from agr.core.lacpdu import Information

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


def lag_id(actor: Information, partner: Information) -> LagId:
    """The LAG ID of the link between them: ports and their priorities count only where one is Individual."""
    aggregatable = actor.state.Aggregation and partner.state.Aggregation
    return LagId(_end(actor, aggregatable), _end(partner, aggregatable))


def _end(information: Information, aggregatable: bool) -> LagEnd:
    port = _ANY_PORT if aggregatable else (information.port_priority, information.port)
    return LagEnd(information.system_priority, information.system, information.key, *port)
