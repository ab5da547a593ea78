"""Sends random frames to a port of a real agrd, no faster than it takes them, and keeps the accounts."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agr.cli.client import Client
from agr.daemon.runner import FRAMES_A_SLICE
from testcases.selftest.daemon.lab import Lab, Namespace, RawPort
from testcases.selftest.frames.frames import counter, random_frame
from testcases.selftest.host import wait_until

# As many as agrd reads at once; more would wait, and find no room in its socket.
BATCH = FRAMES_A_SLICE
# What a daemon may grow by after the first tenth of the frames: its log's buffers, Python's free lists.
GROWTH_KIB = 4096


class Flood:
    """One agrd whose port re0 is flooded. ``expected`` are the counters as they should be."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self.host, self.other = lab.host(), lab.host()
        lab.wire(self.host, "re0", self.other, "re0")
        self.other.run("ip", "link", "set", "re0", "up")
        self.host.agrconfig("agr0", "create", "agrport", "re0")
        wait_until(lambda: self.host.port("re0")["link"], "re0 has carrier")
        self.expected: Counter[str] = Counter()
        self.memory: list[int] = []
        self._draw = random.Random(seed)
        with self.host.entered():
            self._client = Client(self.host.directory)
            self._pid = self._status()["agrd"]["pid"]

    def run(self, count: int, progress: Callable[[int], None] = lambda sent: None) -> None:
        """Send ``count`` frames; fails as soon as a counter is not what it should be."""
        with RawPort(self.other, "re0") as wire:
            for sent in range(0, count, BATCH):
                self._batch(wire, min(BATCH, count - sent))
                if len(self.memory) <= 10 * sent // count:
                    self.memory.append(self._resident_kib())
                progress(min(sent + BATCH, count))
            self.memory.append(self._resident_kib())

    def _batch(self, wire: RawPort, count: int) -> None:
        for _ in range(count):
            frame = random_frame(self._draw)
            wire.send(frame)
            name = counter(frame)
            if name is not None:
                self.expected[name] += 1
        while wire.waiting():
            pass
        wait_until(
            lambda: self.counted().total() >= self.expected.total(),
            f"all of {dict(self.expected)} are counted",
        )
        assert self.counted() == self.expected

    def counted(self) -> Counter[str]:
        """What agrd has counted as received on re0."""
        counters = self._status()["aggregates"]["agr0"]["ports"]["re0"]["counters"]
        return Counter({name: value for name, value in counters.items() if name.endswith("Rx") and value})

    def _status(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.ask({"do": "status"})
        return answer

    def _resident_kib(self) -> int:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self._pid}/status").read_text())
        assert found, f"agrd, process {self._pid}, has ended: {self.host.log()}"
        return int(found[1])

    def close(self) -> None:
        """Disconnect from agrd."""
        self._client.close()


def survived(host: Namespace) -> None:
    """agrd met no exception."""
    assert "Traceback" not in host.log(), host.log()
