"""The fastest checker: a program in the kernel looks at every frame where it comes in, and keeps none."""

from __future__ import annotations

import os
import socket
import struct
from types import TracebackType
from typing import Self

import numpy as np

from harness.bench.sockets import in_namespace
from harness.traffic.bpf.programs import Programs, counting_run_time
from harness.traffic.flows import FLOWS_MOST
from harness.traffic.outcome import Flow, Seen
from harness.verdict import BenchError

WINDOW = 512
"""A frame that comes more places late than so many cannot be judged."""

_FLOW = np.dtype(
    [
        ("next", "<u8"),
        ("received", "<u8"),
        ("duplicated", "<u8"),
        ("reordered", "<u8"),
        ("old", "<u8"),
        ("came", "<u8", WINDOW // 64),
    ]
)
_PROGRAM = "wire_check"


class Checks:
    """What the program has counted. Frames are those of ``run``, the shortest that `udp_frame` makes.

    Of what they hold it looks at the stamp alone.
    """

    def __init__(self, programs: Programs, run: int) -> None:
        programs.set("wire_run", struct.pack("!I", run))
        memory = programs.memory("wire_flows", FLOWS_MOST * _FLOW.itemsize)
        self._flows = np.frombuffer(memory, _FLOW, FLOWS_MOST)
        self._corrupted = np.frombuffer(programs.memory("wire_corrupted", 8), np.uint64, 1)

    def seen(self) -> Seen:
        """The frames so far. Raises BenchError where one came too late to judge it."""
        flows = self._flows.copy()
        if old := int(flows["old"].sum()):
            raise BenchError(
                f"{old} frames came more than {WINDOW} places late: overtaken or doubled, who knows"
            )
        numbers = np.flatnonzero(flows["received"]).tolist()
        counts = flows[["received", "duplicated", "reordered"]]
        found = {number: Flow(*map(int, counts[number])) for number in numbers}
        return Seen(int(flows["received"].sum()), 0, found, {}, (), int(self._corrupted[0]))


class Checker:
    """Takes stamped frames of ``run`` off an interface, until it is closed: nobody else receives them.

    All other frames pass. Raises BenchError.
    """

    def __init__(self, interface: str, namespace: str | None, *, run: int) -> None:
        self._programs = Programs()
        self._open: list[int] = []
        try:
            self._checks = Checks(self._programs, run)
            self._open.append(counting_run_time())
            self._open.append(in_namespace(namespace, lambda: self._attach(interface)))
        except OSError as error:
            self.close()
            raise BenchError(f"{interface}: frames cannot be checked: {error.strerror or error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _attach(self, interface: str) -> int:
        return self._programs.attach(_PROGRAM, socket.if_nametoindex(interface))

    def seen(self) -> Seen:
        """What came so far; nothing is ever dropped for want of room. Raises BenchError as `Checks` does."""
        return self._checks.seen()

    def busy(self) -> float:
        """Seconds of a core that checking has taken so far."""
        return self._programs.run_time(_PROGRAM)

    def close(self) -> None:
        """Frames pass again."""
        for descriptor in self._open:
            os.close(descriptor)
        self._open.clear()
        self._programs.close()
