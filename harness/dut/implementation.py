"""What every implementation under test can be asked. A testcase knows no more than this."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Self

from harness.dut.host import Host
from harness.dut.interface import InterfaceState
from harness.lab import schema
from harness.pdu import PortInfo
from harness.verdict import AdapterLacks
from harness.wire.wire import Tap

Variable = str | int | bool

Managed = str | int | bool | tuple[str, ...]
"""The value of a managed object of 30.7."""

VARIABLES = (
    "activity", "collector-max-delay", "control", "defaulted", "key", "max-links", "min-links", "round-robin",
    "static", "system-id", "system-priority", "timeout", "individual", "lacp", "port-priority",
    "partner-key", "partner-port", "partner-port-priority", "partner-state", "partner-system",
    "partner-system-priority",
)  # fmt: skip
"""The administrative variables of `Aggregate.set`."""

PARTNER_VARIABLES = tuple(name for name in VARIABLES if name.startswith("partner-"))
"""Those of a port's administrative partner (43.4.7), which an implementation has all or none of."""

PORT_VARIABLES = ("individual", "lacp", "port-priority", *PARTNER_VARIABLES)
"""Those of a port, which is there before they can be set."""

FIGURES = {
    "counters": "the counters of 30.7.3.1 of each port",
    "states": "the states of each port's machines (30.7.4.1)",
    "debug": "the numbers of 30.7.4.1 of each port",
    "last_change": "when an aggregate's operational state last changed (30.7.1.1)",
    "aggregator": "the objects of an aggregate (30.7.1.1)",
    "aggregation_port": "the objects of each port (30.7.2.1)",
    "traffic": "the frames and octets of an aggregate's client (30.7.1.1)",
    "group_traffic": "its multicast and broadcast frames, each counted by itself (30.7.1.1)",
    "notifications": "how often it has told that an aggregate came up or went down (30.7.1.2)",
}
"""What a status may have beside Actor, Partner, and whether a port collects and distributes."""


NAMES = 100
"""Aggregates of each slice at most."""


def name_in(slice_: int, name: str) -> str:
    """The name of what testcases of a slice call so: agr0 is agr0 in the first one, agr200 in the third."""
    word = name.rstrip("0123456789")
    return f"{word}{(slice_ - 1) * NAMES + int(name.removeprefix(word))}" if slice_ > 1 else name


def is_of(slice_: int, name: str) -> bool:
    """Whether an aggregate of this name may be one of a slice, or there is none: then every one is."""
    number = name[len(name.rstrip("0123456789")) :]
    return not slice_ or (number.isdecimal() and int(number) // NAMES == slice_ - 1)


class When(StrEnum):
    """When an adapter can set a variable."""

    ANY_TIME = "at any time"
    CREATION = "when an aggregate is made"


@dataclass(frozen=True)
class PortStatus:
    """What an implementation says of one member port.

    It is compared with the wire, and never the only evidence (docs/design.md, rule 5). What the adapter
    cannot read is left empty, and the PICS says so (`status`, `counters`, `churn`).
    """

    collecting: bool
    """Frames that arrive on the port reach the MAC client."""

    distributing: bool
    """Frames of the MAC client may leave on the port."""

    actor: PortInfo
    """The Actor that its LACPDUs have: the operational values, the state octet included."""

    partner: PortInfo
    """The Partner that they have: what it heard last, or its defaults."""

    states: Mapping[str, str] = field(default_factory=dict)
    """The machines' states, in the words of clause 43: by "receive", "periodic", "mux", "selected",
    "actor_churn", "partner_churn"."""

    counters: Mapping[str, int] = field(default_factory=dict)
    """Those of 30.7.3.1, by their names there without the "a": LACPDUsRx, MarkerPDUsTx, IllegalRx ..."""

    debug: Mapping[str, int] = field(default_factory=dict)
    """The numbers of 30.7.4.1: churn counts, transitions of the Sync bits ..."""

    objects: Mapping[str, Managed] = field(default_factory=dict)
    """Those of 30.7.2.1, by their names there without "aAggPort": ActorAdminKey, PartnerAdminSystemID,
    SelectedAggID ... An Aggregator's identifier is the name of its interface, "" where there is none."""


@dataclass(frozen=True)
class AggregateStatus:
    """What an implementation says of an aggregate."""

    mac: str
    """The address of its interface, as 02:00:00:00:00:01."""

    ports: Mapping[str, PortStatus]
    """Its members by the names that the lab file has (`wires[].port`), also those that are not in the LAG."""

    reports: tuple[str, ...] = ()
    """What it has to tell of its own accord, in words: a member changed behind its back."""

    last_change: float | None = None
    """When its operational state last changed (30.7.1.1), in seconds of a clock of its own; None where it
    does not say, or before the first change."""

    objects: Mapping[str, Managed] = field(default_factory=dict)
    """Those of 30.7.1.1, by their names there without "aAgg": MACAddress, PartnerOperKey, OperState ("up" or
    "down"), DataRate (bits a second), PortList (ports by name) ..."""

    traffic: Mapping[str, int] = field(default_factory=dict)
    """Counters of 30.7.1.1, likewise: FramesTxOK, OctetsRxOK, MulticastFramesTxOK ..."""

    notifications: Mapping[str, int] = field(default_factory=dict)
    """How many of 30.7.1.2 it has sent: "LinkUp", "LinkDown"."""


class Aggregate(ABC):
    """One aggregate under test. Methods raise ImplementationRefused where the implementation declines, and
    AdapterLacks where the adapter has no words for what it is asked: that is no failure of the
    implementation.

    A subclass replaces what it can do; what it leaves as it is here it cannot do, and testcases that need it
    are not applicable (`harness.dut.abilities`). ``settable`` are the variables that its `set` knows, and
    when it can set them; ``readable`` are the `FIGURES` of its status; ``own`` are those words of
    `harness.catalogue.claims.WHOLE` that are no matter of the whole implementation, as each aggregate has its
    own.
    """

    settable: ClassVar[Mapping[str, When]] = dict.fromkeys(VARIABLES, When.ANY_TIME)
    readable: ClassVar[frozenset[str]] = frozenset()
    own: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, name: str, client: Tap) -> None:
        self.name = name
        self.client = client  # where its MAC client's frames are sent and seen

    def add(self, port: str) -> None:
        """Attach a port."""
        raise AdapterLacks(f"{self.name}: this adapter adds no port to an aggregate that is there")

    def remove(self, port: str) -> None:
        """Detach a port."""
        raise AdapterLacks(f"{self.name}: this adapter removes no port from an aggregate")

    def prepare(self, ports: Sequence[str], variables: Mapping[str, Variable]) -> None:
        """Set variables (names with _ for -), then attach ports in order, as `Adapter.aggregate` promises."""
        for variable, value in variables.items():
            self.set(variable.replace("_", "-"), value)
        for port in ports:
            self.add(port)

    @abstractmethod
    def set(self, variable: str, value: Variable, port: str | None = None) -> None:
        """Set an administrative variable (30.7), of one port where `port` is given.

        Of the aggregate: ``system-priority``, ``key`` (1 to 65535), ``system-id`` (a MAC address),
        ``activity`` (active, passive), ``timeout`` (long, short), ``control`` (independent, coupled),
        ``collector-max-delay`` (tens of microseconds), ``round-robin`` (bool), ``static`` (bool: without
        LACP), ``min-links``, ``max-links`` (0: any number), ``defaulted`` (down, individual: what a port
        without a partner does). Of a port: ``port-priority`` (0 to 65535), ``individual`` (bool), ``lacp``
        (bool), and Partner_Admin_* (43.4.7): ``partner-system`` (a MAC address), ``partner-system-priority``,
        ``partner-key``, ``partner-port``, ``partner-port-priority``, ``partner-state`` (an octet).
        AdapterLacks for a variable that the adapter has no words for. Only what the PICS declares, and what
        is `settable`, is asked for.
        """

    def get(self, variable: str, port: str | None = None) -> Variable:
        """Read an administrative variable back, as `set` has it."""
        raise AdapterLacks(f"{variable}: this adapter reads no administrative variable")

    def status(self) -> AggregateStatus:
        """Read what it says of itself."""
        raise AdapterLacks(f"{self.name}: this adapter reads no status")

    @property
    @abstractmethod
    def mac(self) -> str:
        """Address of the aggregate's interface."""

    @property
    def carrier(self) -> bool:
        """Whether the aggregate's interface has carrier, for sending too: it is not dormant."""
        raise AdapterLacks(f"{self.name}: this adapter reads no carrier of an aggregate")

    def destroy(self) -> None:
        """Detach what is attached and remove the aggregate."""
        raise AdapterLacks(f"{self.name}: this adapter destroys no aggregate while a testcase runs")


class Dut(ABC):
    """An implementation of link aggregation on a bench: all that a testcase knows of it.

    ``name`` is what reports call it. Methods raise ImplementationRefused where it does not do what it is
    asked (that is a FAIL), and BenchError where the bench is at fault (a program that is not installed). None
    waits without a bound: `Host.run` has one.
    """

    name: str
    slice: int = 0
    """The slice of a bench that makes aggregates here, beside others on the same implementation; 0: nobody is
    beside it. Set by the bench, before the first `reset`, where the class has ``shares``."""

    shares: ClassVar[bool] = False
    """Whether several slices can use the implementation at a time: what is called agr0 in one of them and
    in another are two aggregates (`name_in`), and `reset` and `renew` of a slice leave those of others, and
    the processes, alone."""

    runs_on: bool = False
    """Whether its processes go on from one testcase to the next, and end with the bench: then what passed its
    ports before a testcase counts in what it may send there (43.4.16), and the bench does not reset it at its
    end."""

    @abstractmethod
    def version(self) -> str:
        """Its version, for the report."""

    @abstractmethod
    def aggregate(self, name: str, ports: Sequence[str] = (), **variables: Variable) -> Aggregate:
        """Make an aggregate, set its variables (``system_priority=...``), then attach its ports in order.

        It is active where ``activity`` is not given: who is passive by default is told so.
        """

    @abstractmethod
    def reset(self) -> None:
        """Remove every aggregate, so that the next testcase finds the ports free. Processes that are to run
        run afterwards, also where a testcase has killed them."""

    def set_for_all(self) -> None:  # noqa: B027
        """Set what is one for all slices, before the first of them; the bench's end puts it back."""

    def renew(self) -> None:
        """Like `reset`, and processes that go on from one testcase to the next are started anew."""
        self.reset()

    def crash(self) -> None:
        """Kill its processes, as `kill -9` does; returns when they have ended."""
        raise AdapterLacks(f"the adapter of {self.name} does not know its processes")

    def revive(self) -> None:
        """Start again what `crash` has killed; returns when it answers."""
        raise AdapterLacks(f"the adapter of {self.name} does not know its processes")

    def shut(self, port: str) -> None:
        """Set a port down, by its name in the lab file, as an operator does: `shutdown` of a switch, `ip link
        set down` of a host. `reset` sets it up again."""
        raise AdapterLacks(f"the adapter of {self.name} sets no port down")

    def no_shut(self, port: str) -> None:
        """Set up a port that was `shut`."""
        raise AdapterLacks(f"the adapter of {self.name} sets no port up")

    def reload(self) -> None:
        """Restart it whole, as an operator does, with nothing saved: its links go, and it forgets what it has
        heard. Returns when it is up, and set up as before."""
        raise AdapterLacks(f"the adapter of {self.name} does not reload it")

    def memory(self) -> int | None:
        """Memory of its processes in KiB; None where the adapter cannot read it."""
        return None

    def processes(self) -> list[int]:
        """Its processes on this machine, commands among them; empty where it shares none with the tester, or
        nothing tells them from others."""
        return []

    def facts(self) -> dict[str, str]:
        """What the report says of the implementation beside its version, as it is now."""
        return {}

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

    def _no_manual(self, what: str) -> AdapterLacks:
        return AdapterLacks(f"{what}: the adapter of {self.name} does not know the command line of agr(4)")


class Adapter(Dut):
    """An implementation on a bench of interfaces, as a lab file names it.

    An adapter is a subclass, registered as an entry point of the group ``agr_lab.implementations``; its name
    is what a lab file has under ``implementation.adapter``. ``section`` is the pydantic model of the keys
    that it takes there, ``makes`` the class of its aggregates: what it can is seen from both classes
    (`harness.dut.abilities`). Implementations in virtual time are of another kind: `harness.dut.virtual`.
    """

    section: ClassVar[type[schema.Implementation]] = schema.Implementation
    makes: ClassVar[type[Aggregate]]

    @classmethod
    @abstractmethod
    def open(cls, section: Any, host: Host, open_client: Callable[[str], Tap]) -> Self:
        """The implementation of a lab file, whose section is given: an instance of `section`.

        ``host`` runs its commands; ``open_client`` gives the tap of an aggregate's interface by its name,
        once that interface is there. Nothing need run or be changed before the first `reset`.
        """
