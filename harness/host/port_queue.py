"""Egress queues (qdiscs) of a port: a slow link by tc-tbf(8), or a queue that is always full.

What is set is read back before anything is judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from harness.host.location import Location
from harness.verdict import BenchError

BURST = 2048
"""Octets that go at once: room for a frame of 1518."""

ROOM = 16 << 20
"""Octets that may wait: so many that none is dropped."""


class PortQueue:
    """The egress queue of an interface that the bench has made."""

    def __init__(self, interface: str, at: Location) -> None:
        self._interface = interface
        self._at = at
        self._slow = False

    def slow(self, octets_a_second: float) -> None:
        """Limit the rate from now on; frames queued already stay queued. Raises BenchError."""
        octets = max(1, round(octets_a_second))
        words = ["rate", f"{octets * 8}bit", "burst", str(BURST), "limit", str(ROOM)]
        rate = _set(self._at, self._interface, "tbf", *words)["options"]["rate"]
        self._slow = True
        if rate != octets:
            raise BenchError(f"{self._interface}: asked for {octets} octets a second, its queue has {rate}")

    def remove(self) -> None:
        """Remove the queue with the frames in it. Raises BenchError."""
        if self._slow:
            self._slow = False
            _remove(self._at, self._interface, "tbf")

    def waiting(self) -> int:
        """Number of frames in the queue. Raises BenchError."""
        return int(_shown(self._at, self._interface)["qlen"])


@contextmanager
def full(interface: str, at: Location) -> Iterator[None]:
    """While the block runs the interface refuses every frame, as its queue is full. Raises BenchError."""
    try:
        _set(at, interface, "bfifo", "limit", "1")
        yield
    finally:
        _remove(at, interface, "bfifo")


def _set(at: Location, interface: str, kind: str, *words: str) -> dict[str, Any]:
    """Set the root qdisc; gives it as tc(8) shows it afterwards."""
    at.tool("tc", "qdisc", "replace", "dev", interface, "root", kind, *words)
    found = _shown(at, interface)
    if found.get("kind") != kind:
        raise BenchError(f"{interface}: given a queue of kind {kind}, it has {found.get('kind', 'none')}")
    return found


def _remove(at: Location, interface: str, kind: str) -> None:
    """Delete the root qdisc, where it is of this kind."""
    if _shown(at, interface).get("kind") == kind:
        at.tool("tc", "qdisc", "delete", "dev", interface, "root")
        if _shown(at, interface).get("kind") == kind:
            raise BenchError(f"{interface}: its queue of kind {kind} was deleted, and is still there")


def _shown(at: Location, interface: str) -> dict[str, Any]:
    """The root qdisc of an interface, as tc(8) shows it; empty where there is none."""
    said = json.loads(at.tool("tc", "-s", "-j", "qdisc", "show", "dev", interface, "root"))
    found: dict[str, Any] = next(iter(said), {})
    return found
