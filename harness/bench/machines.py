"""The machines that a bench is on: everything that is measured of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from harness.dut.implementation import Dut
from harness.host.location import Location
from harness.host.probes import DiskRequest, Noticed, Request, RtnlRequest
from harness.host.processes import NamespaceProcesses, descendants, kernel_threads
from harness.host.processor_wait import ProcessorWait, Start
from harness.host.stalls import BenchStall, Source
from harness.host.watch import LONG, Group, Look, Pids, Watch, Watcher
from harness.lab.schema import Lab
from harness.wire.real_loop import RealLoop


class Machines:
    """Measures from when it is made until it is closed: this machine, and those that ``places`` are on.

    ``began``: when the testcase did, in bench seconds. ``parts`` gives the processes of the emulated switch
    outside of its namespace; ``state`` is the bench's directory.
    """

    def __init__(
        self,
        lab: Lab,
        dut: Dut,
        loop: RealLoop,
        state: Path,
        parts: Callable[[], Iterable[int]],
        places: Iterable[Location] = (),
    ) -> None:
        self._loop = loop
        self.began = loop.now()
        self._closing = ExitStack()
        self._waits: list[ProcessorWait] = []
        with ExitStack() as failing:
            failing.callback(self.close)
            here = self._add(partial(_watch, lab, dut, state, parts), lab)
            for start in filter(None, (place.watcher() for place in places)):
                self._add(start, lab)
            failing.pop_all()
        self._here = here
        loop.noticed = self._served

    def _add(self, start: Start, lab: Lab) -> ProcessorWait:
        made = ProcessorWait(start, self._loop.now, lab.limits.late)
        self._closing.callback(made.close)
        self._waits.append(made)
        return made

    def _served(self, due: float, now: float) -> None:
        """The bench's own loop has served its tick."""
        if now - due > LONG:
            self._here.note(Source.LOOP, due, now)

    def note(self, source: Source, start: float, end: float) -> None:
        """The bench itself waited on this machine between two times, bench seconds."""
        self._here.note(source, start, end)

    def begin(self) -> None:
        """A testcase begins."""
        for waits in self._waits:
            waits.begin()
        self.began = self._loop.now()

    def stall(self, start: float, end: float) -> BenchStall:
        """What held up the bench, or the implementation, between two times."""
        return BenchStall(
            max(0.0, end - start), {waits.where: waits.stall(start, end) for waits in self._waits}
        )

    def strain(self) -> float:
        """The most that any of them strained the bench since this was last asked, in seconds. Never waits."""
        return max(waits.strain() for waits in self._waits)

    @property
    def worst_strain(self) -> float:
        """The same of the testcase so far."""
        return max(waits.worst for waits in self._waits)

    def close(self) -> None:
        """Measure no more."""
        self._loop.noticed = None
        self._closing.close()


def _watch(
    lab: Lab,
    dut: Dut,
    state: Path,
    parts: Callable[[], Iterable[int]],
    told: Callable[[Look], None],
    noticed: Noticed,
) -> Watcher:
    """Watch this machine."""
    softirq = kernel_threads("ksoftirqd/")
    me = os.getpid()
    groups = [
        Group(Source.IMPLEMENTATION.name, dut.processes),
        Group(Source.SWITCH.name, _switch(lab, parts)),
        Group(Source.TESTER.name, lambda: [me]),
        Group(Source.TESTER.name, lambda: descendants(me), busy=True),  # senders and receivers
        Group(Source.SOFTIRQ.name, lambda: softirq, busy=True),
    ]
    requests: dict[str, Request] = {
        Source.RTNL.name: RtnlRequest(_tester_namespace(lab)),
        Source.DISK.name: DiskRequest(state),
    }
    return Watch(groups, requests, told, noticed)


def _switch(lab: Lab, parts: Callable[[], Iterable[int]]) -> Pids:
    inside = NamespaceProcesses(lab.emulated.switch_namespace if lab.emulated else None)
    return lambda: [*inside.pids(), *parts()]


def _tester_namespace(lab: Lab) -> str | None:
    """That of the tester's ports: the first there is."""
    ports = (wire.tester for wire in lab.wires)
    return next((port.namespace for port in ports if port is not None), None)
