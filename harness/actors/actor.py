"""What every implementation under test can be asked. A testcase knows no more than this."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.actors.interface import InterfaceState
from harness.bench.wire import Tap
from harness.pdu import PortInfo
from harness.verdict import BenchError

Variable = str | int | bool


@dataclass(frozen=True)
class PortStatus:
    """What an implementation says of one member: compared with the wire, never the only evidence (rule 5)."""

    collecting: bool
    distributing: bool
    actor: PortInfo
    partner: PortInfo


@dataclass(frozen=True)
class AggregateStatus:
    """What an implementation says of an aggregate: its address, and its ports by name."""

    mac: str
    ports: Mapping[str, PortStatus]


class Aggregate(ABC):
    """One aggregate under test. Methods raise ImplementationRefused where the implementation declines."""

    def __init__(self, name: str, client: Tap) -> None:
        self.name = name
        self.client = client  # where its MAC client's frames are sent and seen

    @abstractmethod
    def add(self, port: str) -> None:
        """Attach a port."""

    @abstractmethod
    def remove(self, port: str) -> None:
        """Detach a port."""

    @abstractmethod
    def set(self, variable: str, value: Variable, port: str | None = None) -> None:
        """Set an administrative variable (30.7), of one port where `port` is given.

        Of the aggregate: ``system-priority``, ``system-id``, ``key``, ``activity`` (active, passive),
        ``timeout`` (long, short), ``control`` (independent, coupled), ``collector-max-delay``,
        ``round-robin`` (bool). Of a port: ``port-priority``, ``individual`` (bool), ``lacp`` (bool).
        """

    @abstractmethod
    def status(self) -> AggregateStatus:
        """Read what it says of itself."""

    @property
    @abstractmethod
    def mac(self) -> str:
        """Address of the aggregate's interface."""

    @abstractmethod
    def destroy(self) -> None:
        """Detach what is attached and remove the aggregate."""


class Actor(ABC):
    """An implementation of link aggregation on the bench."""

    name: str

    @abstractmethod
    def version(self) -> str:
        """Its version, for the report."""

    @abstractmethod
    def aggregate(self, name: str, ports: Sequence[str] = (), **variables: Variable) -> Aggregate:
        """Make an aggregate, set its variables (``system_priority=...``), then attach its ports in order."""

    @abstractmethod
    def reset(self) -> None:
        """Remove every aggregate, so that the next testcase finds the ports free."""

    def run(self, command: str) -> str:
        """Run a line of the implementation's own manual on its host; gives what it printed.

        A line of another program, such as `ip`, runs there too. Only adapters of implementations with the
        command line of agr(4) have this and what follows.
        """
        raise self._no_manual(command)

    def existing(self, name: str) -> Aggregate:
        """An aggregate that `run` has made; its client sends once its interface is up."""
        raise self._no_manual(name)

    def interface(self, name: str) -> InterfaceState | None:
        """What the host's operating system says of an interface; None where there is none of that name."""
        raise self._no_manual(name)

    def _no_manual(self, what: str) -> BenchError:
        return BenchError(f"{what}: the adapter of {self.name} does not know the command line of agr(4)")
