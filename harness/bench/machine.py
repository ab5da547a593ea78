"""The machine that a bench shares with the implementation: everything that is measured of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from harness.dut.implementation import Dut
from harness.host.probes import DiskRequest, Probe, Request, RtnlRequest
from harness.host.processes import NamespaceProcesses, descendants, kernel_threads
from harness.host.processor_wait import LONG, Group, Pids, ProcessorWait
from harness.host.stalls import Source, Stall
from harness.lab.schema import Lab
from harness.wire.real_loop import RealLoop


class Machine:
    """Measures from when it is made until it is closed. ``began``: when the testcase did, in bench seconds.

    ``parts`` gives the processes of the emulated switch outside of its namespace; ``state`` is the bench's
    directory.
    """

    def __init__(
        self, lab: Lab, dut: Dut, loop: RealLoop, state: Path, parts: Callable[[], Iterable[int]]
    ) -> None:
        self._loop = loop
        self.began = loop.now()
        self._closing = ExitStack()
        softirq = kernel_threads("ksoftirqd/")
        me = os.getpid()
        groups = [
            Group(Source.IMPLEMENTATION, dut.processes),
            Group(Source.SWITCH, _switch(lab, parts)),
            Group(Source.TESTER, lambda: [me]),
            Group(Source.TESTER, lambda: descendants(me), busy=True),  # senders and receivers
            Group(Source.SOFTIRQ, lambda: softirq, busy=True),
        ]
        question = RtnlRequest(_tester_namespace(lab))
        self.waits = ProcessorWait(groups, loop.now, lab.limits.late)
        self._closing.callback(self.waits.close)
        loop.noticed = self._served
        self._probes = [self._probe(Source.RTNL, question), self._probe(Source.DISK, DiskRequest(state))]

    def _probe(self, source: Source, request: Request) -> Probe:
        probe = Probe(source, request, self._loop.now, self.waits.note)
        self._closing.callback(probe.close)
        return probe

    def _served(self, due: float, now: float) -> None:
        """The bench's own loop has served its tick."""
        if now - due > LONG:
            self.waits.note(Source.LOOP, due, now)

    def begin(self) -> None:
        """A testcase begins."""
        self.waits.begin()
        self.began = self._loop.now()

    def stall(self, start: float, end: float) -> Stall:
        """What held up the bench, or the implementation, between two times."""
        for probe in self._probes:
            probe.look()
        return self.waits.stall(start, end)

    def close(self) -> None:
        """Measure no more."""
        self._loop.noticed = None
        self._closing.close()


def _switch(lab: Lab, parts: Callable[[], Iterable[int]]) -> Pids:
    inside = NamespaceProcesses(lab.emulated.switch_namespace if lab.emulated else None)
    return lambda: [*inside.pids(), *parts()]


def _tester_namespace(lab: Lab) -> str | None:
    """That of the tester's ports: the first there is."""
    ports = (wire.tester for wire in lab.wires)
    return next((port.namespace for port in ports if port is not None), None)
