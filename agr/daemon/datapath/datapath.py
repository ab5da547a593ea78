"""The interface of a data path, its counters, and the words by which one is chosen."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

# The words of agrd's --data-path, and of this variable of its environment.
CHOICES = ("auto", "bpf", "python")
VARIABLE = "AGR_DATA_PATH"


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
        """The counters by name, ready for JSON."""
        return asdict(self)


@dataclass
class ClientTraffic:
    """Frames of agr0: those that reached no port, and those that were held while their conversation moved.

    ``held`` - ``released`` are held at this moment.
    """

    undistributed: int = 0  # their conversation was assigned to no port, or they had no whole header
    refused: int = 0  # slow protocol frames, which are none of the client's
    overrun: int = 0  # no room was left in the queue
    held: int = 0
    released: int = 0  # to a port, or dropped with their conversation (and then in undistributed as well)
    held_overrun: int = 0  # to be held, but HELD_OCTETS were held already: dropped

    def as_dict(self) -> dict[str, int]:
        """The counters by name, ready for JSON."""
        return asdict(self)


# The most that one aggregate holds of conversations that move, in a socket or in agrd. A socket has room for
# twice as much, and counts 832 octets for a small frame: 160,000 of them, so that 0.1 million a second find
# room for Marker_Wait_Time (1 s).
HELD_OCTETS = 64 << 20


class DataPath(ABC):
    """Moves the frames of one aggregate between agr0's device and the ports (43.2.3, 43.2.4).

    Every change is in force when the call returns: no frame is taken for a port, or from it, after that.
    LACPDUs, Markers and illegal subtypes of slow protocols never reach agr0; all else does, that to
    01-80-C2-00-00-00..0F too, which listeners on the port itself get as well (43.2.9). A new port neither
    receives nor sends. Conversations are the buckets of `agr.core.distribution.bucket_of`; at first none has
    a port.
    """

    name: ClassVar[str]  # as the status and ``--data-path`` have it

    @abstractmethod
    def attach(self, port: str | None = None) -> None:
        """Begin to take the frames of a port that was added, or (None) of the client.

        Waits for the kernel's locks: for a thread beside the event loop. What it puts on an interface is the
        caller's to take away, when the path is closed or the port removed. Raises OSError.
        """

    @abstractmethod
    def add_port(self, port: str) -> None:
        """Add a port, by the name of its interface. Raises OSError."""

    @abstractmethod
    def remove_port(self, port: str) -> None:
        """Remove a port, also when its interface is not there any more."""

    @abstractmethod
    def expect(self, port: str, on: bool) -> None:
        """Collecting may begin soon: queue what arrives, so that nothing is lost until a PDU takes effect."""

    @abstractmethod
    def keep(self, port: str) -> None:
        """Queue what an expected port receives from now on, until it is Collecting."""

    @abstractmethod
    def set_collecting(self, port: str, on: bool) -> None:
        """Deliver to agr0 what the port receives, or discard it."""

    @abstractmethod
    def deliver(self, port: str) -> None:
        """Deliver what a Collecting port has received so far, before a Marker is answered (43.5.4)."""

    @abstractmethod
    def assign(self, buckets: Sequence[int], port: str | None) -> None:
        """Send the frames of ``buckets`` on ``port`` from now on; None: drop and count them.

        Held frames of theirs are sent first, in order. A port that was not added counts as None.
        """

    @abstractmethod
    def hold(self, buckets: Sequence[int], done: Callable[[], None]) -> None:
        """Hold the frames of ``buckets``, in order, until they are assigned: at most HELD_OCTETS in all.

        ``done`` is called from the event loop, never from within this call, as soon as each frame of theirs
        that is not held has been handed to its port.
        """

    @abstractmethod
    def round_robin(self, ports: Sequence[str] | None) -> None:
        """Let frames take turns on ``ports``, whatever their bucket (link0); None: back to buckets."""

    @abstractmethod
    def send_behind_data(self, port: str, frame: bytes) -> None:
        """Send a frame (without FCS) behind all data that was handed to ``port`` before. Raises OSError."""

    @abstractmethod
    def port_traffic(self, port: str) -> PortTraffic:
        """Counters of a port."""

    @abstractmethod
    def client_traffic(self) -> ClientTraffic:
        """Counters of agr0 itself."""

    @abstractmethod
    def close(self) -> None:
        """Stop moving frames, and close all sockets and descriptors."""
