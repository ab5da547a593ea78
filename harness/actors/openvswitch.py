"""Open vSwitch's own LACP, configured by ovs-vsctl and read by ovs-appctl.

An aggregate is a bridge of one port: the bond. The bridge's internal interface is the MAC client. A bond of
one interface is a port with LACP; `ovs-vsctl add-bond` refuses one, the database does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.actors.actor import Actor, Aggregate, AggregateStatus, PortStatus, Variable
from harness.actors.host import Host
from harness.bench.wire import Tap
from harness.pdu import PortInfo, State
from harness.verdict import BenchError, ImplementationRefused

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
_MEMBER = re.compile(r"^(?:member|slave): (\S+):", re.MULTILINE)


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
        return self._host.run(["ip", *words])


class Bond(Aggregate):
    """One bond on a bridge of its own."""

    def __init__(self, name: str, client: Tap, commands: Commands, ports: list[str]) -> None:
        super().__init__(name, client)
        self._do = commands
        self._ports = ports

    @property
    def _port(self) -> str:
        return f"{self.name}-bond"

    def add(self, port: str) -> None:
        self._do.vsctl(
            "--", "--id=@i", "create", "Interface", f"name={port}",
            "--", "add", "Port", self._port, "interfaces", "@i",
        )  # fmt: skip
        self._ports.append(port)

    def remove(self, port: str) -> None:
        uuid = self._do.vsctl("get", "Interface", port, "_uuid").strip()
        self._do.vsctl("remove", "Port", self._port, "interfaces", uuid)
        self._ports.remove(port)

    def set(self, variable: str, value: Variable, port: str | None = None) -> None:
        self._do.vsctl("set", *_setting(self._port, variable, value, port))

    def status(self) -> AggregateStatus:
        said = self._do.appctl("lacp/show", self._port)
        parts = _MEMBER.split(said)
        members = dict(zip(parts[1::2], parts[2::2], strict=True))
        return AggregateStatus(self.mac, {name: _status(text) for name, text in members.items()})

    @property
    def mac(self) -> str:
        return self._do.vsctl("get", "Interface", self.name, "mac_in_use").strip().strip('"')

    def destroy(self) -> None:
        self._do.vsctl("del-br", self.name)


def _setting(bond: str, variable: str, value: Variable, port: str | None) -> list[str]:
    """Words of `ovs-vsctl set` for an administrative variable. ImplementationRefused where it has none."""
    if port is not None and variable == "port-priority":
        return ["Interface", port, f"other_config:lacp-port-priority={value}"]
    known = {
        "activity": f"lacp={value}",
        "timeout": f"other_config:lacp-time={'fast' if value == 'short' else 'slow'}",
        "system-priority": f"other_config:lacp-system-priority={value}",
        "system-id": f'other_config:lacp-system-id="{value}"',
        "key": f"other_config:lacp-aggregation-key={value}",
    }
    if port is not None or variable not in known:
        raise ImplementationRefused(f"set {variable} {value}", "Open vSwitch has no such variable")
    if variable == "key":
        raise ImplementationRefused("set key", "Open vSwitch sets it an interface; see its manual")
    return ["Port", bond, known[variable]]


class OpenVSwitch(Actor):
    """Open vSwitch on this machine; `options.rundir` is its run directory."""

    name = "Open vSwitch"

    def __init__(self, host: Host, options: Mapping[str, Any], open_client: Callable[[str], Tap]) -> None:
        rundir = options.get("rundir")
        if not isinstance(rundir, str):
            raise BenchError("implementation.options.rundir: the run directory of Open vSwitch is missing")
        self._do = Commands(host, rundir)
        self._open_client = open_client

    def version(self) -> str:
        return self._do.appctl("version").split("\n")[0].rpartition(" ")[2]

    def aggregate(self, name: str, ports: Sequence[str] = (), **variables: Variable) -> Aggregate:
        self._do.vsctl("--", "add-br", name, "--", "set", "bridge", name, "datapath_type=netdev")
        for port in ports:
            self._do.ip("link", "set", port, "up")
        settings: list[str] = []
        for variable, value in {"activity": "active", **variables}.items():
            settings += ["--", "set", *_setting(f"{name}-bond", variable.replace("_", "-"), value, None)]
        interfaces: list[str] = []
        for number, port in enumerate(ports):
            interfaces += ["--", f"--id=@i{number}", "create", "Interface", f"name={port}"]
        members = ",".join(f"@i{number}" for number in range(len(ports)))
        self._do.vsctl(
            *interfaces,
            "--", "--id=@p", "create", "Port", f"name={name}-bond", f"interfaces=[{members}]",
            "bond_mode=balance-slb",
            "--", "add", "Bridge", name, "ports", "@p",
            *settings,
        )  # fmt: skip
        self._do.ip("link", "set", name, "up")
        return Bond(name, self._open_client(name), self._do, list(ports))

    def reset(self) -> None:
        for bridge in self._do.vsctl("list-br").split():
            self._do.vsctl("del-br", bridge)


def _status(text: str) -> PortStatus:
    """One member of `ovs-appctl lacp/show`."""
    actor, partner = _info("actor", text), _info("partner", text)
    return PortStatus(State.Collecting in actor.state, State.Distributing in actor.state, actor, partner)


def _info(who: str, text: str) -> PortInfo:
    found = dict(re.findall(rf"{who} (.+?): (.*)", text))
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
