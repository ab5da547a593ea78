"""The receiver's process: `python -m harness.traffic.processes.receiver`, started by `Receiver`."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.net.packet_socket import in_namespace
from harness.traffic import stamp
from harness.traffic.child import Parent, run
from harness.traffic.contents import Contents
from harness.traffic.delays import Delays
from harness.traffic.flows import FLOWS_MOST
from harness.traffic.handovers import Handovers
from harness.traffic.order import Order
from harness.traffic.rx_ring import Batch, RxRing

_WAIT = 0.005
_BLOCKS_A_TURN = 16


class _Port:
    """One interface: its frames, and when there were none."""

    def __init__(self, silence_ns: int) -> None:
        self._silence_ns = silence_ns
        self.frames = 0
        self.first_ns = self.last_ns = 0
        self.silences: list[tuple[int, int]] = []
        self.corrupted = self.by_nic = 0
        self.delays = Delays()
        self.flows = np.zeros(FLOWS_MOST, np.int64)

    def accept(self, batch: Batch) -> None:
        """Frames of this interface, in order."""
        self._at(batch.times)
        self.by_nic += int(batch.by_nic.sum())
        self.corrupted += len(batch.intact) - int(batch.intact.sum())
        good = batch if batch.intact.all() else batch.of(batch.intact)
        if len(good.flows):
            timed = stamp.timed(good.sequences, good.sent)
            if timed.any():
                self.delays.accept(stamp.delays(good.times, good.sent)[timed])
            np.add.at(self.flows, good.flows, 1)

    def _at(self, times: NDArray[np.int64]) -> None:
        if not self.frames:
            self.first_ns = self.last_ns = int(times[0])
        self.frames += len(times)
        pauses = np.diff(times, prepend=self.last_ns)
        for long in np.flatnonzero(pauses >= self._silence_ns).tolist():
            self.silences.append((int(times[long] - pauses[long]), int(times[long])))
        self.last_ns = int(times[-1])

    def report(self) -> dict[str, Any]:
        """For `outcome.Port`."""
        return {
            "frames": self.frames,
            "first_ns": self.first_ns,
            "last_ns": self.last_ns,
            "corrupted": self.corrupted,
            "by_nic": self.by_nic,
            "delay": self.delays.figures(),
            "flows": {number: int(self.flows[number]) for number in np.flatnonzero(self.flows).tolist()},
        }


class _Receiving:
    """Counts what comes out of the ring."""

    def __init__(self, ring: RxRing, namespace: str | None, silence: float) -> None:
        self._ring = ring
        self._namespace = namespace
        self._silence_ns = int(silence * 1e9)
        self._order = Order()
        self._handovers = Handovers()
        self._ports: dict[int, _Port] = {}

    def turn(self) -> bool:
        """Read some blocks; whether there was a frame."""
        anything = False
        for _ in range(_BLOCKS_A_TURN):
            batch = self._ring.read()
            if batch is None:
                break
            anything = True
            good = batch if batch.intact.all() else batch.of(batch.intact)
            self._order.accept(good.flows, good.sequences)
            self._handovers.accept(good.flows, good.times, good.indexes)
            self._count(batch)
        return anything

    def _count(self, batch: Batch) -> None:
        indexes = np.unique(batch.indexes).tolist()
        for index in indexes:
            port = self._ports.setdefault(index, _Port(self._silence_ns))
            port.accept(batch if len(indexes) == 1 else batch.of(batch.indexes == index))

    def report(self) -> dict[str, Any]:
        """For `Receiver.seen`."""
        order = self._order
        numbers = np.flatnonzero(order.received).tolist()
        ports = {name: self._ports[index] for name, index in self._named().items()}
        return {
            "frames": int(order.received.sum()),
            "dropped": self._ring.dropped(),
            "corrupted": sum(port.corrupted for port in self._ports.values()),
            "flows": {
                n: (int(order.received[n]), int(order.duplicated[n]), int(order.reordered[n]))
                for n in numbers
            },
            "ports": {name: port.report() for name, port in ports.items()},
            "silences": [(name, *silence) for name, port in ports.items() for silence in port.silences],
            "handovers": self._handovers.take(),
        }

    def _named(self) -> dict[str, int]:
        """An interface that is gone is called by its index."""

        def names() -> dict[str, int]:
            found = {f"index {index}": index for index in self._ports}
            for name, index in list(found.items()):
                with suppress(OSError):
                    found[socket.if_indextoname(index)] = found.pop(name)
            return found

        return in_namespace(self._namespace, names)


def _main(parent: Parent, settings: dict[str, Any]) -> None:
    frames = settings["contents"]
    ring = RxRing(
        settings["interfaces"],
        settings["namespace"],
        settings["run"],
        outgoing=settings["outgoing"],
        octets=settings["octets"],
        contents=Contents([bytes.fromhex(frame) for frame in frames]) if frames else None,
        nic_clock=settings["nic_clock"],
    )
    receiving = _Receiving(ring, settings["namespace"], settings["silence"])
    parent.hears({})
    quiet: float | None = None
    last = time.monotonic()
    while True:
        if receiving.turn():
            last = time.monotonic()
        else:
            ring.wait(_WAIT)
        said = parent.says()
        if said is not None:
            quiet, last = said["quiet"], time.monotonic()
        if quiet is not None and time.monotonic() - last >= quiet:
            parent.hears(receiving.report())
            quiet = None


if __name__ == "__main__":
    run(_main, urgent=True)
