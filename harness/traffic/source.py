"""What sends traffic at speed: what is asked of every generator, and the one that the lab file names."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from harness.host.location import Location
from harness.lab import schema
from harness.lab.place import Port
from harness.registry import GENERATORS
from harness.traffic.outcome import SenderCount
from harness.traffic.resource import Resource
from harness.verdict import BenchError

CLIENT = "client"
"""What the lab file calls the NIC of `client:` where a generator has a port there."""


class Source(Resource):
    """A generator on one port, a context manager: it sends frames of flows in turn, each ends in a stamp.

    A generator is a subclass, registered as an entry point of the group ``agr_lab.generators``; its name is
    what a lab file has under ``generator.kind``. ``section`` is the pydantic model of the keys that it takes
    there.

    The methods raise BenchError in words that say what is missing, or what the device answered. None waits
    without a bound.
    """

    section: ClassVar[type[schema.Generator]] = schema.Generator

    @classmethod
    @abstractmethod
    def open(
        cls, section: Any, wire: schema.Wire, frames: Sequence[bytes], *, run: int, at: Location
    ) -> Self:
        """The generator at the tester's end of a straight wire. ``section`` is an instance of `section`,
        ``at`` the place of the tester's interface there.

        ``frames``: one of each flow, without FCS, with room for a stamp at its end; ``run``: a number of 32
        bits that the stamps have (`harness.traffic.stamp`).
        """

    @abstractmethod
    def start(self, *, rate: float | None = None, count: int | None = None) -> None:
        """Begin: ``rate`` frames a second (None: as fast as it goes), ``count`` of them or until `stop`."""

    @abstractmethod
    def stop(self) -> SenderCount:
        """End now, where it has not ended. Returns all that was sent since the generator was opened."""

    @abstractmethod
    def wait(self, seconds: float) -> SenderCount:
        """The same when ``count`` frames are sent; BenchError when they are not in ``seconds``."""


def open_source(
    lab: schema.Lab, wire: schema.Wire, frames: Sequence[bytes], *, run: int, at: Location
) -> Source:
    """The lab's generator at the tester's end of a straight wire, with a frame of each flow (`mix_frames`).

    ``at`` is the place of the tester's interface there.
    Raises BenchError where a program, a package or the device is missing.
    """
    generator: type[Source] = GENERATORS.find(lab.generator.kind)
    return generator.open(lab.generator, wire, frames, run=run, at=at)


def at_client(lab: schema.Lab, interface: str) -> tuple[schema.Lab, schema.Wire]:
    """For `open_source`: an aggregate's client at this interface, as if it were the end of a wire.

    The lab comes with the harness's own generator where its own has no port there: a device that has none
    for `CLIENT`, or any where the client is the implementation's interface.
    """
    ports = getattr(lab.generator, "ports", {CLIENT: ""})
    if lab.client is None or CLIENT not in ports:
        lab = lab.model_copy(update={"generator": schema.Generator()})
    tester = Port(interface=interface)
    return lab, schema.Wire.model_construct(name=CLIENT, port="", to="tester", tester=tester)


def tester_port(wire: schema.Wire) -> Port:
    """The tester's interface at the end of a wire. BenchError where there is none."""
    if wire.tester is None:
        raise BenchError(f"wire {wire.name} has no tester's interface to send from")
    return wire.tester
