"""What a bench and a testcase ask of a managed switch, whatever its make. A driver answers it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from harness.lab import schema
from harness.registry import SWITCHES
from harness.switch.journal import Journal
from harness.switch.refusal import DriverLacks
from harness.verdict import BenchError

Mode = Literal["active", "passive"]
"""LACP_Activity of a LAG's ports."""

GroupMode = Literal["active", "passive", "on"]
"""How a port is in a LAG: with LACP, or without it ("on")."""

Rate = Literal["fast", "normal"]
"""The rate at which the switch asks its partner for LACPDUs: every second, or every 30 seconds."""


SETTINGS: Mapping[str, str] = {
    "access-vlan": "set_access_vlan",
    "lag-vlan": "set_lag_vlan",
    "leave": "leave_lag",
    "load-balance": "set_load_balance",
    "max-bundle": "set_max_bundle",
    "min-links": "set_min_links",
    "mode": "join_lag",
    "port-priority": "set_port_priority",
    "rate": "set_rate",
    "reload": "reload",
    "system-priority": "set_system_priority",
}
"""What labs set on a switch and not every driver can, with the method that does it."""

WHOLE_SWITCH = frozenset({"load-balance", "reload", "system-priority"})
"""Those of the whole switch, whoever else uses it: a lab file permits them one by one (``switch.may``)."""


@dataclass(frozen=True)
class Member:
    """A port of a LAG of the switch.

    ``bundled``: it carries the LAG's traffic. ``flags``: the switch's own word for what it is, for reports.
    """

    port: str
    flags: str
    bundled: bool


@dataclass(frozen=True)
class Neighbor:
    """The partner that the switch has on one of its ports: the Partner_Oper values of clause 43.4.7.

    ``group`` is the number of the LAG, ``port`` the switch's port, ``system`` a MAC address with colons,
    ``state`` the octet Partner_Oper_Port_State.
    """

    group: int
    port: str
    system_priority: int
    system: str
    port_priority: int
    key: int
    port_number: int
    state: int


@dataclass(frozen=True)
class Internal:
    """One of the switch's own ports in a LAG: its Actor_Oper values, as `Neighbor` has the partner's."""

    group: int
    port: str
    port_priority: int
    key: int
    port_number: int
    state: int


@dataclass(frozen=True)
class SystemId:
    """The switch's LACP system: its priority and its MAC address, with colons."""

    priority: int
    system: str


class Switch(ABC):
    """A switch, by one way to its management: ``path`` is "ssh" or "console", or a word of the driver's.

    A driver is a subclass, registered as an entry point of the group ``agr_lab.switches``; its name is what
    a lab file has under ``switch.driver``. ``section`` is the pydantic model of the keys that it takes there.

    Ports are named as in the lab file; answers name them as the switch does in its long form, and
    `port_name` turns the one into the other. Every method raises BenchError where the switch cannot be
    reached, does not answer in time, refuses, or has not done what it was asked to: what a switch does not do
    is never the implementation's fault. A `Refusal` is one of a switch that has understood. None waits
    without a bound.

    Whatever a method changes, the driver first reads how it was, and gives that to the `Journal`: `restore`
    puts it back, in this process or after it was killed. What the journal's permit does not name the driver
    does not change. A method of `SETTINGS` that a driver leaves as it is here raises DriverLacks.
    """

    section: ClassVar[type[schema.Switch]] = schema.CommandLineSwitch
    reads: ClassVar[tuple[str, ...]] = ()
    tunnels: ClassVar[bool] = False
    """Whether it can make a wire of two of its ports (`tunnel`)."""

    path: str

    @classmethod
    @abstractmethod
    def open(cls, section: Any, path: str, transcript: Path, journal: Journal | None) -> Self:
        """Log in by one of the `paths`. ``section`` is an instance of `section`, from the lab file.

        The dialogue is appended to the file ``transcript``, without secrets. Without a ``journal`` nothing
        may be changed. Raises BenchError that says which way was tried, and what to do.
        """

    @classmethod
    @abstractmethod
    def paths(cls, section: Any) -> list[str]:
        """The ways to the switch that there are, for `open`; the first is the one that is used by default."""

    @classmethod
    def port_name(cls, typed: str) -> str:
        """The switch's long name of a port that is named in any way that it takes; here, as it stands."""
        return typed

    @classmethod
    def short_name(cls, port: str) -> str:
        """A port's name where there is little room, as in pictures; here, as it stands."""
        return port

    @abstractmethod
    def close(self) -> None:
        """Log out; closing twice is harmless."""

    @classmethod
    def preview(cls, change: Callable[[Switch], None]) -> list[str]:
        """The lines that a change sends, found without a switch, for people to read before a run.

        ``reads`` of the class are those that change nothing. Raises DriverLacks where it cannot tell.
        """
        raise DriverLacks(f"the driver {cls.__name__} cannot tell its commands before it sends them")

    # -- what the switch says of itself

    @abstractmethod
    def version(self) -> str:
        """Software, version, model and host name on one line, for the report."""

    @abstractmethod
    def lags(self) -> list[int]:
        """The numbers of the LAGs (port-channels, trunks) that there are, members or not."""

    @abstractmethod
    def lag(self, number: int) -> list[Member]:
        """The ports of a LAG; none where there is no such LAG."""

    @abstractmethod
    def neighbors(self) -> Sequence[Neighbor]:
        """The partners that the switch's LACP has heard, on all its LAGs."""

    @abstractmethod
    def internals(self) -> Sequence[Internal]:
        """The switch's own ports that LACP runs on, of all its LAGs."""

    @abstractmethod
    def system_id(self) -> SystemId:
        """The Actor's system of all its LAGs."""

    def hindrances(self, ports: Iterable[str]) -> list[str]:
        """What of the configuration of these ports would spoil a run, a sentence each; here: none."""
        return []

    def out_of_service(self, ports: Iterable[str]) -> list[str]:
        """Those of these ports that the switch has shut down by itself (err-disable), a sentence each; here,
        nothing known."""
        return []

    @abstractmethod
    def views(self) -> dict[str, list[str]]:
        """What another way to the same switch must show alike: by the question, the lines of the answer.

        At least its identity, its whole configuration and its LAGs; nothing that changes by itself.
        """

    # -- changes; each is in the journal before it is made

    @abstractmethod
    def shut(self, port: str) -> None:
        """Set a port down: the other end of its cable loses carrier."""

    @abstractmethod
    def no_shut(self, port: str) -> None:
        """Set a port up."""

    @abstractmethod
    def make_lag(self, ports: Iterable[str], number: int, mode: Mode, rate: Rate) -> None:
        """Make a LAG of ports, with LACP, under a number that is free."""

    @contextmanager
    def together(self) -> Iterator[None]:
        """The changes of the block may be made at its end, all at once, where that takes less time.

        What the switch says of them is then raised at the end of the block.
        """
        yield

    def join_lag(self, ports: Iterable[str], number: int, mode: GroupMode) -> None:
        """Put ports into a LAG in this mode; of those that are in it, change the mode."""
        raise self._lacks("mode")

    def leave_lag(self, ports: Iterable[str]) -> None:
        """Take ports out of the LAG that they are in."""
        raise self._lacks("leave")

    def remove_lag(self, number: int) -> None:
        """Take all ports out of a LAG, and the LAG away, where the switch has any without ports."""
        self.leave_lag([member.port for member in self.lag(number)])

    def put_back(self, port: str) -> None:
        """Let a port be as it was before the run, by the journal, which keeps it."""
        self.leave_lag([port])

    def set_rate(self, port: str, rate: Rate) -> None:
        """Set the LACP rate of a port."""
        raise self._lacks("rate")

    def set_port_priority(self, port: str, priority: int) -> None:
        """Set the LACP priority of a port."""
        raise self._lacks("port-priority")

    def set_system_priority(self, priority: int) -> None:
        """Set the LACP priority of the switch, in all its LAGs."""
        raise self._lacks("system-priority")

    def set_max_bundle(self, number: int, links: int | None) -> None:
        """Let a LAG have so many links at most, further ones wait (hot standby); None: as many as it can."""
        raise self._lacks("max-bundle")

    def set_min_links(self, number: int, links: int) -> None:
        """Let a LAG carry traffic with so many links at least."""
        raise self._lacks("min-links")

    def set_load_balance(self, method: str) -> None:
        """Choose what links are chosen by, in all LAGs of the switch: in its own word."""
        raise self._lacks("load-balance")

    def set_access_vlan(self, port: str, vlan: int, *, tags: bool = False) -> None:
        """Put a port that is in no LAG into a VLAN, which is made where it is not there, as an edge port: it
        forwards as soon as its link is up, without the wait of spanning tree.

        ``tags``: within it frames pass with the tags that they have (802.1Q tunnelling).
        """
        raise self._lacks("access-vlan")

    def set_lag_vlan(self, number: int, vlan: int, *, tags: bool = False) -> None:
        """Put a LAG, with all its ports, into a VLAN, as `set_access_vlan` does a port."""
        raise self._lacks("lag-vlan")

    def reload(self) -> None:
        """Reload the switch, as its command does; return when it is back and as the run had set it up.

        Nothing is saved. Raises BenchError, with nothing done, where the configuration before the run is not
        the one that the switch starts with: somebody's unsaved work would be lost. The journal keeps what it
        had, and that a reload was begun: with such a journal `open` waits for the switch.
        """
        raise self._lacks("reload")

    @classmethod
    def settable(cls, section: schema.Switch) -> frozenset[str]:
        """The words of `SETTINGS` that the driver can set and the lab file lets be set."""
        has = {word for word, name in SETTINGS.items() if getattr(cls, name) is not getattr(Switch, name)}
        return frozenset(has - (WHOLE_SWITCH - set(section.may)))

    def _lacks(self, setting: str) -> DriverLacks:
        return DriverLacks(f"the switch's {setting}: the driver {type(self).__name__} does not set it")

    def tunnel(self, port_a: str, port_b: str, vlan: int, journal: Journal | None = None) -> None:
        """Make a wire of two ports: alone in a VLAN that was not there before, passing slow protocols on.

        No address is learned in it, as on a cable: what is sent from an address may be sent to it as well.

        What they were goes into ``journal``, by default the switch's own; `restore` with it takes the wire
        away. A driver that can says so in `tunnels`; others need not: BenchError.
        """
        raise BenchError(f"this switch makes no wires of its ports ({port_a}, {port_b}, VLAN {vlan})")

    @abstractmethod
    def restore(self, journal: Journal | None = None) -> None:
        """Put back everything in a journal, by default the switch's own, and compare; then empty it.

        Raises BenchError that names what could not be put back; the journal keeps it then.
        """

    def agree(self, other: Switch) -> dict[str, str]:
        """Compare two ways to the switch, by their `views`; facts for the report.

        Raises BenchError that says what differs: two switches, or a change in between.
        """
        differences = []
        theirs = other.views()
        for question, first in self.views().items():
            if first != (second := theirs[question]):
                differences.append(f"`{question}`: {_first_difference(first, second)}")
        if differences:
            raise BenchError(
                f"the switch by {self.path} and by {other.path} is not the same, or was changed in between: "
                + "; ".join(differences)
            )
        return {"switch": self.version(), "switch.paths": f"{self.path} and {other.path} agree"}


def driver_of(section: schema.Switch) -> type[Switch]:
    """The driver that a lab file names. Raises UsageError where it cannot be had."""
    driver: type[Switch] = SWITCHES.find(section.driver)
    return driver


def open_switch(
    section: schema.Switch, path: str, transcript: Path, journal: Journal | None = None
) -> Switch:
    """The switch of a lab file by one of its ways, logged in; see `Switch.open`."""
    return driver_of(section).open(section, path, transcript, journal)


def _first_difference(first: list[str], second: list[str]) -> str:
    for a, b in zip(first, second, strict=False):
        if a != b:
            return f"{a!r} against {b!r}"
    return f"{len(first)} lines against {len(second)}"
