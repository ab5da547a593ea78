"""What the core asks of its host, in the order in which it must be done."""

from __future__ import annotations

from dataclasses import dataclass

from agr.core.constants import LACP_SUBTYPE

_SUBTYPE_AT = 14


@dataclass(frozen=True)
class Transmit:
    """Send ``frame`` (a whole Ethernet frame without FCS) on ``port``, now.

    When that is done the host calls `System.sent`, once for each Transmit and in their order.
    ``behind_data``: a Marker; it must not overtake data that was handed to the port before.
    """

    port: str
    frame: bytes
    behind_data: bool = False

    @property
    def is_LACPDU(self) -> bool:
        """Whether it is one, and no Marker or Marker Response."""
        return self.frame[_SUBTYPE_AT] == LACP_SUBTYPE


@dataclass(frozen=True)
class CollectingChanged:
    """Enable_ or Disable_Collecting (43.4.9): pass received frames of ``port`` to the client, or not."""

    port: str
    on: bool


@dataclass(frozen=True)
class DistributingChanged:
    """Enable_ or Disable_Distributing (43.4.9): the client's frames may use ``port``, or not."""

    port: str
    on: bool


@dataclass(frozen=True)
class StateChanged:
    """A machine of ``port`` went from state ``old`` to ``new``; for logs only.

    ``machine`` is one of receive, periodic, mux, selected, actor_churn, partner_churn, detach.
    """

    port: str
    machine: str
    old: str
    new: str


@dataclass(frozen=True)
class Assign:
    """Send frames of the conversations ``buckets`` on ``port`` from now on; None: drop and count them.

    Frames that are held (`Hold`) leave first, in order. At the start no bucket has a port.
    """

    aggregator: str
    buckets: tuple[int, ...]
    port: str | None


@dataclass(frozen=True)
class Hold:
    """Keep the frames of ``buckets``, in order, until they are assigned (43.2.5).

    When no more frame of theirs can leave on the old port, the host calls `System.held`, once for every Hold.
    """

    aggregator: str
    buckets: tuple[int, ...]


@dataclass(frozen=True)
class RoundRobin:
    """link0: frames take turns on ``ports``, whatever their bucket. None: back to buckets, as assigned."""

    aggregator: str
    ports: tuple[str, ...] | None


@dataclass(frozen=True)
class Detachment:
    """The end of a planned detach (`System.detach`): ``port`` belongs to no Aggregator any more."""

    port: str


_PortOutput = Transmit | CollectingChanged | DistributingChanged | StateChanged | Detachment
_ConversationOutput = Assign | Hold | RoundRobin
Output = _PortOutput | _ConversationOutput
