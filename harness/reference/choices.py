"""Choices that clause 43 leaves to an implementation, and those that the reference model makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.pdu import PortInfo, State
from harness.reference import hashes
from harness.reference.lag import Lag
from harness.reference.table import Machine
from harness.reference.variables import NOBODY, Aggregator, Port


@dataclass
class Choices:
    """The model's choices. Who wants others gives other values, or overrides what decides.

    An oracle does so, to choose as the implementation beside it did; so do the devices that take one freedom
    otherwise (`testcases/selftest/devices`).
    """

    aggregator: Mapping[str, Any] = field(default_factory=dict)
    """Administrative values of a new `Aggregator` (43.4.5, 43.4.6), in place of its defaults."""

    first_key: int = 1
    """43.3.5: the key of agr0; agr1 has the next one."""

    first_port: int = 1
    """43.3.4: the number of the first port; the others have the next ones."""

    port_priority: int = 0x8000
    """43.3.4: of a new port."""

    partner_admin: PortInfo = NOBODY
    """43.4.7: Partner_Admin_* of a new port."""

    own_address: bytes | None = None
    """43.2.10: the Aggregators' MAC address; None: that of the first port."""

    figures: Mapping[str, Machine] = field(default_factory=dict)
    """Machines that are drawn otherwise, by the machine's name."""

    one_lacpdu: bool = True
    """43.4.16: one LACPDU says all that one event has brought about, not one for each NTT."""

    def timer_error(self, timer: str) -> float:
        """43.4.12 to 43.4.17: how much later than its constant a timer ends, within 250 ms either way."""
        return 0.0

    def lag(self, aggregator: Aggregator, lags: Sequence[Lag]) -> Lag:
        """43.4.14: which LAG of several a free Aggregator serves. The first port's, Individual ones last."""
        return min(lags, key=lambda lag: lag.link is not None)

    def may_select(self, port: Port) -> bool:
        """43.4.14: which ports select an Aggregator at all: those that have heard a partner, or whose
        administrative one is said to be in sync (43.4.7)."""
        heard = State.Defaulted not in port.actor.state
        manual = State.Synchronization in port.partner_admin.state
        return heard or (manual and port.states.get("Receive") == "DEFAULTED")

    def gives_way(self, aggregator: Aggregator) -> bool:
        """43.4.14: whether a LAG that has lost its last link leaves its Aggregator to one that waits."""
        return True

    def gives_way_to_enough(self, aggregator: Aggregator) -> bool:
        """43.4.14: whether a LAG of too few links leaves its Aggregator to one of enough that waits."""
        return True

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
