"""The switch with the reference's LACP as an implementation under test on the simulated bench.

An aggregate is a channel group, in a VLAN of its own with the port that its MAC client is on. What is asked
of it becomes lines of the command line; all that was configured so far is entered anew each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fixtures.switch.commands import grammars
from fixtures.switch.model import Member, Switch
from fixtures.switch.reference.backend import ReferenceBackend
from fixtures.switch.reference.breakages import BREAKAGES, plane_of
from fixtures.switch.reference.lacp import aggregate as aggregator_name
from fixtures.switch.reference.plane import Plane
from fixtures.switch.reference.port_socket import PLAIN
from fixtures.switch.replay import Rejection, parse_config
from harness.dut.implementation import When
from harness.reference.status import status
from testcases.selftest.switch_emulated.fake import FakeBackend

SYSTEM = "02:00:00:00:0d:00"
NOBODY = {
    "system_priority": 0,
    "system": "00:00:00:00:00:00",
    "key": 0,
    "port_priority": 0,
    "port": 0,
    "state": 0,
}
FIRST_VLAN = 10
GRAMMARS = grammars(ReferenceBackend.features)
WORDS = {
    "activity": "",  # with the channel-group of each port
    "lacp": "",  # the same: mode on
    "timeout": "lacp rate",
    "port-priority": "lacp port-priority",
    "system-priority": "lacp system-priority",
    "max-links": "lacp max-bundle",
    "min-links": "port-channel min-links",
}


@dataclass
class FakePort:
    """A port of the switch; what it sends, it hands to the switch's `out`."""

    mac: bytes
    to: tuple[str, str]
    out: list[tuple[str, str, bytes]]

    def receive(self) -> None:
        return None

    def send(self, offload: bytes, frame: bytes) -> None:
        self.out.append((*self.to, frame))


@dataclass
class Group:
    """A channel group as it was asked for; `ports` have variables of their own."""

    unit: int
    variables: dict[str, str] = field(default_factory=dict)
    ports: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The channel group's."""
        return self.unit + 1


class VirtualSwitch:
    """`harness.dut.virtual.VirtualImplementation`."""

    name = "switch"
    version = "reference"
    breakage: ClassVar[str] = ""
    settable: ClassVar[Mapping[str, When]] = dict.fromkeys(WORDS, When.ANY_TIME)
    readable: ClassVar[frozenset[str]] = frozenset()

    def open(self, ports: Mapping[str, bytes]) -> None:
        self._now = 0.0
        self._out: list[tuple[str, str, bytes]] = []
        self._groups: dict[str, Group] = {}
        self._names = {port: f"GigabitEthernet1/0/{at}" for at, port in enumerate(ports, 1)}
        fakes = {self._names[port]: FakePort(mac, ("port", port), self._out) for port, mac in ports.items()}
        for unit in range(4):
            mac = bytes.fromhex("020000000c") + bytes([unit])
            fakes[client(unit)] = FakePort(mac, ("client", f"agr{unit}"), self._out)
        self._switch = Switch(FakeBackend(), list(fakes))
        self._fakes = fakes
        self._plane: Plane = plane_of(self.breakage)(fakes, SYSTEM, lambda: self._now)
        self._configure()
        for unit in range(4):
            self._plane.medium(client(unit), 1000, True)
            self._plane.link(client(unit), True)

    def configure(self, now: float, request: Mapping[str, object]) -> None:
        self._now = now
        words = {key: str(value) for key, value in request.items()}
        name = words["aggregate"]
        if words["do"] == "create":
            self._groups[name] = Group(int(name.removeprefix("agr")))
        elif words["do"] == "destroy":
            del self._groups[name]
        elif words["do"] == "agrport":
            self._groups[name].ports[words["port"]] = {}
        elif words["do"] == "-agrport":
            del self._groups[name].ports[words["port"]]
        else:
            group = self._groups[name]
            if words["variable"] not in WORDS:
                raise ValueError(f"{words['variable']}: a switch has no such variable")
            variables = group.ports[words["port"]] if "port" in words else group.variables
            variables[words["variable"]] = words["value"]
        self._configure()

    def _configure(self) -> None:
        lines = ["port-channel load-balance src-dst-mixed-ip-port"]
        for group in self._groups.values():
            lines += self._lines(group)
        try:
            self._plane.configure(parse_config(self._switch, GRAMMARS, "\n".join(lines)))
        except Rejection as rejection:
            raise ValueError(str(rejection)) from None

    def _lines(self, group: Group) -> list[str]:
        """What is entered for a channel group, its members and its client's port."""
        variables = group.variables
        vlan = [f"switchport access vlan {FIRST_VLAN + group.unit}", "switchport mode dot1q-tunnel"]
        lines = [f"interface {client(group.unit)}", *vlan]
        if "system-priority" in variables:
            lines.append(f"lacp system-priority {variables['system-priority']}")
        lines += [f"interface Port-channel{group.number}", *vlan]
        for variable in ("max-links", "min-links"):
            if variables.get(variable, "0") != "0":
                lines.append(f"{WORDS[variable]} {variables[variable]}")
        rate = "fast" if variables.get("timeout") == "short" else "normal"
        for port, own in group.ports.items():
            lines += [f"interface {self._names[port]}", f"lacp rate {rate}"]
            lines += [f"{WORDS[variable]} {value}" for variable, value in own.items() if WORDS[variable]]
            mode = "on" if own.get("lacp") == "off" else variables.get("activity", "active")
            lines.append(f"channel-group {group.number} mode {mode}")
        return lines

    def link(self, now: float, port: str, up: bool) -> None:
        self._now = now
        self._plane.link(self._names[port], up)

    def medium(self, now: float, port: str, speed_mbps: int, full_duplex: bool) -> None:
        self._now = now
        self._plane.medium(self._names[port], speed_mbps, full_duplex)

    def receive(self, now: float, port: str, frame: bytes) -> None:
        self._now = now
        self._plane.receive(self._names[port], PLAIN, frame)

    def send(self, now: float, aggregate: str, frame: bytes) -> None:
        self._now = now
        self._plane.receive(client(self._groups[aggregate].unit), PLAIN, frame)

    def advance(self, now: float) -> None:
        self._now = now
        self._plane.advance()

    def deadline(self) -> float | None:
        return self._plane.deadline()

    def take(self) -> list[tuple[str, str, bytes]]:
        taken = self._out[:]
        self._out.clear()
        return taken

    def status(self, now: float) -> dict[str, Any]:
        """What the model says, by the names that the bench has."""
        said = status(self._plane.lacp.reference.model)["aggregates"]
        port_of = {own: port for port, own in self._names.items()}
        found = {}
        for name, group in self._groups.items():
            known = said.get(aggregator_name(group.number), {"ports": {}})
            ports = {port_of[own]: {**port, "counters": {}} for own, port in known["ports"].items()}
            for own, member in self._plane.members().get(group.number, {}).items():
                ports.setdefault(port_of[own], without_lacp(member))
            mac = self._fakes[client(group.unit)].mac.hex(":")
            found[name] = {"flags": [], "carrier": True, **known, "mac": mac, "ports": ports}
        return {"aggregates": found}


def without_lacp(member: Member) -> dict[str, Any]:
    """The status of a port with mode on."""
    used = member.bundled
    return {"collecting": used, "distributing": used, "actor": NOBODY, "partner": NOBODY, "counters": {}}


def client(unit: int) -> str:
    """The port that the MAC client of an aggregate is on."""
    return f"GigabitEthernet1/0/{21 + unit}"


def __getattr__(name: str) -> type[VirtualSwitch]:
    """A class for each breakage, as a lab file's `load` names it: its name with _ for -."""
    for breakage in BREAKAGES:
        if breakage.replace("-", "_") == name:
            return type(name, (VirtualSwitch,), {"breakage": breakage})
    raise AttributeError(name)
