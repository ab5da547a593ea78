"""Variables of the System (43.4.5) and of an Aggregator (43.4.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from agr.core.admin import AggregatorAdmin, SystemAdmin
from agr.core.distribution import Distributor
from agr.core.states import MuxState

if TYPE_CHECKING:
    from agr.core.port import Port


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


@dataclass(eq=False)
class Actor:
    """43.4.5. The identifier is zero while the System has no port and none was configured."""

    admin: SystemAdmin = field(default_factory=SystemAdmin)
    Actor_System: bytes = bytes(6)

    @property
    def Actor_System_Priority(self) -> int:
        """43.4.5."""
        return self.admin.system_priority


@dataclass(eq=False)
class Aggregator:
    """43.4.6, and the one client's Frame Distribution.

    ``lag_id`` is the LAG that the Aggregator serves, None while it is free. ``speed_mbps`` is the speed whose
    ports have the administrative key, None while no port's speed is known.
    """

    name: str
    admin: AggregatorAdmin
    Aggregator_MAC_address: bytes = bytes(6)
    ports: list[Port] = field(default_factory=list)
    lag_id: LagId | None = None
    speed_mbps: int | None = None
    distributor: Distributor = field(default_factory=Distributor)

    @property
    def Ready(self) -> bool:
        """43.4.8: all ports that wait to attach to this Aggregator have waited long enough."""
        waiting = [port for port in self.ports if port.mux_state is MuxState.WAITING]
        return bool(waiting) and all(port.Ready_N for port in waiting)
