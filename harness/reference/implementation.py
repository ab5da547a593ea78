"""The reference model as an implementation under test, on the simulated bench."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.pdu import PortInfo
from harness.reference import admin, datapath, intake
from harness.reference.choices import Choices
from harness.reference.keys import Keys
from harness.reference.model import Model
from harness.reference.status import status
from harness.reference.variables import Aggregator, Port


class Reference:
    """`harness.dut.virtual.VirtualImplementation`: Aggregators by name over the bench's ports.

    Times are in seconds, frames whole Ethernet frames without FCS. What an operator may not do raises
    ValueError with a message. `choices` is asked where the clause leaves an implementation a choice.
    """

    name = "reference"
    version = "802.3ad-2000"

    def __init__(self, choices: Choices | None = None) -> None:
        self.choices = choices or Choices()
        self.model = Model(self.choices)
        self._keys: dict[str, Keys] = {}
        self._macs: dict[str, bytes] = {}
        self._links: dict[str, tuple[bool, int | None, bool]] = {}  # carrier, Mbit/s, full duplex
        self._numbers: dict[str, int] = {}
        self._sent: dict[str, list[float]] = {}  # a link's limit (43.4.16) outlives its port
        self._taken: list[tuple[str, str, bytes]] = []

    def open(self, ports: Mapping[str, bytes]) -> None:
        """Make the ports: without carrier, attached to no Aggregator, numbered in this order."""
        self._macs = dict(ports)
        self._links = dict.fromkeys(ports, (False, None, True))
        self._numbers = {name: number for number, name in enumerate(ports, start=self.choices.first_port)}

    # -- what the operator does

    def configure(self, now: float, request: Mapping[str, object]) -> None:
        """Carry out {"do": create | destroy | agrport | -agrport | set, "aggregate": name, ...}."""
        words = {key: str(value) for key, value in request.items()}
        verbs = {
            "create": self._create,
            "destroy": self._destroy,
            "agrport": self._attach,
            "-agrport": self._detach,
            "set": self._set,
        }
        if words.get("do") not in verbs:
            raise ValueError(f"{words.get('do')}: not one of {', '.join(verbs)}")
        self.model.until(now)
        verbs[words["do"]](words)
        self._settle(now)

    def _aggregator(self, name: str) -> Aggregator:
        for aggregator in self.model.aggregators:
            if aggregator.name == name:
                return aggregator
        raise ValueError(f"{name}: there is no such aggregate")

    def _create(self, words: Mapping[str, str]) -> None:
        name = words["aggregate"]
        unit = re.fullmatch(r"agr(\d{1,4})", name)
        if not unit:
            raise ValueError(f"{name}: an aggregate's name is agr0, agr1, ...")
        if any(aggregator.name == name for aggregator in self.model.aggregators):
            raise ValueError(f"{name}: there is an aggregate of this name")
        key = self.choices.first_key + int(unit[1])
        self.model.aggregators.append(Aggregator(name, key, **self.choices.aggregator))
        self._keys[name] = Keys()

    def _destroy(self, words: Mapping[str, str]) -> None:
        aggregator = self._aggregator(words["aggregate"])
        if aggregator.ports:
            names = ", ".join(port.name for port in aggregator.ports)
            raise ValueError(f"{aggregator.name}: has the ports {names}: remove them first")
        self.model.aggregators.remove(aggregator)

    def _attach(self, words: Mapping[str, str]) -> None:
        name, aggregator = words["port"], self._aggregator(words["aggregate"])
        if name not in self._macs:
            raise ValueError(f"{name}: there is no such port")
        taken = {port.name: port.aggregator.name for port in self.model.ports}
        if name in taken:
            raise ValueError(f"{name}: is a port of {taken[name]}")
        if not aggregator.ports:  # 43.2.10: the first port lends its address to the Aggregator
            aggregator.mac = self.choices.own_address or self._macs[name]
        number = int(
            words.get("number", self._numbers[name])
        )  # any that is not 0 and no other port's (43.3.4)
        info = PortInfo(port_priority=self.choices.port_priority, port=number)
        port = Port(name, self._macs[name], aggregator, info, now=self.model.now)
        port.partner = port.partner_admin = self.choices.partner_admin
        port.timer_error = self.choices.timer_error
        port.sent = self._sent.setdefault(name, [])
        port.port_enabled, port.speed_mbps, port.full_duplex = self._links[name]
        aggregator.ports.append(port)
        admin.operate(port, self._keys[aggregator.name])

    def _detach(self, words: Mapping[str, str]) -> None:
        """Detach a port without a last LACPDU, which is conforming."""
        port = self._port(words["port"])
        if port is None or port.aggregator.name != words["aggregate"]:
            raise ValueError(f"{words['port']}: is not a port of {words['aggregate']}")
        port.aggregator.ports.remove(port)

    def _set(self, words: Mapping[str, str]) -> None:
        aggregator, variable, value = self._aggregator(words["aggregate"]), words["variable"], words["value"]
        keys = self._keys[aggregator.name]
        if "port" not in words:
            before = vars(aggregator).copy()
            admin.set_aggregator(aggregator, keys, variable, value)
            self._refuse_twins(aggregator, before)
            return
        port = self._port(words["port"])
        if port is None or port.aggregator is not aggregator:
            raise ValueError(f"{words['port']}: is not a port of {aggregator.name}")
        admin.set_port(port, keys, variable, value)

    def _refuse_twins(self, aggregator: Aggregator, before: Mapping[str, object]) -> None:
        """43.3.3: no two Aggregators of one System have one key."""
        for other in self.model.aggregators:
            if other is not aggregator and other.system_id and _end(other) == _end(aggregator):
                vars(aggregator).update(before)
                raise ValueError(f"key: {other.name} has the same system and the same key")

    # -- what happens on the links, and in time

    def _port(self, name: str) -> Port | None:
        return next((port for port in self.model.ports if port.name == name), None)

    def link(self, now: float, port: str, up: bool) -> None:
        """Carrier comes or goes; with it comes the speed that was negotiated."""
        _, speed, full = self._links[port]
        self._links[port] = up, speed, full
        member = self._port(port)
        if member is not None:
            self.model.until(now)
            member.port_enabled = up
            if up:
                member.speed_mbps, member.full_duplex = speed, full
            admin.operate(member, self._keys[member.aggregator.name])
            self._settle(now)

    def medium(self, now: float, port: str, speed_mbps: int, full_duplex: bool) -> None:
        """Speed and duplex from the next carrier on."""
        self._links[port] = self._links[port][0], speed_mbps, full_duplex

    def receive(self, now: float, port: str, frame: bytes) -> None:
        """A frame arrives on a port."""
        member = self._port(port)
        if member is None or not member.port_enabled:
            return
        member.now = now
        if intake.take(member, frame):
            self._settle(now)
        elif datapath.collecting(member):
            datapath.count(member.aggregator, "Rx", frame)
            self._taken.append(("client", member.aggregator.name, frame))

    def send(self, now: float, aggregate: str, frame: bytes) -> None:
        """The client of an Aggregator sends a frame; it is lost while no port distributes."""
        datapath.count(self._aggregator(aggregate), "Tx", frame)
        port = datapath.choose(self._aggregator(aggregate), frame, self.model.choices)
        if port is not None:
            self._taken.append(("port", port.name, frame))

    def advance(self, now: float) -> None:
        """Time is `now`."""
        self._settle(now)

    def deadline(self) -> float | None:
        """When `advance` is wanted next."""
        return self.model.deadline()

    def take(self) -> list[tuple[str, str, bytes]]:
        """Frames sent and delivered since the last call."""
        taken, self._taken = self._taken, []
        return taken

    def status(self, now: float) -> dict[str, Any]:
        """Management status of Aggregators and ports (30.7)."""
        return status(self.model)

    def _settle(self, now: float) -> None:
        self.model.settle(now)
        for aggregator in self.model.aggregators:
            datapath.note_operational(aggregator)
        for port in self.model.ports:
            self._taken += [("port", port.name, frame) for frame in port.outbox]
            port.outbox.clear()


def _end(aggregator: Aggregator) -> tuple[int, str, int]:
    return aggregator.system_priority, aggregator.system, aggregator.key


class CoupledReference(Reference):
    """The same, with coupled control where nothing else is said."""

    name = "reference-coupled"

    def __init__(self) -> None:
        super().__init__(Choices(aggregator={"coupled": True}))
