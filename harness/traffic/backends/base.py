"""What the generators of others have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.lab.schema import Generator, Wire
from harness.lab.section import Mistake
from harness.traffic.outcome import SenderCount
from harness.verdict import BenchError


class Device(Generator):
    """The lab file's section on a device: its address, and its port at the tester's end of each wire that is
    straight, or is made one through the switch; ``client`` is the one in place of the NIC of `client:`."""

    address: str
    ports: dict[str, int | str]

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(data, lab)
        wires = lab.get("wires")
        made = lab.get("through_switch", True)
        through = "switch" in lab and (made.get("allowed", True) if isinstance(made, dict) else bool(made))
        straight = {
            wire.get("name")
            for wire in (wires if isinstance(wires, list) else ())
            if isinstance(wire, dict) and (wire.get("to") == "tester" or through)
        }
        straight |= {"client"} & lab.keys()
        ports = data.get("ports")
        for name in ports if isinstance(ports, dict) and lab else ():
            if name not in straight:
                words = "no wire of this name is straight, or can be made so through the switch"
                yield Mistake(("ports", name), words)
        for key, what in (("address", "its address"), ("ports", "its ports, by wire")):
            if not data.get(key):
                words = f"missing: kind {data.get('kind')} is a device that is reached by {what}"
                yield Mistake((key,), words, first=True)

    def port(self, wire: Wire) -> int | str:
        """The device's port at the end of a wire. BenchError where it has none."""
        if wire.name not in self.ports:
            raise BenchError(f"generator.ports has none for wire {wire.name}")
        return self.ports[wire.name]


class Account:
    """What was sent in several goes, of flows in turn."""

    def __init__(self, flows: int) -> None:
        self._flows = flows
        self.frames = 0
        self._refused = 0
        self._seconds = self._late = 0.0

    def add(self, frames: int, seconds: float, rate: float | None, refused: int = 0) -> None:
        """One go: how many, how long it took, at what pace it was to be."""
        self.frames += frames
        self._refused += refused
        self._seconds += seconds
        if rate is not None:
            self._late += max(0.0, seconds - frames / rate)

    def sent(self, *, numbered: bool = True) -> SenderCount:
        """All so far."""
        each, more = divmod(self.frames, self._flows)
        flows = tuple(each + (number < more) for number in range(self._flows))
        return SenderCount(self.frames, self._refused, self._seconds, flows, self._late, numbered)
