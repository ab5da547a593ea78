"""Where traffic at speed comes from: the harness's own `Sender`, or a generator that the lab file names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from harness.lab.schema import Lab
from harness.lab.schema import Wire as LabWire
from harness.traffic.outcome import Sent
from harness.traffic.sender import Sender
from harness.verdict import BenchError


class Source(Protocol):
    """A generator on one port, a context manager: it sends frames of flows in turn, each ends in a stamp.

    The methods raise BenchError in words that say what is missing, or what the device answered.
    """

    def start(self, *, rate: float | None = None, count: int | None = None) -> None:
        """Begin: ``rate`` frames a second (None: as fast as it goes), ``count`` of them or until `stop`."""

    def stop(self) -> Sent:
        """End now, where it has not ended. Returns all that was sent since the source was made."""

    def wait(self, seconds: float) -> Sent:
        """The same when ``count`` frames are sent; BenchError when they are not in ``seconds``."""

    def close(self) -> None:
        """Let go of the port, whatever it is doing."""

    def __enter__(self) -> Self:
        """Itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""


def open_source(lab: Lab, wire: str, frames: Sequence[bytes], *, run: int) -> Source:
    """The lab's generator at the tester's end of a straight wire, with a frame of each flow (`mix_frames`).

    What sends here stays on one core: else the kernel's queues change the order. Raises BenchError where a
    program, a package or the device is missing.
    """
    chosen, cable = lab.generator, lab.wire(wire)
    if chosen.kind == "trex":
        from harness.traffic.backends.trex import Trex

        return Trex(_address(lab), int(_port(lab, wire)), frames, run=run)
    if chosen.kind == "otg":
        from harness.traffic.backends.otg import Otg

        return Otg(_address(lab), str(_port(lab, wire)), frames, run=run)
    tester = _tester(lab, cable)
    if chosen.kind == "tcpreplay":
        from harness.traffic.backends.tcpreplay import Tcpreplay

        return Tcpreplay(*tester, frames, run=run)
    return Sender(*tester, frames, run=run, core=min(os.sched_getaffinity(0)))


def _tester(lab: Lab, wire: LabWire) -> tuple[str, str | None]:
    if wire.tester is None:
        raise BenchError(f"{lab.file}: wire {wire.name} has no tester's interface to send from")
    return wire.tester.interface, wire.tester.namespace


def _address(lab: Lab) -> str:
    if lab.generator.address is None:
        raise BenchError(f"{lab.file}: generator.address is missing")
    return lab.generator.address


def _port(lab: Lab, wire: str) -> int | str:
    if wire not in lab.generator.ports:
        raise BenchError(f"{lab.file}: generator.ports has none for wire {wire}")
    return lab.generator.ports[wire]
