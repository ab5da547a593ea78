"""agr, configured and read by agrconfig."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, Literal, Self

from harness.dut.host import Host
from harness.dut.implementation import (
    FIGURES,
    Adapter,
    Aggregate,
    AggregateStatus,
    Managed,
    PortStatus,
    Variable,
    is_of,
    name_in,
)
from harness.dut.interface import InterfaceState, read_carrier, read_interface, read_mac
from harness.lab import schema
from harness.lab.checks import namespace_of
from harness.lab.section import Mistake
from harness.pdu import PortInfo, State
from harness.verdict import ImplementationRefused
from harness.wire.wire import Tap


def word(value: Variable) -> str:
    """A value as agrconfig spells it."""
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


FLAGS = {"round-robin": "link0", "static": "link1"}
"""Variables that agr(4) has a flag for."""

_READ = {"system-id": "system", "port-priority": "priority"}
"""Variables that the status has another word for."""


def setting(variable: str, value: Variable) -> list[str]:
    """Words of agrconfig that set a variable, or a flag: link0, -link0."""
    if variable in FLAGS:
        return [FLAGS[variable] if value else f"-{FLAGS[variable]}"]
    return [variable, word(value)]


def reading(said: Mapping[str, Any], variable: str, port: str | None) -> Variable:
    """The value of a variable in one aggregate of `agrconfig --json`. KeyError where it is not there."""
    if variable in FLAGS:
        return FLAGS[variable] in said["flags"]
    where = said if port is None else said["ports"][port]
    value: Variable = where[_READ.get(variable, variable.replace("-", "_"))]
    return value


_AGGREGATOR_OBJECTS = {
    "MACAddress": "mac", "ActorSystemID": "system", "ActorSystemPriority": "system_priority",
    "ActorAdminKey": "key", "ActorOperKey": "oper_key", "PartnerSystemID": "partner_system",
    "PartnerSystemPriority": "partner_system_priority", "PartnerOperKey": "partner_key",
    "OperState": "oper_state", "DataRate": "data_rate", "CollectorMaxDelay": "collector_max_delay",
}  # fmt: skip
_PORT_OBJECTS = {
    "ActorAdminKey": "admin_key", "ActorAdminState": "admin_state", "SelectedAggID": "selected_aggregator",
    "AttachedAggID": "attached", "AggregateOrIndividual": "aggregatable",
}  # fmt: skip
_PARTNER_ADMIN = {
    "SystemPriority": "system_priority", "SystemID": "system", "Key": "key", "PortPriority": "port_priority",
    "Port": "port", "State": "state",
}  # fmt: skip
"""Objects of 30.7.1.1 and 30.7.2.1, and agrconfig's words for them."""


@contextmanager
def complete(source: str) -> Iterator[None]:
    """ImplementationRefused where a status lacks what is looked for in it; ``source`` gave the status."""
    try:
        yield
    except KeyError as missing:
        raise ImplementationRefused(source, f"says nothing of {missing}") from None


STATES = (
    "receive_state", "periodic_state", "mux_state", "selected", "actor_churn_state", "partner_churn_state",
)  # fmt: skip


def aggregate_status(said: Mapping[str, Any]) -> AggregateStatus:
    """Read one aggregate of `agrconfig --json`. KeyError where something is missing."""
    return AggregateStatus(
        said["mac"],
        {
            name: PortStatus(
                port["collecting"],
                port["distributing"],
                _info(port["actor"]),
                _info(port["partner"]),
                {key.removesuffix("_state"): port[key] for key in port if key in STATES},
                port["counters"],
                {name: value for name, value in port.get("debug", {}).items() if isinstance(value, int)},
                objects_of(port, _PORT_OBJECTS) | _partner_admin(port),
            )
            for name, port in said["ports"].items()
        },
        tuple(report["text"] for report in said.get("reports", ())),
        said.get("last_change"),
        _aggregator(said),
        said.get("client", {}),
        said.get("notifications", {}),
    )


def objects_of(said: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Managed]:
    """The objects that an answer has, by the standard's names; ``names`` has the answer's words for them."""
    return {name: said[word] for name, word in names.items() if said.get(word) is not None}


def _aggregator(said: Mapping[str, Any]) -> dict[str, Managed]:
    """30.7.1.1."""
    found = objects_of(said, _AGGREGATOR_OBJECTS)
    if "individual" in said:
        found["AggregateOrIndividual"] = not said["individual"]
    if "up" in said:
        found["AdminState"] = "up" if said["up"] else "down"
    if all("attached" in port for port in said["ports"].values()):
        found["PortList"] = tuple(name for name, port in said["ports"].items() if port["attached"])
    return found


def _partner_admin(port: Mapping[str, Any]) -> dict[str, Managed]:
    """30.7.2.1, aAggPortPartnerAdmin*."""
    if "partner_admin" not in port:
        return {}
    return {f"PartnerAdmin{name}": port["partner_admin"][word] for name, word in _PARTNER_ADMIN.items()}


def _info(said: Mapping[str, Any]) -> PortInfo:
    return PortInfo(
        said["system_priority"],
        said["system"],
        said["key"],
        said["port_priority"],
        said["port"],
        State(said["state"]),
    )


class AgrSection(schema.Implementation):
    """The keys of `implementation` that agr has.

    ``command``: agrconfig, where it is not on PATH. ``data_path``: the one that agr is to use, as its
    environment's ``AGR_DATA_PATH`` has it. ``service``: agrd runs for as long as the bench is up, as under a
    service manager; otherwise it starts with a testcase's first aggregate and ends with its last.
    """

    command: str | None = None
    data_path: Literal["auto", "bpf", "python"] | None = None
    service: bool = False

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(data, lab)
        if data.get("service") is not True:
            return
        if lab.get("kind") == "hardware":
            yield Mistake(
                ("service",), "only an emulated bench runs agrd itself; here the service manager does"
            )
        elif namespace_of(data) is None:  # what the bench starts ends with a namespace of its own
            yield Mistake(("service",), "needs `at: {namespace: NAME}`, one that the bench makes")

    @property
    def command_environment(self) -> dict[str, str]:
        return self.environment | ({"AGR_DATA_PATH": self.data_path} if self.data_path else {})


class AgrAggregate(Aggregate):
    """One agrN. Its address and carrier are what the kernel says, not what agr does."""

    readable = frozenset(FIGURES) - {"group_traffic"}
    own = frozenset({"system-priority"})

    def __init__(self, name: str, client: Tap, host: Host, config: Callable[..., str]) -> None:
        super().__init__(name, client)
        self._host = host
        self._config = config

    def add(self, port: str) -> None:
        self._config(self.name, "agrport", port)

    def remove(self, port: str) -> None:
        self._config(self.name, "-agrport", port)

    def set(self, variable: str, value: Variable, port: str | None = None) -> None:
        where = ["port", port] if port else []
        self._config(self.name, *where, *setting(variable, value))

    def get(self, variable: str, port: str | None = None) -> Variable:
        with complete("agrconfig --json"):
            return reading(self._said(), variable, port)

    def status(self) -> AggregateStatus:
        with complete("agrconfig --json"):
            return aggregate_status(self._said())

    @property
    def mac(self) -> str:
        return read_mac(self._host, self.name)

    @property
    def carrier(self) -> bool:
        return read_carrier(self._host, self.name)

    def destroy(self) -> None:
        self._config(self.name, "destroy", "force")

    def _said(self) -> Mapping[str, Any]:
        text = self._config("--json", self.name)
        try:
            said: Mapping[str, Any] = json.loads(text)["aggregates"][self.name]
            return said
        except (ValueError, KeyError) as error:
            raise ImplementationRefused("agrconfig --json", f"unreadable answer ({error!r})") from None


def aggregates_after(there: set[str] | None, words: Sequence[str]) -> set[str] | None:
    """The aggregates that there are after a command of agrconfig that was not refused, which had these words,
    where before it these were ``there``. None: that is not known."""
    name, *orders = words or ("",)
    if there is None or name == "-f":
        return None
    if orders[:1] == ["create"]:
        there = there | {name}
    return there - {name} if "destroy" in orders else there


class Agr(Adapter):
    """agr on this machine; `open_client` gives the tap of an aggregate's interface once it is there.

    With ``agrd``, its path, that runs as a service does: from the first `reset` on, with aggregates and
    without, until somebody ends what runs in the host's namespace. Otherwise agrconfig starts it with the
    first aggregate, and it ends with the last.
    """

    section: ClassVar[type[schema.Implementation]] = AgrSection
    makes = AgrAggregate
    name = "agr"
    shares = True

    def __init__(
        self, host: Host, command: str, open_client: Callable[[str], Tap], agrd: str | None = None
    ) -> None:
        self._host = host
        self._command = command
        self._open_client = open_client
        self._agrd = agrd
        self._service: int | None = None  # process that was started
        self._service_facts: dict[str, str] = {}  # an agrd chooses its data path once
        self._there: set[str] | None = None  # aggregates; None: agrd must be asked
        self._shut: set[str] = set()

    @classmethod
    def open(cls, section: AgrSection, host: Host, open_client: Callable[[str], Tap]) -> Self:
        command = host.find_command(section.command or "agrconfig")
        agrd = host.find_companion("agrd", command) if section.service else None
        return cls(host, command, open_client, agrd)

    @property
    def runs_on(self) -> bool:  # type: ignore[override]
        return self._agrd is not None

    def config(self, *words: str) -> str:
        """Run agrconfig with these words."""
        if words[1:2] == ("create",):
            self._host.making(words[0])
        there, self._there = self._there, None
        said = self._host.run([self._command, *words])
        self._there = aggregates_after(there, words)
        return said

    def version(self) -> str:
        return self.config("--version").strip().removeprefix("agrconfig ")

    def aggregate(self, name: str, ports: Sequence[str] = (), **variables: Variable) -> Aggregate:
        name = name_in(self.slice, name)
        settings = [part for k, v in variables.items() for part in setting(k.replace("_", "-"), v)]
        self.config(name, "create", *settings)
        self._host.tool(["ip", "link", "set", name, "up"])
        aggregate = self.existing(name)
        if ports:
            self.config(name, *(part for port in ports for part in ("agrport", port)))
        return aggregate

    def existing(self, name: str) -> Aggregate:
        return AgrAggregate(name, self._open_client(name), self._host, self.config)

    def reset(self) -> None:
        for port in sorted(self._shut):
            self.no_shut(port)
        if self._agrd is not None and not self._serves():
            if self.slice:
                self._join(self._agrd)
            else:
                self._restart()
        if self._there is None:
            self._said()
        for name in sorted(self._there or ()):
            self.config(name, "destroy", "force")

    def renew(self) -> None:
        if self._agrd is not None and not self.slice:
            self._restart()
        self.reset()

    def crash(self) -> None:
        self._kill("-KILL", self._pid())

    def revive(self) -> None:
        if self._agrd is None:
            self._said()  # any request starts the daemon
        else:
            self._start(self._agrd)

    def shut(self, port: str) -> None:
        self._shut.add(port)
        self._host.tool(["ip", "link", "set", "dev", port, "down"])

    def no_shut(self, port: str) -> None:
        self._host.tool(["ip", "link", "set", "dev", port, "up"])
        self._shut.discard(port)

    def memory(self) -> int | None:
        status = self._host.tool(["grep", "VmRSS", f"/proc/{self._pid()}/status"])
        return int(status.split()[1])

    def processes(self) -> list[int]:
        return self._host.processes()

    def _serves(self) -> bool:
        """Whether the service that was started last still runs."""
        return self._service in self._host.processes()

    def _join(self, agrd: str) -> None:
        """Use the agrd that runs; where none does it is started, by the first of the slices that comes."""
        if self._said().get("agrd") is None:
            with suppress(ImplementationRefused):  # another slice's runs by now, or `_pid` tells
                self._host.run([agrd])
        self._service = int(self._pid())

    def _restart(self) -> None:
        """End the agrd that runs, which agrconfig may have started after a crash, and start the service."""
        assert self._agrd is not None
        if self._serves():
            self._end(str(self._service))
        elif self._said().get("agrd") is not None:
            self._end(self._pid())
        self._start(self._agrd)

    def _start(self, agrd: str) -> None:
        """Returns when it takes requests, and has taken over what a killed one left."""
        self._there = None
        self._service_facts = {}
        self._host.run([agrd])
        self._service = int(self._pid())

    def _end(self, pid: str) -> None:
        """End an agrd as a service manager does: one that does not end when it is told is killed."""
        try:
            self._kill("-TERM", pid)
        except ImplementationRefused:
            self._kill("-KILL", pid)

    def _kill(self, signal: str, pid: str) -> None:
        """Returns when agrd has ended."""
        self._there = None
        self._host.tool(["kill", signal, pid])
        self._host.tool(["tail", "--pid", pid, "-s", "0.01", "-f", "/dev/null"])

    def _said(self) -> dict[str, Any]:
        text = self.config("--json")
        try:
            said: dict[str, Any] = json.loads(text)
            self._there = {name for name in said["aggregates"] if is_of(self.slice, name)}
            return said
        except (ValueError, KeyError, TypeError) as error:
            raise ImplementationRefused("agrconfig --json", f"unreadable answer ({error!r})") from None

    def _pid(self) -> str:
        agrd = self._said().get("agrd")
        if agrd is None:
            raise ImplementationRefused("agrconfig --json", "no agrd runs")
        return str(agrd["pid"])

    def facts(self) -> dict[str, str]:
        if self._service_facts and self._serves():
            return self._service_facts
        try:
            every = self._said()["aggregates"]
        except ImplementationRefused:
            return {}  # what is wrong is the testcases' to find
        paths = {str(said["data_path"]) for said in every.values() if "data_path" in said}
        facts = {"data path": " ".join(sorted(paths))} if paths else {}
        if self._agrd is not None:
            self._service_facts = facts
        return facts

    def run(self, command: str) -> str:
        program, *words = command.split()
        if program == "agrconfig":
            return self.config(*words)
        self._there = None
        return self._host.tool([program, *words])

    def interface(self, name: str) -> InterfaceState | None:
        return read_interface(self._host, name)
