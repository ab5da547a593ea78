"""What a data path of one aggregate must do, whatever moves the frames."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass


@dataclass
class PortTraffic:
    """Frames of one port since it was attached; one that the kernel has not yet segmented counts once."""

    received: int = 0  # delivered to agr0
    sent: int = 0
    discarded: int = 0  # received while not Collecting
    overrun: int = 0  # received, but no room was left in the queue
    undelivered: int = 0  # received, but agr0 did not take it
    unsent: int = 0  # for this port, but the port did not take it

    def as_dict(self) -> dict[str, int]:
        """JSON-ready."""
        return asdict(self)


@dataclass
class ClientTraffic:
    """Frames of agr0 that reached no port."""

    undistributed: int = 0  # no port was Distributing
    overrun: int = 0  # no room was left in the queue

    def as_dict(self) -> dict[str, int]:
        """JSON-ready."""
        return asdict(self)


class DataPath(ABC):
    """Moves the frames of one aggregate between agr0's mate and the ports (43.2.3, 43.2.4).

    Every change is in force when the call returns: no frame is taken for a port, or from it, after that.
    Slow protocol frames and those to 01-80-C2-00-00-00..0F never reach agr0. A new port neither receives nor
    sends.
    """

    @abstractmethod
    def add_port(self, port: str) -> None:
        """Take a port in, by the name of its interface. Raises OSError."""

    @abstractmethod
    def remove_port(self, port: str) -> None:
        """Let a port go, also when its interface is gone."""

    @abstractmethod
    def expect(self, port: str, on: bool) -> None:
        """Collecting may begin soon: keep what arrives, so that nothing is lost until a PDU takes effect."""

    @abstractmethod
    def set_collecting(self, port: str, on: bool) -> None:
        """Deliver what the port receives to agr0, or discard it."""

    @abstractmethod
    def redistribute(self) -> None:
        """The Distributor's ports or its mode have changed."""

    @abstractmethod
    def port_traffic(self, port: str) -> PortTraffic:
        """Counters of a port."""

    @abstractmethod
    def client_traffic(self) -> ClientTraffic:
        """Counters of agr0 itself."""

    @abstractmethod
    def close(self) -> None:
        """Let everything go."""
