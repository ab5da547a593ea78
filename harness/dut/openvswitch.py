"""Open vSwitch's own LACP, configured by ovs-vsctl and read by ovs-appctl.

An aggregate is a bridge of one port: the bond. The bridge's internal interface is the MAC client. A bond of
one interface is a port with LACP; `ovs-vsctl add-bond` refuses one, the database does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar, Self

from harness.dut.host import Host
from harness.dut.implementation import (
    Adapter,
    Aggregate,
    AggregateStatus,
    PortStatus,
    Variable,
    When,
    is_of,
    name_in,
)
from harness.lab import schema
from harness.lab.section import Section
from harness.pdu import PortInfo, State
from harness.verdict import AdapterLacks, ImplementationRefused
from harness.wire.wire import Tap

_BITS = {
    "activity": "Activity",
    "timeout": "Timeout",
    "aggregation": "Aggregation",
    "synchronized": "Synchronization",
    "collecting": "Collecting",
    "distributing": "Distributing",
    "defaulted": "Defaulted",
    "expired": "Expired",
}
BOND = ("bond_mode=balance-tcp",)
"""Goes by addresses and ports of all layers, and needs LACP. All conversations begin on one member, and move
only when that carries much more than another (above 100 kB in ten seconds)."""


_SETTINGS: Mapping[str, tuple[str, Callable[[Variable], str]]] = {
    "activity": ("lacp", str),
    "timeout": ("other_config:lacp-time", lambda value: "fast" if value == "short" else "slow"),
    "system-priority": ("other_config:lacp-system-priority", str),
    "system-id": ("other_config:lacp-system-id", lambda value: f'"{value}"'),
}
_MEMBER = re.compile(r"^(?:member|slave): (\S+):", re.MULTILINE)


class OpenVSwitchOptions(Section):
    """``rundir``: the run directory of this Open vSwitch, where its sockets are."""

    rundir: str


class OpenVSwitchSection(schema.Implementation):
    """The key of `implementation` that Open vSwitch has."""

    options: OpenVSwitchOptions


class Commands:
    """ovs-vsctl and ovs-appctl of one Open vSwitch, found by its run directory."""

    def __init__(self, host: Host, rundir: str) -> None:
        self._host = host
        self._rundir = rundir

    def vsctl(self, *words: str) -> str:
        """Change or read the database; waits until ovs-vswitchd has taken it over."""
        return self._host.run(["ovs-vsctl", f"--db=unix:{self._rundir}/db.sock", "--timeout=10", *words])

    def appctl(self, *words: str) -> str:
        """Ask ovs-vswitchd."""
        return self._host.run(["ovs-appctl", "-t", f"{self._rundir}/vswitchd.ctl", *words])

    def ip(self, *words: str) -> str:
        """iproute2 on the same host."""
        return self._host.tool(["ip", *words])


class Bond(Aggregate):
    """One bond on a bridge of its own; it comes with the first port, as Open vSwitch has none without."""

    settable = dict.fromkeys((*_SETTINGS, "key", "lacp", "port-priority"), When.ANY_TIME)
    own = frozenset({"system-priority"})

    def __init__(self, name: str, client: Tap, commands: Commands) -> None:
        super().__init__(name, client)
        self._do = commands
        self._ports: list[str] = []
        self._settings: dict[str, str] = {}  # column of Port -> value
        self._key: Variable | None = None

    @property
    def _port(self) -> str:
        return f"{self.name}-bond"

    def add(self, port: str) -> None:
        self.add_all([port])

    def add_all(self, ports: Sequence[str]) -> None:
        """Attach ports in one transaction, so that the bond is never smaller than meant."""
        for port in ports:
            self._do.ip("link", "set", port, "up")
        words: list[str] = []
        for number, port in enumerate(ports):
            words += ["--", f"--id=@i{number}", "create", "Interface", f"name={port}", *self._key_words()]
        references = [f"@i{number}" for number in range(len(ports))]
        if self._ports:
            words += ["--", "add", "Port", self._port, "interfaces", *references]
        else:
            settings = [f"{column}={value}" for column, value in self._settings.items()]
            members = f"interfaces=[{','.join(references)}]"
            words += ["--", "--id=@p", "create", "Port", f"name={self._port}", members, *BOND, *settings]
            words += ["--", "add", "Bridge", self.name, "ports", "@p"]
        self._do.vsctl(*words)
        self._ports += ports

    def remove(self, port: str) -> None:
        if self._ports == [port]:
            self._do.vsctl("del-port", self.name, self._port)
        else:
            uuid = self._do.vsctl("get", "Interface", port, "_uuid").strip()
            self._do.vsctl("remove", "Port", self._port, "interfaces", uuid)
        self._ports.remove(port)

    def set(self, variable: str, value: Variable, port: str | None = None) -> None:
        if port is not None and variable == "port-priority":
            self._do.vsctl("set", "Interface", port, f"other_config:lacp-port-priority={value}")
        elif variable == "lacp" and self._ports == [port]:
            self._do.vsctl("set", "Port", self._port, f"lacp={self._settings['lacp'] if value else 'off'}")
        elif port is None and variable == "key":
            self._key = value
            for member in self._ports:
                self._do.vsctl("set", "Interface", member, *self._key_words())
        elif port is None and variable in _SETTINGS:
            column, spell = _SETTINGS[variable]
            self._settings[column] = spell(value)
            if self._ports:
                self._do.vsctl("set", "Port", self._port, f"{column}={spell(value)}")
        else:
            what = "of one port of a bond" if port else "at all"
            raise AdapterLacks(f"set {variable} {value}: Open vSwitch has no such variable {what}")

    def _key_words(self) -> list[str]:
        """The key is one of each interface; without this it is the number of the bond's first port."""
        return [] if self._key is None else [f"other_config:lacp-aggregation-key={self._key}"]

    def status(self) -> AggregateStatus:
        said = self._do.appctl("lacp/show", self._port) if self._ports else ""
        parts = _MEMBER.split(said)
        members = dict(zip(parts[1::2], parts[2::2], strict=True))
        return AggregateStatus(self.mac, {name: _status(text) for name, text in members.items()})

    @property
    def mac(self) -> str:
        return self._do.vsctl("get", "Interface", self.name, "mac_in_use").strip().strip('"')

    def destroy(self) -> None:
        self._do.vsctl("del-br", self.name)


class OpenVSwitch(Adapter):
    """Open vSwitch on this machine."""

    section: ClassVar[type[schema.Implementation]] = OpenVSwitchSection
    makes = Bond
    name = "Open vSwitch"
    shares = True

    def __init__(self, host: Host, rundir: str, open_client: Callable[[str], Tap]) -> None:
        self._host = host
        self._do = Commands(host, rundir)
        self._open_client = open_client

    @classmethod
    def open(cls, section: OpenVSwitchSection, host: Host, open_client: Callable[[str], Tap]) -> Self:
        return cls(host, section.options.rundir, open_client)

    def version(self) -> str:
        return self._do.appctl("version").split("\n")[0].rpartition(" ")[2]

    def processes(self) -> list[int]:
        return self._host.processes()

    def aggregate(self, name: str, ports: Sequence[str] = (), **variables: Variable) -> Aggregate:
        name = name_in(self.slice, name)
        self._host.making(name)
        self._do.vsctl("--", "add-br", name, "--", "set", "bridge", name, "datapath_type=netdev")
        self._do.ip("link", "set", name, "up")
        bond = Bond(name, self._open_client(name), self._do)
        for variable, value in {"activity": "active", **variables}.items():
            bond.set(variable.replace("_", "-"), value)
        if ports:
            bond.add_all(ports)
        return bond

    def reset(self) -> None:
        for bridge in filter(partial(is_of, self.slice), self._do.vsctl("list-br").split()):
            self._do.vsctl("del-br", bridge)


def _status(text: str) -> PortStatus:
    """One member of `ovs-appctl lacp/show`."""
    actor, partner = _info("actor", text), _info("partner", text)
    return PortStatus(State.Collecting in actor.state, State.Distributing in actor.state, actor, partner)


def _info(who: str, text: str) -> PortInfo:
    found = dict(re.findall(rf"{who} (\w+):[ ]*(.*)", text))  # a state without a bit ends at the colon
    try:
        state = sum(int(State[_BITS[word]]) for word in found["state"].split())
        return PortInfo(
            int(found["sys_priority"]),
            found["sys_id"],
            int(found["key"]),
            int(found["port_priority"]),
            int(found["port_id"]),
            State(state),
        )
    except (KeyError, ValueError) as error:
        raise ImplementationRefused("ovs-appctl lacp/show", f"unreadable answer ({error!r})") from None
