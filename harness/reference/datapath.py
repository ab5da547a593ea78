"""Frame Collection and Frame Distribution (43.2.3, 43.2.4), as the Mux machine enables them."""

from __future__ import annotations

from collections.abc import Callable

from harness.pdu import State
from harness.reference.variables import Aggregator, Port

IPV4, IPV6, TAG = b"\x08\x00", b"\x86\xdd", b"\x81\x00"


def collecting(port: Port) -> bool:
    """Whether received frames are passed to the MAC client."""
    return State.Collecting in port.actor.state


def distributing(port: Port) -> bool:
    """Whether the MAC client's frames may be sent on this port."""
    return State.Distributing in port.actor.state


def choose(aggregator: Aggregator, frame: bytes, link: Callable[[bytes, int], int]) -> Port | None:
    """The port for a frame of the client, by which of so many links it takes; None while none distributes."""
    ports = [port for port in aggregator.ports if distributing(port)]
    return ports[link(frame, len(ports))] if ports else None


def conversation(frame: bytes) -> bytes:
    """Octets that are equal in all frames of a conversation: addresses, tag, IP addresses."""
    tagged = frame[12:14] == TAG
    start = 16 if tagged else 12
    kind, packet = frame[start : start + 2], frame[start + 2 :]
    addresses = {IPV4: packet[12:20], IPV6: packet[8:40]}.get(kind, b"")
    return frame[:start] + addresses
