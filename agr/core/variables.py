"""The variables of Aggregators (43.4.5, 43.4.6) and of their ports (43.4.7, 43.4.8, 43.4.10)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from agr.core.admin import AggregatorAdmin, PortAdmin, SystemAdmin
from agr.core.constants import (
    LACPDU_LIMIT,
    LIMIT_GUARD,
    MARKER_LIMIT,
    MARKER_PROTOCOL_LIMIT,
    RECEIVED_LACPDU_LIMIT,
    Fast_Periodic_Time,
)
from agr.core.counters import Counters, Debug, MoveCounters, Notifications
from agr.core.distribution import BUCKETS, Distributor, Table
from agr.core.lacpdu import LACPDU, Information, PortState
from agr.core.lag import LagId, lag_id
from agr.core.outputs import Output, StateChanged
from agr.core.states import (
    ActorChurnState,
    DetachState,
    DrainState,
    MuxState,
    PartnerChurnState,
    PeriodicState,
    ReceiveState,
    Selected,
)
from agr.core.timer import MarkerRate, RateLimit, Timer

# 43.4.7 Partner_Admin_Port_State, of the partner while none is heard, if none is set: passive, Long Timeout,
# Individual
PARTNER_ADMIN = PortState()
# The same where a Defaulted port may carry data (defaulted individual)
PARTNER_ADMIN_INDIVIDUAL = PortState(Synchronization=True, Collecting=True, Distributing=True)
# without LACP (link1) the operator vouches for the partner
PARTNER_ADMIN_STATIC = PortState(Aggregation=True, Synchronization=True, Collecting=True, Distributing=True)


class Limits:
    """Rate limits of one wire, sent and received; they outlive a Port that is removed and added again."""

    def __init__(self) -> None:
        window = Fast_Periodic_Time + LIMIT_GUARD
        self.lacpdu = RateLimit(LACPDU_LIMIT, window)
        self.marker = MarkerRate(MARKER_PROTOCOL_LIMIT, MARKER_LIMIT, window)
        self.received_lacpdu = RateLimit(RECEIVED_LACPDU_LIMIT, Fast_Periodic_Time)

    def are_idle(self, now: float) -> bool:
        """Whether new ones would allow the same."""
        return all(limit.is_idle(now) for limit in (self.lacpdu, self.marker, self.received_lacpdu))


@dataclass(eq=False)
class Drain:
    """Conversations on their way off ``port`` (43A.3): the frames of their ``buckets`` are held."""

    port: Port
    buckets: list[int]
    drain_state: DrainState = DrainState.HOLDING
    hold_answered: bool = False  # by the host
    marker_allowed: bool = False  # by the limit of 43B.2, now
    transaction_id: int | None = None  # of its Marker, once that is sent
    answered: bool = False
    marker_wait_timer: Timer = field(default_factory=Timer)

    def state_changed(self, machine: str, old: StrEnum, new: StrEnum) -> None:
        """Nobody is told: what comes of it is an Assign."""


@dataclass
class Moves:
    """How far an Aggregator's conversations are from the ports that they are to leave on.

    ``target`` is the table that is aimed at, ``former`` what it was before, by bucket. ``targets`` are the
    ``distributing`` ports but those in a planned detach; where there are none, conversations stay where they
    are. ``pending`` are buckets, by the port they are on, that have not begun to move. ``holds`` are the
    Holds that the host has not answered, oldest first.
    """

    target: Table = field(default_factory=lambda: [None] * BUCKETS)
    former: Table = field(default_factory=lambda: [None] * BUCKETS)
    targets: tuple[str, ...] = ()
    distributing: tuple[str, ...] = ()
    pending: dict[str | None, list[int]] = field(default_factory=dict)
    drains: list[Drain] = field(default_factory=list)
    holds: deque[list[Drain]] = field(default_factory=deque)
    transaction_id: int = 0  # of the last Marker
    counters: MoveCounters = field(default_factory=MoveCounters)

    @property
    def carriers(self) -> tuple[str, ...]:
        """The ports that conversations are spread over."""
        return self.targets or self.distributing

    @property
    def under_way(self) -> bool:
        """Whether there are conversations that have yet to move."""
        return bool(self.pending or self.drains)

    def remain_on(self, port: Port) -> bool:
        """Whether conversations are still to move off ``port``, maybe when another port can take them."""
        stranded = port.name in self.distributing and not self.targets
        return stranded or port.name in self.pending or any(drain.port is port for drain in self.drains)

    def marker_due(self, port: Port) -> bool:
        """Whether a Marker is, or will be, to send on ``port``."""
        return port.name in self.pending or any(
            drain.port is port and drain.transaction_id is None for drain in self.drains
        )


@dataclass(eq=False)
class Aggregator:
    """Variables of an Aggregator (43.4.6), of its System (43.4.5), and its Frame Distribution.

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
    notifications: Notifications = field(default_factory=Notifications)
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
        """Keep ``operational`` (30.7.1.1, aAggOperState) up to date, and what tells of its changes."""
        operational = any(port.distributing for port in self.ports)
        if operational == self.operational:
            return
        self.operational = operational
        self.last_change = now
        if operational:
            self.notifications.LinkUp += 1
        else:
            self.notifications.LinkDown += 1

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


class Port:
    """One Aggregation Port. ``mac`` is its individual MAC address; ``emit`` takes what the host must do.

    What must outlive the process is in plain attributes: those of 43.4.7 and 43.4.8, the machines' states,
    the timers, the LAG IDs, ``counters`` and ``debug``.
    """

    def __init__(
        self,
        name: str,
        mac: bytes,
        number: int,
        aggregator: Aggregator,
        admin: PortAdmin,
        limits: Limits,
        emit: Callable[[Output], None],
    ) -> None:
        self.name = name
        self.mac = mac
        self.aggregator = aggregator
        self.admin = admin
        self.limits = limits
        self.emit = emit

        # 43.4.7
        self.Actor_Port_Number = number
        self.Actor_Oper_Port_Key = aggregator.admin.key
        self.Actor_Oper_Port_State = PortState()
        self.NTT = False
        self.port_enabled = False
        self.counters = Counters()
        self.debug = Debug()
        self.Partner_Oper_Port_State = PortState()
        self.set_partner(self.Partner_Admin)

        # 43.4.8
        self.Selected = Selected.UNSELECTED
        self.port_moved = False

        # 43.4.10
        self.current_while_timer = Timer()
        self.periodic_timer = Timer()
        self.wait_while_timer = Timer()
        self.actor_churn_timer = Timer()
        self.partner_churn_timer = Timer()
        self.detach_timer = Timer()

        self.receive_state = ReceiveState.INITIALIZE
        self.periodic_state = PeriodicState.NO_PERIODIC
        self.mux_state = MuxState.DETACHED
        self.actor_churn_state = ActorChurnState.ACTOR_CHURN_MONITOR
        self.partner_churn_state = PartnerChurnState.PARTNER_CHURN_MONITOR
        self.detach_state = DetachState.NO_DETACH

        # What surrounds the machines
        self.at_rest: tuple[object, ...] = ()  # its variables when all machines came to rest (`engine`)
        self.disabled_key: tuple[bytes, int] | None = None  # its partner, while PORT_DISABLED
        self.received: LACPDU | None = None  # CtrlMuxN:MA_UNITDATA.indicate(LACPDU), 43.4.11
        self.selected_lag_id: LagId | None = None  # what it was selected for last
        self.detaching = False  # not to be selected again
        self.removed = False  # its interface is no more: nothing is under way on it
        self.unanswered_markers = 0  # in a row
        self.Partner_Collector_Max_Delay = 0  # as last heard, in tens of microseconds
        self.full_duplex = True
        self.speed_mbps: int | None = None  # as last known
        self.collecting = False  # Frame Collection and Distribution as last told to the host
        self.distributing = False
        self.actor_lag_id: LagId | None = None  # as last counted, 30.7.4.1
        self.partner_lag_id: LagId | None = None

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.receive_state}, {self.Selected}, {self.mux_state}, {self.periodic_state}, "
            f"{self.actor_churn_state}, {self.partner_churn_state}"
        )

    @property
    def timers(self) -> tuple[Timer, ...]:
        """All timers of 43.4.10, and that of a planned detach."""
        return (
            self.current_while_timer,
            self.periodic_timer,
            self.wait_while_timer,
            self.actor_churn_timer,
            self.partner_churn_timer,
            self.detach_timer,
        )

    @property
    def LACP_Enabled(self) -> bool:
        """43.4.8: LACP runs on full-duplex links only, and nowhere in static aggregation."""
        return self.admin.lacp and self.full_duplex and not self.aggregator.admin.link1

    @property
    def Actor_Admin_Port_State(self) -> PortState:
        """43.4.7: what an operator says of the Actor's state."""
        admin = self.aggregator.admin
        return PortState(
            LACP_Activity=admin.activity == "active",
            LACP_Timeout=admin.timeout == "short",
            Aggregation=not self.admin.individual,
        )

    @property
    def Partner_Admin(self) -> Information:
        """43.4.7, Partner_Admin_*: what the partner is taken for while none is heard."""
        own = self.admin
        return Information(
            own.partner_system_priority,
            own.partner_system or bytes(6),
            own.partner_key,
            own.partner_port_priority,
            own.partner_port,
            self._partner_admin_state(),
        )

    def _partner_admin_state(self) -> PortState:
        admin = self.aggregator.admin
        if self.admin.partner_state is not None:
            return PortState.from_octet(self.admin.partner_state)
        if admin.link1:
            return PARTNER_ADMIN_STATIC
        return PARTNER_ADMIN_INDIVIDUAL if admin.defaulted == "individual" else PARTNER_ADMIN

    @property
    def vouched_for(self) -> bool:
        """Whether the operator says that a partner that is not heard is in sync: a LAG made by hand."""
        state = self.admin.partner_state
        return state is not None and PortState.from_octet(state).Synchronization

    @property
    def LAG_ID(self) -> LagId:
        """43.3.6, as the Actor sees it."""
        return lag_id(self.actor_information(), self.partner_information())

    @property
    def Ready_N(self) -> bool:
        """43.4.8: waits to attach, and wait_while_timer has expired."""
        return self.mux_state is MuxState.WAITING and self.wait_while_timer.expired

    @property
    def Actor_Port_Priority(self) -> int:
        """43.4.7."""
        return self.admin.port_priority

    def actor_information(self) -> Information:
        """The operational values of the Actor, as a LACPDU says them now."""
        return Information(
            self.aggregator.Actor_System_Priority,
            self.aggregator.Actor_System,
            self.Actor_Oper_Port_Key,
            self.Actor_Port_Priority,
            self.Actor_Port_Number,
            self.Actor_Oper_Port_State.copy(),
        )

    def partner_information(self) -> Information:
        """The operational values of the Partner, as a LACPDU says them now."""
        return Information(
            self.Partner_Oper_System_Priority,
            self.Partner_Oper_System,
            self.Partner_Oper_Key,
            self.Partner_Oper_Port_Priority,
            self.Partner_Oper_Port_Number,
            self.Partner_Oper_Port_State.copy(),
        )

    def set_partner(self, partner: Information) -> None:
        """Record ``partner`` as the operational values of the Partner."""
        self.Partner_Oper_System_Priority = partner.system_priority
        self.Partner_Oper_System = partner.system
        self.Partner_Oper_Key = partner.key
        self.Partner_Oper_Port_Priority = partner.port_priority
        self.Partner_Oper_Port_Number = partner.port
        if partner.state.Synchronization and not self.Partner_Oper_Port_State.Synchronization:
            self.debug.PartnerSyncTransitionCount += 1
        self.Partner_Oper_Port_State = partner.state.copy()

    def select(self, value: Selected) -> None:
        """Selected := ``value``."""
        if value is not self.Selected:
            self.state_changed("selected", self.Selected, value)
            self.Selected = value

    def state_changed(self, machine: str, old: StrEnum, new: StrEnum) -> None:
        """Tell the host that a machine, or Selected, has another state."""
        self.emit(StateChanged(self.name, machine, str(old), str(new)))
