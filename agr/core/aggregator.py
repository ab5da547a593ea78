"""Variables of an Aggregator (43.4.6), and of the System (43.4.5) that it is to its partners."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agr.core.admin import AggregatorAdmin, SystemAdmin
from agr.core.distribution import Distributor
from agr.core.lag import LagId
from agr.core.moves import Moves
from agr.core.outputs import Output
from agr.core.states import MuxState, Selected

if TYPE_CHECKING:
    from agr.core.port import Port


@dataclass(eq=False)
class Aggregator:
    """43.4.5, 43.4.6, and the one client's Frame Distribution.

    agr(4): each aggregate is a System of its own to its partners, named by its first-added port; Actor_System
    is zero while it has no port and none was configured. ``lag_id`` is the LAG that it serves, None while it
    is free. ``speed_mbps`` is the speed whose ports have the administrative key, None while none is known.
    ``emit`` takes what the host must do.
    """

    name: str
    admin: AggregatorAdmin
    emit: Callable[[Output], None]
    system_admin: SystemAdmin = field(default_factory=SystemAdmin)
    Aggregator_MAC_address: bytes = bytes(6)
    ports: list[Port] = field(default_factory=list)
    lag_id: LagId | None = None
    speed_mbps: int | None = None
    operational: bool = False
    last_change: float | None = None
    distributor: Distributor = field(default_factory=Distributor)
    moves: Moves = field(default_factory=Moves)

    @property
    def Actor_System_Priority(self) -> int:
        """43.4.5."""
        return self.system_admin.system_priority

    @property
    def Actor_System(self) -> bytes:
        """43.4.5."""
        return self.system_admin.system or self.address

    @property
    def address(self) -> bytes:
        """Its MAC address: one of its own, or the first-added port's; zero while it has neither."""
        return self.system_admin.address or self.Aggregator_MAC_address

    @property
    def system_identifier(self) -> tuple[int, bytes]:
        """43.3.2: Aggregators that share it are one System."""
        return self.Actor_System_Priority, self.Actor_System

    @property
    def identity(self) -> tuple[int, bytes, int] | None:
        """What tells it from other Aggregators; None while it has no identifier."""
        if self.Actor_System == bytes(6):
            return None
        return (*self.system_identifier, self.admin.key)

    def note_change(self, now: float) -> None:
        """Keep ``operational`` and ``last_change`` (30.7.1.1, aAggOperState) up to date."""
        operational = any(port.distributing for port in self.ports)
        if operational != self.operational:
            self.operational = operational
            self.last_change = now

    @property
    def Ready(self) -> bool:
        """43.4.8: all ports that wait to attach to this Aggregator have waited long enough.

        A STANDBY port in WAITING does not wait to attach.
        """
        waiting = [
            port
            for port in self.ports
            if port.mux_state is MuxState.WAITING and port.Selected is not Selected.STANDBY
        ]
        return bool(waiting) and all(port.Ready_N for port in waiting)
