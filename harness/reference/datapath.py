"""Frame Collection and Frame Distribution (43.2.3, 43.2.4), as the Mux machine enables them."""

from __future__ import annotations

from harness.pdu import State
from harness.reference.choices import Choices
from harness.reference.variables import Aggregator, Port

BROADCAST = bytes([0xFF] * 6)
HEADER, SHORTEST = 14, 60
"""Octets before a frame's data, and of the shortest frame without FCS."""


def collecting(port: Port) -> bool:
    """Whether received frames are passed to the MAC client."""
    return State.Collecting in port.actor.state


def distributing(port: Port) -> bool:
    """Whether the MAC client's frames may be sent on this port."""
    return State.Distributing in port.actor.state


def count(aggregator: Aggregator, way: str, frame: bytes) -> None:
    """30.7.1.1: a frame of the MAC client's, "Tx" or "Rx"; the octets of its data, and of padding."""
    counters = aggregator.counters
    counters[f"Frames{way}OK"] += 1
    counters[f"Octets{way}OK"] += max(len(frame), SHORTEST) - HEADER
    if int.from_bytes(frame[:1], "big") & 1:
        kind = "Broadcast" if frame[:6] == BROADCAST else "Multicast"
        counters[f"{kind}Frames{way}OK"] += 1


def note_operational(aggregator: Aggregator) -> None:
    """30.7.1.1, aAggOperState, and 30.7.1.2: whether a link may be used for the MAC client's frames."""
    operational = any(map(distributing, aggregator.ports))
    if operational is not aggregator.operational:
        aggregator.operational = operational
        aggregator.counters["LinkUp" if operational else "LinkDown"] += 1


def choose(aggregator: Aggregator, frame: bytes, choices: Choices) -> Port | None:
    """The port for a frame of the client: always the same for a conversation, None while none distributes."""
    ports = [port for port in aggregator.ports if distributing(port)]
    return ports[choices.conversation(frame) % len(ports)] if ports else None
