"""Counts what passes the tester's ports of a bench, once a second, by the kernel's own numbers."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from harness.bench.bench import Bench
from harness.lab.schema import Lab
from harness.net.packet_socket import in_namespace
from harness.report.rates import Rates, tell
from harness.traffic.resource import Resource

PERIOD = 1.0
"""Seconds between two looks."""

_HEADINGS = 2
_RECEIVED, _SENT = 1, 9  # the places in a line of proc_net_dev


class Counters(Resource):
    """Frames that interfaces have received and sent: /proc/net/dev of their namespaces (proc_net(5)).

    ``places`` are (namespace, interface). Unlike netlink it waits for no lock. Raises BenchError where there
    is no such namespace, OSError where the file cannot be read.
    """

    def __init__(self, places: Iterable[tuple[str | None, str]]) -> None:
        self._interfaces: dict[str | None, set[str]] = defaultdict(set)
        for namespace, interface in places:
            self._interfaces[namespace].add(interface)
        self._stack = ExitStack()
        self._files = {namespace: self._open(namespace) for namespace in self._interfaces}

    def _open(self, namespace: str | None) -> TextIO:
        opened = in_namespace(namespace, Path("/proc/thread-self/net/dev").open)
        return self._stack.enter_context(opened)

    def read(self) -> tuple[int, int]:
        """(received, sent) of all together; an interface that is not there has none."""
        received = sent = 0
        for namespace, file in self._files.items():
            file.seek(0)
            for line in file.readlines()[_HEADINGS:]:
                name, _, numbers = line.partition(":")
                if name.strip() in self._interfaces[namespace]:
                    figures = numbers.split()
                    received += int(figures[_RECEIVED])
                    sent += int(figures[_SENT])
        return received, sent

    def close(self) -> None:
        """Let go of the files."""
        self._stack.close()


def own_ports(lab: Lab) -> list[tuple[str | None, str]]:
    """(namespace, interface) of the tester's own ports on this machine; none where the bench is simulated."""
    if lab.kind == "simulated":
        return []
    return [(port.namespace, port.interface) for port in lab.sending_ports if not port.elsewhere]


class Meter(Resource):
    """While it is open, tells the rates of ``bench`` in ``folder``; ``nodeid`` is what runs there.

    ``lab`` is the lab's name, where the run has several. Nothing is told where the tester has no ports.
    """

    def __init__(self, bench: Bench, folder: Path, lab: str = "") -> None:
        self.nodeid = ""
        self._lab = lab
        self._name = bench.name
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._ports = own_ports(bench.own)
        self._counters = Counters(self._ports)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="meter", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Tell nothing any more."""
        self._ended.set()
        self._thread.join()
        self._counters.close()

    def _tell(self) -> None:
        before, at = self._counters.read(), time.monotonic()
        while self._ports and not self._ended.wait(PERIOD):
            now, then = self._counters.read(), time.monotonic()
            seen, sent = (round((new - old) / (then - at)) for new, old in zip(now, before, strict=True))
            tell(self._folder, Rates(self._name, self.nodeid, sent, seen, self._lab))
            before, at = now, then
