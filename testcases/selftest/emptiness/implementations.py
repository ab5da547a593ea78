"""Implementations that do too little to be any: for the simulated bench.

All take every order, refuse none, and say of themselves that all is well.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from harness.pdu import Frame, PortInfo, State, lacpdu_frame
from harness.profile.constants import FAST_PERIODIC_TIME

Taken = tuple[str, str, bytes]

DEFAULTS: Mapping[str, object] = {
    "system_priority": 0x8000,
    "key": 1,
    "activity": "active",
    "timeout": "long",
    "control": "independent",
    "collector_max_delay": 0,
    "min_links": 0,
    "max_links": 0,
    "defaulted": "down",
}

PORT_PRIORITY = 0x8000

IN_USE = State.Activity | State.Aggregation | State.Synchronization | State.Collecting | State.Distributing

STATES = {
    "receive_state": "CURRENT",
    "periodic_state": "FAST_PERIODIC",
    "mux_state": "DISTRIBUTING",
    "selected": "SELECTED",
    "actor_churn_state": "NO_ACTOR_CHURN",
    "partner_churn_state": "NO_PARTNER_CHURN",
}

COUNTERS = (
    "LACPDUsRx", "LACPDUsTx", "MarkerPDUsRx", "MarkerResponsePDUsTx", "MarkerResponsePDUsRx", "MarkerPDUsTx",
    "UnknownRx", "IllegalRx",
)  # fmt: skip


class Silence:
    """It sends nothing and delivers nothing."""

    name = "silence"
    version = "0"

    def __init__(self) -> None:
        self._macs: dict[str, bytes] = {}
        self._up: set[str] = set()
        self._aggregates: dict[str, dict[str, object]] = {}
        self._members: dict[str, str] = {}  # port -> aggregate
        self._own: dict[str, dict[str, object]] = {}  # variables of a port
        self._heard: dict[str, PortInfo] = {}
        self._taken: list[Taken] = []

    def open(self, ports: Mapping[str, bytes]) -> None:
        """Know the ports."""
        self._macs = dict(ports)

    def configure(self, now: float, request: Mapping[str, object]) -> None:
        """Take every order."""
        aggregate, port = str(request["aggregate"]), str(request.get("port", ""))
        match request["do"]:
            case "create":
                number = len(self._aggregates) + 1
                self._aggregates[aggregate] = {**DEFAULTS, "key": number, "flags": []}
            case "destroy":
                del self._aggregates[aggregate]
            case "agrport":
                self._members[port] = aggregate
                self._own[port] = {"priority": PORT_PRIORITY, "individual": False, "lacp": True}
                self.begin(now, port)
            case "-agrport":
                del self._members[port]
            case "set":
                self._set(aggregate, port, str(request["variable"]), request["value"])

    def _set(self, aggregate: str, port: str, variable: str, value: object) -> None:
        where = self._own[port] if port else self._aggregates[aggregate]
        name = {"system-id": "system", "port-priority": "priority"}.get(variable, variable.replace("-", "_"))
        known = where.get(name)
        if name in ("link0", "link1"):
            flags = set(where["flags"]) - {name}  # type: ignore[call-overload]
            where["flags"] = sorted(flags | ({name} if value in (True, "on") else set()))
        elif isinstance(known, bool):
            where[name] = value in (True, "on")
        else:
            where[name] = int(str(value), 0) if isinstance(known, int) else value

    def begin(self, now: float, port: str) -> None:
        """A port is a member with carrier from now on; here, that is nothing."""

    def link(self, now: float, port: str, up: bool) -> None:
        """Carrier comes or goes."""
        (self._up.add if up else self._up.discard)(port)
        if up and port in self._members:
            self.begin(now, port)

    def medium(self, now: float, port: str, speed_mbps: int, full_duplex: bool) -> None:
        """Speed and duplex are all one to it."""

    def receive(self, now: float, port: str, frame: bytes) -> None:
        """What arrives is lost."""

    def send(self, now: float, aggregate: str, frame: bytes) -> None:
        """So is what its client sends."""

    def advance(self, now: float) -> None:
        """Time passes."""

    def deadline(self) -> float | None:
        """It waits for nothing."""
        return None

    def take(self) -> list[Taken]:
        """Frames since the last call."""
        taken, self._taken = self._taken, []
        return taken

    def status(self, now: float) -> dict[str, Any]:
        """All links in use."""
        return {"aggregates": {name: self._said(name) for name in self._aggregates}}

    def _said(self, name: str) -> dict[str, Any]:
        ports = {port: self._port(port) for port, owner in self._members.items() if owner == name}
        said = self._aggregates[name]
        mac = self.mac(name).hex(":")
        return {"mac": mac, "carrier": True, "system": mac, **said, "mtu": 1500, "ports": ports}

    def _port(self, port: str) -> dict[str, Any]:
        return {
            "mac": self._macs[port].hex(":"),
            "link": port in self._up,
            "collecting": True,
            "distributing": True,
            "actor": _told(self.actor(port)),
            "partner": _told(self._heard.get(port, PortInfo())),
            **STATES,
            **self._own[port],
            "counters": dict.fromkeys(COUNTERS, 0),
        }

    def mac(self, aggregate: str) -> bytes:
        """Its first port's."""
        owned = (self._macs[port] for port, owner in self._members.items() if owner == aggregate)
        return next(owned, bytes(6))

    def actor(self, port: str) -> PortInfo:
        """What a port says of itself, always."""
        said = self._aggregates[self._members[port]]
        return PortInfo(
            system_priority=int(str(said["system_priority"])),
            system=str(said.get("system", self.mac(self._members[port]).hex(":"))),
            key=int(str(said["key"])),
            port_priority=int(str(self._own[port]["priority"])),
            port=1 + list(self._macs).index(port),
            state=State(IN_USE | (State.Timeout if said["timeout"] == "short" else 0)),
        )


class Lacpdus(Silence):
    """It says on each port, once a second, that the link is in use, and whom it has heard; nothing else."""

    name = "lacpdus"

    def __init__(self) -> None:
        super().__init__()
        self._due: dict[str, float] = {}

    def begin(self, now: float, port: str) -> None:
        """Say it now, and every second from now on."""
        self._due[port] = now

    def receive(self, now: float, port: str, frame: bytes) -> None:
        """Whom it has heard stands in the next LACPDU."""
        seen = Frame(now, frame, True, port)
        if port in self._members and seen.is_lacpdu:
            self._heard[port] = seen.actor

    def advance(self, now: float) -> None:
        """Say what is due."""
        for port in [port for port, due in self._due.items() if due <= now]:
            self._due[port] += FAST_PERIODIC_TIME
            if port in self._members and port in self._up:
                mac = self._macs[port].hex(":")
                told = lacpdu_frame(mac, self.actor(port), self._heard.get(port, PortInfo()))
                self._taken.append(("port", port, told))

    def deadline(self) -> float | None:
        """When something is due."""
        return min(self._due.values(), default=None)


class OpenGate(Lacpdus):
    """The same, and every frame passes, both ways, whatever is said."""

    name = "open-gate"

    def receive(self, now: float, port: str, frame: bytes) -> None:
        """What is not of a slow protocol is the client's."""
        super().receive(now, port, frame)
        if port in self._members and Frame(now, frame, True, port).subtype is None:
            self._taken.append(("client", self._members[port], frame))

    def send(self, now: float, aggregate: str, frame: bytes) -> None:
        """By a hash of the addresses, over all ports that have carrier."""
        ports = [port for port, owner in self._members.items() if owner == aggregate and port in self._up]
        if ports:
            self._taken.append(("port", ports[zlib.crc32(frame[:12]) % len(ports)], frame))


def _told(info: PortInfo) -> dict[str, Any]:
    return {**vars(info), "state": int(info.state)}
