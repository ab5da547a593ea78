"""The System of 43.3.2: every machine of clause 43 for its ports and Aggregators, without I/O and without a clock."""

from __future__ import annotations

from typing import Any

from agr.core.admin import AggregatorAdmin, PortAdmin, SystemAdmin
from agr.core.distribution import Distributor
from agr.core.outputs import Output


class System:
    """Call it with ``now`` (seconds as float, any monotonic origin), then do what `take` returns, in order.

    Names of ports and Aggregators are the caller's. Every method that is given an unknown name, or a name that
    is taken, raises ValueError with a message for the operator.
    """

    def __init__(self, admin: SystemAdmin | None = None) -> None:
        raise NotImplementedError

    def add_aggregator(self, now: float, name: str, admin: AggregatorAdmin | None = None) -> None:
        """Make an Aggregator without ports."""
        raise NotImplementedError

    def remove_aggregator(self, now: float, name: str) -> None:
        """Forget an Aggregator. Raises ValueError while it has ports."""
        raise NotImplementedError

    def add_port(
        self, now: float, name: str, mac: bytes, aggregator: str, admin: PortAdmin | None = None
    ) -> None:
        """Attach a port, without carrier until `set_link` says otherwise. ``mac`` is its own address."""
        raise NotImplementedError

    def remove_port(self, now: float, name: str) -> None:
        """Unselect and forget a port; `take` then holds its farewell LACPDU, with Sync=Coll=Dist=0.

        Where the rate limit or a missing carrier forbids a LACPDU at this instant, there is no farewell.
        """
        raise NotImplementedError

    def set_link(
        self, now: float, port: str, up: bool, speed_mbps: int | None = None, full_duplex: bool = True
    ) -> None:
        """port_enabled (43.4.7) and what the MAC says; unknown speed is None. Half duplex: no LACP (43.4.8)."""
        raise NotImplementedError

    def configure(
        self, now: float, aggregator: str, variable: str, value: str, port: str | None = None
    ) -> None:
        """One "variable value" pair of agrconfig, of the aggregate or of one of its ports.

        aggregate: system-priority, system-id, key, activity, timeout, control, collector-max-delay, link0;
        port: port-priority, individual, lacp. Raises ValueError, and nothing has changed.
        """
        raise NotImplementedError

    def receive(self, now: float, port: str, frame: bytes) -> None:
        """A slow-protocol frame (whole Ethernet frame without FCS) arrived on ``port``.

        Never raises for what is in the frame: bad ones are counted. Hand over frames that wait before `advance`.
        """
        raise NotImplementedError

    def advance(self, now: float) -> None:
        """Fire every deadline <= ``now``, in order, each at its own time.

        PDUs that become due in one call leave together at ``now``: a late call sends the latest state once.
        """
        raise NotImplementedError

    def deadline(self) -> float | None:
        """When `advance` must be called next; None when nothing is pending."""
        raise NotImplementedError

    def take(self) -> list[Output]:
        """What is to be done since the last take, in order."""
        raise NotImplementedError

    def distributor(self, aggregator: str) -> Distributor:
        """Frame Distribution of an Aggregator (43.2.4): `Distributor.choose` names a Distributing port."""
        raise NotImplementedError

    def collecting(self, port: str) -> bool:
        """Whether frames received on ``port`` belong to the client (43.2.3)."""
        raise NotImplementedError

    def status(self, now: float) -> dict[str, Any]:
        """JSON-ready: {"aggregates": {name: {..., "ports": {name: {...}}}}}, without what only a kernel knows."""
        raise NotImplementedError
