"""What a sender says it sent, what a receiver saw, and the difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

_LATE_SECONDS, _LATE_SHARE = 0.02, 0.02
"""So late a generator is still at its pace: whichever is longer."""


@dataclass(frozen=True)
class SenderCount:
    """``flows[n]`` frames of flow n were handed to the kernel, in ``seconds``.

    ``refused`` of them it gave back, as a queue that is full does: they are lost. ``late`` is by how many
    seconds in all the last frames went after the pace that was asked for would have had them go. Where frames
    are not ``numbered`` all of a flow are alike: they can be counted, their order and copies are not known.
    """

    frames: int
    refused: int
    seconds: float
    flows: tuple[int, ...]
    late: float = 0.0
    numbered: bool = True

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.frames / self.seconds if self.seconds else 0.0

    @property
    def behind(self) -> str:
        """What a generator that could not keep its pace says of itself; "" of one that could."""
        if self.late <= max(_LATE_SECONDS, _LATE_SHARE * self.seconds):
            return ""
        wanted = self.frames / (self.seconds - self.late)
        return f"the generator sent {self.rate:,.0f} frames a second, it was to send {wanted:,.0f}"


@dataclass(frozen=True)
class Flow:
    """Frames of one flow that came, doubles included."""

    received: int
    duplicated: int
    reordered: int


class Delay(NamedTuple):
    """Nanoseconds from the sender's handing over to the time stamp of reception, of frames of one interface.

    Frames that are handed over together wait for one another. Where the two clocks differ, so do the delays.
    """

    shortest: int
    median: int
    p99: int
    longest: int


@dataclass(frozen=True)
class Port:
    """Frames of one interface. Times are its time stamps, nanoseconds since the epoch.

    The kernel's, but for ``by_nic`` of them. ``corrupted`` frames count here, and in no flow; ``flows`` has
    how many of each came here. ``delay`` is None where no frame said when it was sent.
    """

    frames: int
    first_ns: int
    last_ns: int
    corrupted: int = 0
    by_nic: int = 0
    delay: Delay | None = None
    flows: dict[int, int] = field(default_factory=dict)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Port:
        """As the receiver's process writes it."""
        delay = None if said["delay"] is None else Delay(*said["delay"])
        flows = {int(number): frames for number, frames in said["flows"].items()}
        return cls(**{**said, "delay": delay, "flows": flows})

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
class ReceiverCount:
    """What a receiver saw. For ``dropped`` frames the kernel had no room: then trust no other figure.

    ``corrupted`` frames came, not as they were sent: they are not among ``frames`` and in no flow.
    ``handovers`` are interruptions (ns) of conversations that came on another interface than before, since
    stock was taken last; all else is since the beginning.
    """

    frames: int
    dropped: int
    flows: dict[int, Flow]
    ports: dict[str, Port]
    silences: tuple[Silence, ...]
    corrupted: int = 0
    handovers: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> ReceiverCount:
        """As the receiver's process writes it."""
        return cls(
            said["frames"],
            said["dropped"],
            {int(number): Flow(*counts) for number, counts in said["flows"].items()},
            {name: Port.from_json(figures) for name, figures in said["ports"].items()},
            tuple(Silence(*silence) for silence in said["silences"]),
            said["corrupted"],
            tuple(said["handovers"]),
        )


@dataclass(frozen=True)
class Outcome:
    """Frames that were ``lost``, ``duplicated``, ``reordered``; ``dropped`` is the receiver's own trouble.

    ``corrupted`` frames came changed. Each is among the lost too: as it was sent it did not come.
    """

    sent: int
    lost: int
    duplicated: int
    reordered: int
    dropped: int
    corrupted: int = 0

    @property
    def clean(self) -> bool:
        """Every frame came once, in order and unchanged, and the receiver missed none."""
        return not (self.lost or self.duplicated or self.reordered or self.dropped or self.corrupted)


def compare(sent: SenderCount, seen: ReceiverCount) -> Outcome:
    """Take stock when both have stopped and nothing is under way."""
    if not sent.numbered:
        return Outcome(sent.frames, sent.frames - seen.frames, 0, 0, seen.dropped, seen.corrupted)
    once = sum(flow.received - flow.duplicated for flow in seen.flows.values())
    return Outcome(
        sent.frames,
        sent.frames - once,
        sum(flow.duplicated for flow in seen.flows.values()),
        sum(flow.reordered for flow in seen.flows.values()),
        seen.dropped,
        seen.corrupted,
    )
