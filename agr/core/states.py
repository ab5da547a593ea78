"""Names of the states of clause 43's machines, and of agr's own two."""

from __future__ import annotations

from enum import StrEnum


class ReceiveState(StrEnum):
    """43.4.12."""

    INITIALIZE = "INITIALIZE"
    PORT_DISABLED = "PORT_DISABLED"
    EXPIRED = "EXPIRED"
    LACP_DISABLED = "LACP_DISABLED"
    DEFAULTED = "DEFAULTED"
    CURRENT = "CURRENT"


class PeriodicState(StrEnum):
    """43.4.13."""

    NO_PERIODIC = "NO_PERIODIC"
    FAST_PERIODIC = "FAST_PERIODIC"
    SLOW_PERIODIC = "SLOW_PERIODIC"
    PERIODIC_TX = "PERIODIC_TX"


class Selected(StrEnum):
    """The variable Selected of 43.4.8."""

    UNSELECTED = "UNSELECTED"
    STANDBY = "STANDBY"
    SELECTED = "SELECTED"


class MuxState(StrEnum):
    """43.4.15: independent control uses COLLECTING and DISTRIBUTING, coupled COLLECTING_DISTRIBUTING."""

    DETACHED = "DETACHED"
    WAITING = "WAITING"
    ATTACHED = "ATTACHED"
    COLLECTING = "COLLECTING"
    DISTRIBUTING = "DISTRIBUTING"
    COLLECTING_DISTRIBUTING = "COLLECTING_DISTRIBUTING"

    @property
    def attached(self) -> bool:
        """Whether a port is attached to its Aggregator in this state."""
        return self not in (MuxState.DETACHED, MuxState.WAITING)


class DetachState(StrEnum):
    """Planned detach (`agr.core.detach`)."""

    NO_DETACH = "NO_DETACH"
    MOVE_CONVERSATIONS = "MOVE_CONVERSATIONS"
    TELL_PARTNER = "TELL_PARTNER"
    WAIT_FOR_PARTNER = "WAIT_FOR_PARTNER"
    DETACHED = "DETACHED"


class ActorChurnState(StrEnum):
    """43.4.17."""

    ACTOR_CHURN_MONITOR = "ACTOR_CHURN_MONITOR"
    NO_ACTOR_CHURN = "NO_ACTOR_CHURN"
    ACTOR_CHURN = "ACTOR_CHURN"


class PartnerChurnState(StrEnum):
    """43.4.17."""

    PARTNER_CHURN_MONITOR = "PARTNER_CHURN_MONITOR"
    NO_PARTNER_CHURN = "NO_PARTNER_CHURN"
    PARTNER_CHURN = "PARTNER_CHURN"


class DrainState(StrEnum):
    """Conversations that move (43A.3, `agr.core.marker`).

    HOLDING: the host stops sending their frames. MARKING: a Marker is due. WAITING: for its Response.
    """

    HOLDING = "HOLDING"
    MARKING = "MARKING"
    WAITING = "WAITING"
    RELEASED = "RELEASED"
