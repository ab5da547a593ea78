"""Links that become slow under load: frames wait in a queue of the kernel's (tc-tbf(8)) before they leave.

Who moves a conversation off such a link without a Marker, or without waiting, lets it overtake itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from harness.host.location import Here
from harness.host.port_queue import PortQueue
from testcases.benchmarks.hosts import wait_until
from testcases.benchmarks.paths import Path

LEAST_QUEUED = 200
"""Frames that wait when conversations leave a slow link, at least: at its pace some ms."""

_PLENTY = 1e9
_PASSES = 0.8
"""Of what a link carries, the rest waits."""
_MOST = 1e6
"""Octets a second: each frame that has waited has cost a timer of the kernel, time that the sender lacks."""
_LOOK_SECONDS = 0.2


class SlowLinks:
    """The queues of what the near end of a path sends on ``ports``, by a sender on the core ``sends``.

    They are there before the load: making one loses frames. ``least`` is the shortest of those that were
    filled, in frames.
    """

    def __init__(self, path: Path, ports: Sequence[str], sends: int) -> None:
        self.least: int | None = None
        self._host = path.near
        self._queues = {port: PortQueue(port, Here(path.near.name)) for port in ports}
        for port in ports:
            self.let_go(port)
        path.far.keep_order(ports, sends)

    def fill(self, port: str) -> None:
        """From now on it passes less than it gets; returns when frames wait. Raises BenchError."""
        queue = self._queues[port]
        queue.slow(min(_MOST, _PASSES * self._octets_a_second(port)))
        wait_until(lambda: queue.waiting() >= LEAST_QUEUED, f"{LEAST_QUEUED} frames wait on {port}")
        queued = queue.waiting()
        self.least = queued if self.least is None else min(self.least, queued)

    def let_go(self, port: str) -> None:
        """It passes all that it gets."""
        self._queues[port].slow(_PLENTY)

    def _octets_a_second(self, port: str) -> float:
        before, at = self._sent(port), time.monotonic()
        time.sleep(_LOOK_SECONDS)
        return (self._sent(port) - before) / (time.monotonic() - at)

    def _sent(self, port: str) -> int:
        return int(self._host.link(port)["stats64"]["tx"]["bytes"])
