"""What the core asks of its host, in the order in which it must be done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Transmit:
    """Send ``frame`` (a whole Ethernet frame without FCS) on ``port``, now."""

    port: str
    frame: bytes


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

    ``machine`` is one of receive, periodic, mux, selected, actor_churn, partner_churn.
    """

    port: str
    machine: str
    old: str
    new: str


Output = Transmit | CollectingChanged | DistributingChanged | StateChanged
