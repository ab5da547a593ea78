"""Choices that clause 43 leaves to an implementation, and those that the reference model makes."""

from __future__ import annotations

from collections.abc import Sequence

from harness.pdu import State
from harness.reference import hashes
from harness.reference.lag import Lag
from harness.reference.variables import Aggregator, Port


class Choices:
    """The model's choices. An oracle overrides them, to choose as the implementation beside it did."""

    def lag(self, aggregator: Aggregator, lags: Sequence[Lag]) -> Lag:
        """43.4.14: which LAG of several a free Aggregator serves. The first port's, Individual ones last."""
        return min(lags, key=lambda lag: lag.link is not None)

    def may_select(self, port: Port) -> bool:
        """43.4.14: which ports select an Aggregator at all: those that have heard a partner."""
        return State.Defaulted not in port.actor.state

    def active(self, aggregator: Aggregator, ranked: Sequence[Port], limit: int) -> Sequence[Port]:
        """43.6.1: which links are active, where there are more than the limit; ``ranked`` is by priority.

        The clause orders links that can be used. Those without carrier come last here; nothing else counts.
        """
        return sorted(ranked, key=lambda port: not port.port_enabled)[:limit]

    def transmit(self, port: Port) -> bool:
        """43.4.16: whether a fourth LACPDU leaves when Fast_Periodic_Time is over, or in its tolerance."""
        return True

    def conversation(self, frame: bytes) -> int:
        """43.2.4: a number that all frames of a conversation share, for which link it takes; see `hashes`."""
        return hashes.crc(frame)
