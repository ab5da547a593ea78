"""An implementation in virtual time, in this process: what a simulated bench asks of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Protocol

from harness.lab import schema
from harness.lab.fields import Object
from harness.registry import IMPLEMENTATIONS, load_object


class VirtualSection(schema.Implementation):
    """The lab file's section on an implementation in virtual time."""

    kinds: ClassVar[frozenset[str]] = frozenset({"simulated"})


class ModuleClassSection(VirtualSection):
    """``load`` names the class of one that no package registers."""

    load: Object


class VirtualImplementation(Protocol):
    """Plain bytes and times: all that a simulated bench knows of an implementation.

    `now` is in seconds. What a call makes the implementation send is fetched by `take`. A class that does not
    take every variable of `Aggregate.set` has ``settable``, those that it takes and when; one whose status
    has not all `FIGURES` has ``readable`` (`harness.dut.abilities`).
    """

    name: str
    version: str

    def open(self, ports: Mapping[str, bytes]) -> None:
        """The ports there are, by name, with their MAC addresses; none has carrier or is in an aggregate."""

    def configure(self, now: float, request: Mapping[str, object]) -> None:
        """Carry out ``{"do": "create" | "destroy" | "agrport" | "-agrport" | "set", "aggregate": ...}``.

        ``agrport`` and ``-agrport`` name a ``port``; one that leaves may stay in the status until it has
        left. ``set`` names a ``variable``, a ``value``, perhaps a ``port``.
        Raises ValueError with a message where it refuses.
        """

    def link(self, now: float, port: str, up: bool) -> None:
        """The carrier of a port comes or goes."""

    def medium(self, now: float, port: str, speed_mbps: int, full_duplex: bool) -> None:
        """What the link of a port has negotiated, the next time that its carrier comes."""

    def receive(self, now: float, port: str, frame: bytes) -> None:
        """A frame arrives on a port."""

    def send(self, now: float, aggregate: str, frame: bytes) -> None:
        """The MAC client of an aggregate sends a frame."""

    def advance(self, now: float) -> None:
        """Time has passed."""

    def deadline(self) -> float | None:
        """When `advance` is wanted next."""

    def take(self) -> list[tuple[str, str, bytes]]:
        """("port", port, frame) sent, ("client", aggregate, frame) delivered; in order, each once."""

    def status(self, now: float) -> dict[str, Any]:
        """State, as agrconfig prints it with `--json`: ``{"aggregates": {NAME: ...}}``, each with

        ``mac``; ``carrier`` (bool); ``flags`` ("link0": round-robin, "link1": static); its variables by name
        with _ for - (``system_priority``, ``system``, ``key`` ...); ``ports`` by name, each with
        ``collecting``, ``distributing``, ``actor`` and ``partner`` (``system_priority``, ``system``, ``key``,
        ``port_priority``, ``port``, ``state`` as a number), ``counters`` (30.7.3.1; may be empty), and where
        there are any ``receive_state``, ``periodic_state``, ``mux_state``, ``selected``,
        ``actor_churn_state``, ``partner_churn_state``, ``debug`` (30.7.4.1). Objects of 30.7.1.1 and 30.7.2.1
        have agrconfig's words (`harness.dut.agr`): ``oper_key``, ``partner_system``, ``oper_state`` ..., of a
        port ``attached``, ``admin_key``, ``partner_admin`` ...; ``client`` are the counters of 30.7.1.1, and
        ``notifications`` how many of 30.7.1.2 there were, by the standard's names without "aAgg".
        """


class ModuleClass:
    """The implementation `simulated` of a lab file: an instance of the class that ``load`` names."""

    section: ClassVar[type[schema.Implementation]] = ModuleClassSection

    @staticmethod
    def make(section: ModuleClassSection) -> VirtualImplementation:
        """A new one. Raises UsageError where there is no such class."""
        made: VirtualImplementation = load_object(section.load)()
        return made


def maker(section: schema.Implementation) -> Callable[[], VirtualImplementation]:
    """What makes the implementation of a lab file: each testcase gets a new one.

    Its class is called without arguments, or its ``make(section)`` where it has that. Raises UsageError where
    there is no such implementation, as does what is given.
    """
    found = IMPLEMENTATIONS.find(section.adapter)
    return partial(found.make, section) if hasattr(found, "make") else found
