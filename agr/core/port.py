"""The variables of an Aggregation Port (43.4.7, 43.4.8)."""

from __future__ import annotations

from collections.abc import Callable

from agr.core.admin import PortAdmin
from agr.core.aggregator import Aggregator
from agr.core.constants import (
    LACPDU_LIMIT,
    LIMIT_GUARD,
    MARKER_LIMIT,
    MARKER_PROTOCOL_LIMIT,
    RECEIVED_LACPDU_LIMIT,
    Fast_Periodic_Time,
)
from agr.core.counters import Counters, Debug
from agr.core.lacpdu import LACPDU, Information
from agr.core.lag import LagId
from agr.core.outputs import Output, StateChanged
from agr.core.state import PortState
from agr.core.states import (
    ActorChurnState,
    LeaveState,
    MuxState,
    PartnerChurnState,
    PeriodicState,
    ReceiveState,
    Selected,
)
from agr.core.timer import MarkerRate, RateLimit, Timer


def _nobody(**state: bool) -> Information:
    return Information(
        system_priority=0, system=bytes(6), key=0, port_priority=0, port=0, state=PortState(**state)
    )


# 43.4.7 Partner_Admin_*, the partner while none is heard: nobody, passive, Long Timeout, Individual
PARTNER_ADMIN = _nobody()
# where a Defaulted port may carry data (defaulted individual)
PARTNER_ADMIN_INDIVIDUAL = _nobody(Synchronization=True, Collecting=True, Distributing=True)
# without LACP (link1) the operator vouches for the partner
PARTNER_ADMIN_STATIC = _nobody(Aggregation=True, Synchronization=True, Collecting=True, Distributing=True)


class Limits:
    """How much a wire may be sent, and is listened to; it outlives a Port that is removed and added again."""

    def __init__(self) -> None:
        window = Fast_Periodic_Time + LIMIT_GUARD
        self.lacpdu = RateLimit(LACPDU_LIMIT, window)
        self.marker = MarkerRate(MARKER_PROTOCOL_LIMIT, MARKER_LIMIT, window)
        self.received_lacpdu = RateLimit(RECEIVED_LACPDU_LIMIT, Fast_Periodic_Time)

    def are_idle(self, now: float) -> bool:
        """Whether new ones would allow the same."""
        return all(limit.is_idle(now) for limit in (self.lacpdu, self.marker, self.received_lacpdu))


class Port:
    """One Aggregation Port. ``mac`` is its individual MAC address; ``emit`` takes what the host must do.

    What must outlive the process is in plain attributes: those of 43.4.7 and 43.4.8, the machines' states,
    the timers, ``lag_id``, ``actor_lag_id``, ``partner_lag_id``, ``counters`` and ``debug``.
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
        self.leave_timer = Timer()

        self.receive_state = ReceiveState.INITIALIZE
        self.periodic_state = PeriodicState.NO_PERIODIC
        self.mux_state = MuxState.DETACHED
        self.actor_churn_state = ActorChurnState.ACTOR_CHURN_MONITOR
        self.partner_churn_state = PartnerChurnState.PARTNER_CHURN_MONITOR
        self.leave_state = LeaveState.STAYING

        # What surrounds the machines
        self.at_rest: tuple[object, ...] = ()  # what other machines read of it, when they came to rest
        self.disabled_key: tuple[bytes, int] | None = None  # its partner, while PORT_DISABLED
        self.received: LACPDU | None = None  # CtrlMuxN:MA_UNITDATA.indicate(LACPDU), 43.4.11
        self.lag_id: LagId | None = None  # what it was selected for last
        self.leaving = False  # about to be detached: not to be selected again
        self.gone = False  # its interface is no more: nothing is under way on it
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
            self.leave_timer,
        )

    @property
    def LACP_Enabled(self) -> bool:
        """43.4.8: LACP runs on full-duplex links only, and nowhere in static aggregation."""
        return self.admin.lacp and self.full_duplex and not self.aggregator.admin.link1

    @property
    def Partner_Admin(self) -> Information:
        """43.4.7, Partner_Admin_*: what the partner is taken for while none is heard."""
        admin = self.aggregator.admin
        if admin.link1:
            return PARTNER_ADMIN_STATIC
        return PARTNER_ADMIN_INDIVIDUAL if admin.defaulted == "individual" else PARTNER_ADMIN

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
            self.emit(StateChanged(self.name, "selected", str(self.Selected), str(value)))
            self.Selected = value
