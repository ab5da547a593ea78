"""Counters of 30.7; they live as long as the port is attached."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Counters:
    """30.7.3.1: slow-protocol frames received and sent."""

    LACPDUsRx: int = 0
    LACPDUsTx: int = 0
    MarkerPDUsRx: int = 0
    MarkerResponsePDUsTx: int = 0
    MarkerResponsePDUsRx: int = 0
    MarkerPDUsTx: int = 0
    UnknownRx: int = 0
    IllegalRx: int = 0


@dataclass
class Debug:
    """30.7.4.1. ``LastRxTime``: when the last LACPDU came, in seconds of the core's clock; None: never.

    Churn: how often a side was declared churning. Sync transitions: how often a side came IN_SYNC. Changes:
    how often the LAG ID changed as the Actor sees it, or as the partner's LACPDUs say that it sees it.
    """

    LastRxTime: float | None = None
    ActorChurnCount: int = 0
    PartnerChurnCount: int = 0
    ActorSyncTransitionCount: int = 0
    PartnerSyncTransitionCount: int = 0
    ActorChangeCount: int = 0
    PartnerChangeCount: int = 0

    def count_churn(self, side: str) -> None:
        """``side`` is "Actor" or "Partner"."""
        if side == "Actor":
            self.ActorChurnCount += 1
        else:
            self.PartnerChurnCount += 1


@dataclass
class Notifications:
    """30.7.1.2: how often an Aggregator came up (nAggLinkUpNotification), and went down."""

    LinkUp: int = 0
    LinkDown: int = 0


@dataclass
class MoveCounters:
    """``Moves``: how often a living link lost conversations; ``MovesTimedOut``: with no Response in time."""

    Moves: int = 0
    MovesTimedOut: int = 0
    MarkersTx: int = 0
    MarkerResponsesRx: int = 0
