"""Frame Collection and Frame Distribution (43.2.3, 43.2.4), as the Mux machine enables them."""

from __future__ import annotations

from harness.pdu import State
from harness.reference.choices import Choices
from harness.reference.variables import Aggregator, Port


def collecting(port: Port) -> bool:
    """Whether received frames are passed to the MAC client."""
    return State.Collecting in port.actor.state


def distributing(port: Port) -> bool:
    """Whether the MAC client's frames may be sent on this port."""
    return State.Distributing in port.actor.state


def choose(aggregator: Aggregator, frame: bytes, choices: Choices) -> Port | None:
    """The port for a frame of the client: always the same for a conversation, None while none distributes."""
    ports = [port for port in aggregator.ports if distributing(port)]
    return ports[choices.conversation(frame) % len(ports)] if ports else None
