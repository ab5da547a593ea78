"""What a sender says it sent, what a receiver saw, and the difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sent:
    """``flows[n]`` frames of flow n were handed to the kernel, in ``seconds``.

    ``refused`` of them it gave back, as a queue that is full does: they are lost.
    """

    frames: int
    refused: int
    seconds: float
    flows: tuple[int, ...]

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.frames / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Flow:
    """Frames of one flow that came, doubles included."""

    received: int
    duplicated: int
    reordered: int


@dataclass(frozen=True)
class Port:
    """Frames of one interface. Times are the kernel's time stamps, nanoseconds since the epoch."""

    frames: int
    first_ns: int
    last_ns: int

    @property
    def rate(self) -> float:
        """Frames a second from the first to the last."""
        spent = self.last_ns - self.first_ns
        return (self.frames - 1) * 1e9 / spent if spent else 0.0


@dataclass(frozen=True)
class Silence:
    """No frame of an interface between these two time stamps."""

    interface: str
    last_ns: int
    next_ns: int


@dataclass(frozen=True)
class Seen:
    """What a receiver saw. For ``dropped`` frames the kernel had no room: then trust no other figure."""

    frames: int
    dropped: int
    flows: dict[int, Flow]
    ports: dict[str, Port]
    silences: tuple[Silence, ...]

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Seen:
        """As the receiver's process writes it."""
        return cls(
            said["frames"],
            said["dropped"],
            {int(number): Flow(*counts) for number, counts in said["flows"].items()},
            {name: Port(*figures) for name, figures in said["ports"].items()},
            tuple(Silence(*silence) for silence in said["silences"]),
        )


@dataclass(frozen=True)
class Outcome:
    """Frames that were ``lost``, ``duplicated``, ``reordered``; ``dropped`` is the receiver's own trouble."""

    sent: int
    lost: int
    duplicated: int
    reordered: int
    dropped: int

    @property
    def clean(self) -> bool:
        """Every frame came once and in order, and the receiver missed none."""
        return not (self.lost or self.duplicated or self.reordered or self.dropped)


def compare(sent: Sent, seen: Seen) -> Outcome:
    """Take stock when both have stopped and nothing is under way."""
    once = sum(flow.received - flow.duplicated for flow in seen.flows.values())
    return Outcome(
        sent.frames,
        sent.frames - once,
        sum(flow.duplicated for flow in seen.flows.values()),
        sum(flow.reordered for flow in seen.flows.values()),
        seen.dropped,
    )
