"""The variables of a System, its Aggregators and its ports (43.4.5 to 43.4.8), by the standard's names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from harness.pdu import PortInfo, State


class Selected(StrEnum):
    """43.4.8, Selected."""

    UNSELECTED = "UNSELECTED"
    SELECTED = "SELECTED"
    STANDBY = "STANDBY"


@dataclass(frozen=True)
class LACPDU:
    """The fields of a received LACPDU that the Receive machine reads (43.4.2.2)."""

    actor: PortInfo
    partner: PortInfo


NOBODY = PortInfo()
"""A partner that nothing is known of: it has no identity, is passive, and not aggregatable."""

ACTOR_BITS = State.Aggregation | State.Activity
"""Actor_Admin_Port_State (43.4.7) of a new port."""


@dataclass
class Port:
    """One aggregation port; `states` has the state of each of its machines, by the machine's name.

    `now` and `timers` are in seconds; a timer that is not running is not in `timers`. `timer_error` gives how
    much later than its constant each ends, by its name. `partner_admin` are Partner_Admin_* (43.4.7).
    `outbox` has the frames to be sent, in order; `sent` the times of the last LACPDUs, `responses`
    those of Marker Responses.
    """

    name: str
    mac: bytes
    aggregator: Aggregator
    actor: PortInfo
    partner_admin: PortInfo = NOBODY
    partner: PortInfo = NOBODY
    BEGIN: bool = True
    port_enabled: bool = False
    full_duplex: bool = True
    speed_mbps: int | None = None
    LACP_Admin: bool = True  # the operator's half of LACP_Enabled; the other is full duplex (43.4.8)
    port_moved: bool = False
    NTT: bool = False
    Selected: Selected = Selected.UNSELECTED
    actor_churn: bool = False
    partner_churn: bool = False
    individual: bool = False  # Actor_Admin_Port_State.Aggregation = FALSE
    active: bool | None = None  # Actor_Admin_Port_State.LACP_Activity; None: as its Aggregator has it
    short: bool | None = None  # Actor_Admin_Port_State.LACP_Timeout, likewise
    now: float = 0.0
    states: dict[str, str] = field(default_factory=dict)
    timers: dict[str, float] = field(default_factory=dict)
    timer_error: Callable[[str], float] = lambda timer: 0.0
    received: LACPDU | None = None
    marker: bytes | None = None
    outbox: list[bytes] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    responses: list[float] = field(default_factory=list)
    counters: Counter[str] = field(default_factory=Counter)

    @property
    def LACP_Enabled(self) -> bool:
        """43.4.8: FALSE for half-duplex links as well."""
        return self.LACP_Admin and self.full_duplex

    def start(self, timer: str, seconds: float) -> None:
        """Start a timer with a constant of 43.4.4."""
        self.timers[timer] = self.now + seconds + self.timer_error(timer)

    @property
    def mux(self) -> str:
        """State of the Mux machine."""
        return self.states.get("Mux", "")

    @property
    def Ready_N(self) -> bool:
        """43.4.8: in WAITING, and wait_while_timer has expired."""
        return self.mux == "WAITING" and self.timers.get("wait_while_timer", self.now) <= self.now

    @property
    def Ready(self) -> bool:
        """43.4.8: Ready_N of all ports that wait to attach to the Aggregator; one in STANDBY does not."""
        waiting = (port for port in self.aggregator.ports if port.mux == "WAITING")
        return all(port.Ready_N for port in waiting if port.Selected is not Selected.STANDBY)


@dataclass
class Aggregator:
    """One Aggregator, its administrative variables, and the ports that may attach to it (43.4.6)."""

    name: str
    key: int
    mac: bytes = bytes(6)
    system_priority: int = 0x8000
    system_id: str | None = None  # None: the Aggregator's MAC address
    active: bool = True
    short: bool = False
    coupled: bool = False
    collector_max_delay: int = 0
    max_links: int = 0  # 0: any number (43.6.1)
    min_links: int = 1  # of fewer that can be used none is active
    ports: list[Port] = field(default_factory=list)
    operational: bool = False
    counters: Counter[str] = field(default_factory=Counter)  # 30.7.1.1 and 30.7.1.2

    @property
    def system(self) -> str:
        """Actor_System (43.3.2)."""
        return self.system_id or self.mac.hex(":")

    @property
    def control(self) -> str:
        """Whether Collecting and Distributing are controlled each for itself (43.4.15)."""
        return "coupled" if self.coupled else "independent"
