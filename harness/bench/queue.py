"""A slow link: the queue of its sender is filled, by the kernel's token bucket (tc-tbf(8))."""

from __future__ import annotations

import json
import subprocess

from harness.verdict import BenchError

BURST = 2048
"""Octets that go at once: room for a frame of 1518."""

ROOM = 16 << 20
"""Octets that may wait: so many that none is dropped."""


class PortQueue:
    """The queue of what an interface sends, in a namespace that the bench has made."""

    def __init__(self, interface: str, namespace: str) -> None:
        self._interface = interface
        self._namespace = namespace
        self._slow = False

    def slow(self, octets_a_second: float) -> None:
        """From now on so much goes through; what waits already goes on waiting. Raises BenchError."""
        rate = ["rate", f"{max(1, round(octets_a_second * 8))}bit"]
        self._tc("qdisc", "replace", *self._root, "tbf", *rate, "burst", str(BURST), "limit", str(ROOM))
        self._slow = True

    def remove(self) -> None:
        """There is no queue any more, nor what waited in it. Raises BenchError."""
        if self._slow:
            self._slow = False
            self._tc("qdisc", "delete", *self._root)

    def waiting(self) -> int:
        """Frames that wait in it. Raises BenchError."""
        said = self._tc("-s", "-j", "qdisc", "show", *self._root)
        return int(json.loads(said)[0]["qlen"])

    @property
    def _root(self) -> list[str]:
        return ["dev", self._interface, "root"]

    def _tc(self, *words: str) -> str:
        command = ["tc", "-n", self._namespace, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout
