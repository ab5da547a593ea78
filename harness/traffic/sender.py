"""The fast sender, a process of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Self

from harness.host.location import Location
from harness.lab import schema
from harness.traffic.child import Child
from harness.traffic.flows import FLOWS_MOST, SHORTEST
from harness.traffic.outcome import SenderCount
from harness.traffic.source import Source, tester_port

_ANSWER_SECONDS = 10.0


class Sender(Child, Source):
    """Sends ``frames`` in turn on ``interface``: each is a flow, its last octets become the stamp of ``run``.

    ``run`` is a number of 32 bits, the receiver's too; ``core`` pins the process. With ``waiting`` at least
    so many frames may wait in queues before the sender does. Raises BenchError.
    """

    def __init__(
        self,
        interface: str,
        at: Location,
        frames: Sequence[bytes],
        *,
        run: int,
        core: int | None = None,
        waiting: int = 0,
    ) -> None:
        if not 0 < len(frames) <= FLOWS_MOST or min(map(len, frames)) < SHORTEST:
            raise ValueError(f"1 to {FLOWS_MOST} flows, of frames of at least {SHORTEST} octets")
        settings = {
            "interface": interface,
            "frames": [frame.hex() for frame in frames],
            "run": run,
            "core": core,
            "waiting": waiting,
        }
        super().__init__(at, "harness.traffic.processes.sender", settings)

    @classmethod
    def open(
        cls, section: schema.Generator, wire: schema.Wire, frames: Sequence[bytes], *, run: int, at: Location
    ) -> Self:
        """As `Source.open`. It stays on one core: else the kernel's queues change the order."""
        port = tester_port(wire)
        return cls(port.interface, at, frames, run=run, core=min(os.sched_getaffinity(0)))

    def start(self, *, rate: float | None = None, count: int | None = None) -> None:
        """As `Source.start`."""
        self.tell({"rate": rate, "count": count})

    def stop(self) -> SenderCount:
        """As `Source.stop`."""
        self.tell({"stop": True})
        return self.wait(_ANSWER_SECONDS)

    def wait(self, seconds: float) -> SenderCount:
        """As `Source.wait`."""
        said = self.answer(seconds)
        return SenderCount(
            said["frames"], said["refused"], said["seconds"], tuple(said["flows"]), said["late"]
        )
