"""The fastest checker: a program in the kernel looks at every frame where it comes in, and keeps none."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterable

import numpy as np

from harness.net.packet_socket import in_namespace
from harness.traffic.bpf.programs import Programs, counting_run_time
from harness.traffic.flows import FLOWS_MOST
from harness.traffic.outcome import Flow, ReceiverCount
from harness.traffic.resource import Resource
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


class Checks:
    """What the program has counted. Frames are those of ``run``, the shortest that `udp_frame` makes.

    Of what they hold it looks at the stamp alone.
    """

    def __init__(self, programs: Programs, run: int) -> None:
        programs.set("wire_run", struct.pack("!I", run))
        memory = programs.memory("wire_flows", FLOWS_MOST * _FLOW.itemsize)
        self._flows = np.frombuffer(memory, _FLOW, FLOWS_MOST)
        self._corrupted = np.frombuffer(programs.memory("wire_corrupted", 8), np.uint64, 1)

    def seen(self) -> ReceiverCount:
        """The frames so far. Raises BenchError where one came too late to judge it."""
        flows = self._flows.copy()
        if old := int(flows["old"].sum()):
            raise BenchError(
                f"{old} frames came more than {WINDOW} places late: overtaken or doubled, who knows"
            )
        numbers = np.flatnonzero(flows["received"]).tolist()
        counts = flows[["received", "duplicated", "reordered"]]
        found = {number: Flow(*map(int, counts[number])) for number in numbers}
        return ReceiverCount(int(flows["received"].sum()), 0, found, {}, (), int(self._corrupted[0]))


class Checker(Resource):
    """Takes stamped frames of ``run`` off interfaces, until it is closed: nobody behind it receives them.

    All other frames pass. For frames of XDP, as a `Generator` makes them; for those of a `Sender`, which XDP
    would have copied one by one, there is ``tc`` (kernel 6.6). Raises BenchError.
    """

    def __init__(self, *interfaces: str, namespace: str | None, run: int, tc: bool = False) -> None:
        self._program = "wire_check_tc" if tc else "wire_check"
        self._programs = Programs()
        self._open: list[int] = []
        try:
            self._checks = Checks(self._programs, run)
            in_namespace(namespace, lambda: self._attach(interfaces))
        except OSError as error:
            self.close()
            where = ", ".join(interfaces)
            raise BenchError(f"{where}: frames cannot be checked: {error.strerror or error}") from None

    def _attach(self, interfaces: Iterable[str]) -> None:
        for interface in interfaces:
            self._open.append(self._programs.attach(self._program, socket.if_nametoindex(interface)))

    def count_time(self) -> None:
        """From now on `busy` counts; every program in the kernel takes a little longer for it."""
        self._open.append(counting_run_time())

    def seen(self) -> ReceiverCount:
        """What came so far; nothing is ever dropped for want of room. Raises BenchError as `Checks` does."""
        return self._checks.seen()

    def busy(self) -> float:
        """Seconds of a core that checking has taken since `count_time`."""
        return self._programs.run_time(self._program)

    def close(self) -> None:
        """Frames pass again."""
        for descriptor in self._open:
            os.close(descriptor)
        self._open.clear()
        self._programs.close()
