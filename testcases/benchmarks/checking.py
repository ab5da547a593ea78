"""What others check frames with: `python -m testcases.benchmarks.checking`, started by `Alternative`.

They do what our receiver does at the least: they look at the stamp of each frame, whether it is in order.
"""

from __future__ import annotations

import os
import struct
import subprocess
import time
from collections.abc import Callable
from typing import Any, Protocol

from scapy.config import conf
from scapy.layers.inet import UDP  # noqa: F401  (that Ether knows IP and UDP)
from scapy.layers.l2 import Ether
from scapy.sendrecv import AsyncSniffer

from harness.net.packet_socket import in_namespace
from harness.traffic import stamp
from harness.traffic.child import Parent, run
from harness.traffic.flows import FLOWS_MOST

PROBE = FLOWS_MOST - 1
"""The flow of frames that show whether a capture has begun: they are no part of the stream."""

_LOOK_AGAIN = 0.05


class Tally:
    """Stamped frames of one run: how many, and how many came behind a later one of their flow; and probes."""

    def __init__(self, run: int) -> None:
        self._run = run.to_bytes(4, "big")
        self._highest: dict[int, int] = {}
        self.frames = self.late = self.probes = 0

    def look(self, end: bytes) -> None:
        """At the last octets of a frame."""
        if end[:4] != self._run:
            return
        sequence, _, flow, _ = struct.unpack("<IIHH", end[4:])
        if flow == PROBE:
            self.probes += 1
            return
        self.frames += 1
        if sequence <= self._highest.get(flow, -1):
            self.late += 1
        else:
            self._highest[flow] = sequence

    def said(self, last: float) -> dict[str, Any]:
        """As `checkers.Checked`; ``last`` is the wall clock at the last frame."""
        return {"frames": self.frames, "late": self.late, "probes": self.probes, "last": last}


class Capture(Protocol):
    """One way to check frames."""

    def progress(self) -> int:
        """A number that grows while frames are checked."""

    def said(self) -> dict[str, Any]:
        """As `checkers.Checked`."""


class Scapy:
    """AsyncSniffer at its defaults, but that it keeps no packets."""

    def __init__(self, namespace: str, interface: str, run: int) -> None:
        self._tally = Tally(run)
        self._last = 0.0
        opened = in_namespace(namespace, lambda: conf.L2listen(iface=interface))
        self._sniffer = AsyncSniffer(opened_socket=opened, store=False, prn=self._look)
        self._sniffer.start()

    def _look(self, packet: Ether) -> None:
        self._tally.look(packet.original[-stamp.OCTETS :])
        self._last = time.time()

    def progress(self) -> int:
        """Frames."""
        return self._tally.frames + self._tally.probes

    def said(self) -> dict[str, Any]:
        """What was counted."""
        return self._tally.said(self._last)


class Tshark:
    """Its lines go to a file that is read when all is over: that costs tshark nothing. It ends with us."""

    def __init__(self, namespace: str, interface: str, run: int) -> None:
        self._run = run
        self._lines = os.memfd_create("frames")
        words = ["-i", interface, "-n", "-l", "-T", "fields", "-e", "data.data", "-f", "udp"]
        command = ["setpriv", "--pdeathsig", "KILL", "ip", "netns", "exec", namespace, "tshark", *words]
        self._process = subprocess.Popen(command, stdout=self._lines, stderr=subprocess.DEVNULL)

    def progress(self) -> int:
        """Octets of its lines."""
        return os.fstat(self._lines).st_size

    def said(self) -> dict[str, Any]:
        """What its lines say."""
        tally = Tally(self._run)
        whole, _, _ = os.pread(self._lines, self.progress(), 0).rpartition(b"\n")
        for line in whole.splitlines():
            tally.look(bytes.fromhex(line.decode())[-stamp.OCTETS :])
        return tally.said(os.fstat(self._lines).st_mtime)


CAPTURES: dict[str, Callable[[str, str, int], Capture]] = {"AsyncSniffer": Scapy, "tshark": Tshark}


def _main(parent: Parent, settings: dict[str, Any]) -> None:
    make = CAPTURES[settings["role"]]
    capture = make(settings["namespace"], settings["interface"], settings["run"])
    parent.hears({})
    while True:
        quiet = parent.waits_for()["quiet"]
        before, changed = capture.progress(), time.monotonic()
        while time.monotonic() - changed < quiet:
            time.sleep(_LOOK_AGAIN)
            if (now := capture.progress()) != before:
                before, changed = now, time.monotonic()
        parent.hears(capture.said())


if __name__ == "__main__":
    run(_main, urgent=True)
