"""tcpreplay (Debian's tcpreplay): the frames are written to a capture file, which it replays at a pace."""

from __future__ import annotations

import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from harness.host.location import Location
from harness.lab.schema import Generator, Wire
from harness.traffic import stamp
from harness.traffic.backends.base import Account
from harness.traffic.outcome import SenderCount
from harness.traffic.source import Source, tester_port
from harness.verdict import BenchError

MOST = 2_000_000
"""Frames of one file."""

_ENDING_SECONDS = 10.0
_PCAP_NS, _ETHERNET, _SNAP = 0xA1B23C4D, 1, 65535  # pcap's header: its magic with nanoseconds, the link type
_ACTUAL = re.compile(r"Actual: (\d+) packets .* in (\d+\.\d+) seconds")
_FAILED = re.compile(r"Failed packets:\s+(\d+)")


class Tcpreplay(Source):
    """Replays ``frames`` in turn on an interface, stamped for ``run``: no frame says when it was sent."""

    def __init__(self, interface: str, at: Location, frames: Sequence[bytes], *, run: int) -> None:
        if shutil.which("tcpreplay") is None:
            raise BenchError("generator: there is no tcpreplay; install it: apt-get install tcpreplay")
        core = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))]
        self._command = [*core, "tcpreplay", "--quiet", "--preload-pcap", f"--intf1={interface}"]
        self._interface = interface
        self._at = at
        self._frames = frames
        self._run = run
        self._account = Account(len(frames))
        self._folder = tempfile.TemporaryDirectory(prefix="agr-lab-tcpreplay-")
        self._process: subprocess.Popen[str] | None = None
        self._rate: float | None = None

    @classmethod
    def open(cls, section: Generator, wire: Wire, frames: Sequence[bytes], *, run: int, at: Location) -> Self:
        """As `Source.open`."""
        return cls(tester_port(wire).interface, at, frames, run=run)

    def start(self, *, rate: float | None = None, count: int | None = None) -> None:
        """As `Source.start`; there must be a count: a file that is replayed again has the same stamps."""
        if count is None or not 0 < count <= MOST:
            raise BenchError(f"generator: tcpreplay replays 1 to {MOST} frames, not {count or 'without end'}")
        file = Path(self._folder.name) / "frames.pcap"
        write_pcap(file, self._frames, self._run, self._account.frames, count)
        pace = "--topspeed" if rate is None else f"--pps={rate:.3f}"
        self._rate = rate
        self._process = self._at.inside(
            lambda: subprocess.Popen(
                [*self._command, pace, str(file)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        )

    def stop(self) -> SenderCount:
        """As `Source.stop`."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self.wait(_ENDING_SECONDS)

    def wait(self, seconds: float) -> SenderCount:
        """As `Source.wait`."""
        if self._process is not None:
            try:
                said, _ = self._process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                raise BenchError(f"generator: tcpreplay has not ended in {seconds:g} s") from None
            self._process = None
            frames, spent, refused = figures(said, self._interface)
            self._account.add(frames + refused, spent, self._rate, refused)
        return self._account.sent()

    def close(self) -> None:
        """End it, and remove the file."""
        if self._process is not None:
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                self._process.communicate(timeout=_ENDING_SECONDS)
        self._folder.cleanup()


def figures(said: str, where: str) -> tuple[int, float, int]:
    """Frames sent, seconds, frames that the interface did not take, from what tcpreplay prints at its end."""
    actual, failed = _ACTUAL.search(said), _FAILED.search(said)
    if actual is None:
        last = said.strip().splitlines()[-1:] or ["it said nothing"]
        raise BenchError(f"generator: tcpreplay on {where}: {last[0]}")
    refused = int(failed[1]) if failed else 0
    return int(actual[1]), float(actual[2]), refused


def write_pcap(file: Path, frames: Sequence[bytes], run: int, first: int, count: int) -> None:
    """``count`` frames of the flows in turn, from the ``first`` of all on; their times are of no account."""
    with file.open("wb") as out:
        out.write(struct.pack("<IHHiIII", _PCAP_NS, 2, 4, 0, 0, _SNAP, _ETHERNET))
        for number in range(first, first + count):
            sequence, flow = divmod(number, len(frames))
            octets = frames[flow][: -stamp.OCTETS] + stamp.untimed(run, flow, sequence)
            out.write(struct.pack("<IIII", 0, 0, len(octets), len(octets)) + octets)
