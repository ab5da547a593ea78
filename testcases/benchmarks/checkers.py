"""Frames checked a second by our receiver, by scapy's AsyncSniffer and by tshark, given the same stream."""

from __future__ import annotations

import secrets
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from harness.host.location import Here
from harness.net.packet_socket import PacketSocket
from harness.traffic import stamp
from harness.traffic.child import Child
from harness.traffic.receiver import Receiver
from harness.traffic.sender import Sender
from harness.verdict import BenchError
from testcases.benchmarks.checking import PROBE
from testcases.benchmarks.figures import Figure, at_least, at_most, figure, ratio
from testcases.benchmarks.hosts import cores, wait_until
from testcases.benchmarks.paths import NOBODYS_MAC, Path, plain
from testcases.benchmarks.progress import Progress

ROUNDS = 7
_FLOWS = 64
_COUNT = 300_000
_QUIET = 0.5
"""Seconds without another frame after which a checker has finished."""
_ANSWER_SECONDS = 120.0
_NOTE = f"{_COUNT:,} of the shortest frames, as fast as PACKET_TX_RING sends them; each checker has one core"
OURS, SCAPY, TSHARK = "our receiver", "AsyncSniffer", "tshark"


class Checked(NamedTuple):
    """Frames that a checker saw of a stream, how many of them out of order, the wall clock at the last.

    ``probes`` are frames that came before the stream, to see whether it captures.
    """

    frames: int
    late: int
    last: float
    probes: int = 0


class Alternative(Child):
    """scapy's or tshark's capture of one interface, in a process of its own."""

    def __init__(self, role: str, path: Path, run: int, core: int) -> None:
        (interface,) = path.far_interfaces
        settings = {
            "role": role,
            "interface": interface,
            "run": run,
            "core": core,
        }
        super().__init__(Here(path.far.name), "testcases.benchmarks.checking", settings)

    def checked(self) -> Checked:
        """When no frame has come for a while."""
        return Checked(**self.ask({"quiet": _QUIET}, _ANSWER_SECONDS))


@contextmanager
def _alternative(role: str, path: Path, run: int) -> Iterator[Callable[[], Checked]]:
    """It captures when the block begins: a frame of the run is sent until it has seen one."""
    probe = PacketSocket(path.interface, path.near.name)
    try:
        with Alternative(role, path, run, cores()[1]) as checker:
            (frame,) = path.frames(1, NOBODYS_MAC)
            stamped = frame[: -stamp.OCTETS] + stamp.stamp(run, PROBE, 0)

            def captures() -> int:
                probe.send(stamped)
                return int(checker.ask({"quiet": 0}, _ANSWER_SECONDS)["probes"])

            wait_until(captures, f"{role} captures")
            yield checker.checked
    finally:
        probe.close()


@contextmanager
def _ours(path: Path, run: int) -> Iterator[Callable[[], Checked]]:
    def checked() -> Checked:
        seen = receiver.seen(_QUIET)
        if seen.dropped:
            raise BenchError(f"the receiver had no room for {seen.dropped} frames: the machine is too busy")
        late = sum(flow.duplicated + flow.reordered for flow in seen.flows.values())
        return Checked(seen.frames, late, time.time() - _QUIET)

    with Receiver(path.far_interfaces, Here(path.far.name), run=run, core=cores()[1]) as receiver:
        yield checked


class _Stream:
    """One stream for each checker, and what came of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._frames = path.frames(_FLOWS, NOBODYS_MAC)
        self.rates: dict[str, list[float]] = {OURS: [], SCAPY: [], TSHARK: []}
        self.losses: dict[str, list[float]] = {OURS: [], SCAPY: [], TSHARK: []}
        self.late = 0

    def given_to(self, name: str) -> float:
        """Send it; gives the frames that were checked a second."""
        run = secrets.randbits(32)
        with ExitStack() as stack:
            if name == OURS:
                checked = stack.enter_context(_ours(self._path, run))
            else:
                checked = stack.enter_context(_alternative(name, self._path, run))
            sender = stack.enter_context(
                Sender(
                    self._path.interface, Here(self._path.near.name), self._frames, run=run, core=cores()[0]
                )
            )
            begun = time.time()
            sender.start(count=_COUNT)
            sender.wait(_ANSWER_SECONDS)
            found = checked()
        self.late += found.late
        self.losses[name].append(100 * (1 - found.frames / _COUNT))
        self.rates[name].append(found.frames / max(found.last - begun, 1e-3))
        return self.rates[name][-1]


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """In each round the three take turns. Raises BenchError where there is no tshark."""
    if shutil.which("tshark") is None:
        raise BenchError("there is no tshark; install it: apt-get install --no-install-recommends tshark")
    with plain("checkers") as path:
        stream = _Stream(path)
        for _ in progress.rounds("checkers", rounds):
            for name in stream.rates:
                progress.live(f"{name}: {stream.given_to(name):,.0f} frames/s")
    return figures(stream.rates, stream.losses, stream.late)


def figures(rates: dict[str, list[float]], losses: dict[str, list[float]], late: int) -> list[Figure]:
    """Of frames a second, and the shares of the stream that were lost (per cent), by checker."""
    found = [
        ratio(
            f"frames checked a second, {OURS} against {name}",
            rates[OURS],
            rates[name],
            at_least(1),
            unit=f"of {name}",
            note=f"{_rate(rates[OURS])} and {_rate(rates[name])} a second",
        )
        for name in (SCAPY, TSHARK)
    ]
    for name, shares in losses.items():
        ours = name == OURS
        words = f"frames of the stream that {name} missed"
        value, target, note = statistics.median(shares), at_most(0) if ours else None, _NOTE if ours else ""
        found.append(figure(words, value, "%", target, samples=shares, note=note))
    found.append(figure("frames out of order, by any checker", late, "frames", at_most(0)))
    return found


def _rate(rates: Sequence[float]) -> str:
    return f"{statistics.median(rates):,.0f}"
