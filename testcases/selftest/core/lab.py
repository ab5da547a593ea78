"""A System in virtual time, and scripted partners for its ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agr.core import lacpdu
from agr.core.lacpdu import LACPDU, Information, PortState
from agr.core.outputs import CollectingChanged, DistributingChanged, Hold, Output, Transmit
from agr.core.system import System

START = 1000.0
FOREIGN = bytes.fromhex("02aaaaaaaa01")  # a partner's system
NOBODY = Information(0, bytes(6), 0, 0, 0, PortState())  # an Actor or Partner of zeros
ACTIVE = PortState(LACP_Activity=True, Aggregation=True)
IN_SYNC = replace(ACTIVE, Synchronization=True)
UP = replace(IN_SYNC, Collecting=True, Distributing=True)


def mac(number: int) -> bytes:
    """Address of the port re<number>."""
    return bytes((2, 0, 0, 0, 1, number))


def information(said: Mapping[str, Any]) -> Information:
    """An Actor or Partner as `status` says it."""
    return Information(
        said["system_priority"],
        bytes.fromhex(said["system"].replace(":", "")),
        said["key"],
        said["port_priority"],
        said["port"],
        PortState.from_octet(said["state"]),
    )


@dataclass(frozen=True)
class Sent:
    """A LACPDU that a port sent, and when."""

    at: float
    port: str
    pdu: LACPDU
    frame: bytes


class Lab:
    """agr0 with ports re0, re1, ...; every output is checked for what must hold at any time."""

    def __init__(self, ports: int = 1, up: bool = True, **variables: str) -> None:
        self.system = System()
        self.now = START
        self.sent: list[Sent] = []
        self.frames: list[tuple[float, str, bytes]] = []  # everything sent
        self.log: list[tuple[float, Output]] = []  # everything else
        self.data: dict[str, tuple[bool, bool]] = {}
        self.partners: dict[str, Partner] = {}
        self.homes: dict[str, str] = {}  # the aggregates of the ports
        self.detaching: set[str] = set()
        self.system.add_aggregator(self.now, "agr0")
        for variable, value in variables.items():
            self.set(variable.replace("_", "-"), value)
        for number in range(ports):
            self.add(number, up)

    def add(self, number: int, up: bool = True, aggregate: str = "agr0") -> Partner:
        """Attach re<number>."""
        name = f"re{number}"
        self.detaching.discard(name)
        self.system.add_port(self.now, name, mac(number), aggregate)
        self.homes[name] = aggregate
        self.data[name] = (False, False)
        self.partners[name] = Partner(self, name, port=number + 1)
        if up:
            self.link(name, True)
        self.drain()
        return self.partners[name]

    def remove(self, port: str) -> None:
        self.system.remove_port(self.now, port)
        self.drain()

    def detach(self, port: str) -> None:
        """Begin a planned detach."""
        self.detaching.add(port)
        self.system.detach(self.now, port)
        self.drain()

    def link(self, port: str, up: bool, speed_mbps: int | None = None, full_duplex: bool = True) -> None:
        self.system.set_link(self.now, port, up, speed_mbps, full_duplex)
        self.drain()

    def set(self, variable: str, value: str, port: str | None = None, aggregate: str = "agr0") -> None:
        """Of the port, or else of the aggregate."""
        home = self.homes.get(port, aggregate) if port else aggregate
        self.system.configure(self.now, home, variable, value, port)
        self.drain()

    def receive(self, port: str, frame: bytes) -> None:
        self.system.receive(self.now, port, frame)
        self.drain()

    def run(self, seconds: float) -> None:
        """Let time pass, from deadline to deadline."""
        end = self.now + seconds
        while (deadline := self.system.deadline()) is not None and deadline <= end:
            assert deadline >= self.now, "a deadline in the past"
            self.now = deadline
            self.system.advance(deadline)
            self.drain()
        self.now = end

    def drain(self) -> None:
        """Do what the core asks for; a Hold is in force at once."""
        while outputs := self.system.take():
            for output in outputs:
                self._do(output)

    def _do(self, output: Output) -> None:
        if isinstance(output, CollectingChanged):
            assert self.data[output.port][0] != output.on
            self.data[output.port] = (output.on, self.data[output.port][1])
        elif isinstance(output, DistributingChanged):
            assert self.data[output.port][1] != output.on
            self.data[output.port] = (self.data[output.port][0], output.on)
        if isinstance(output, Transmit):
            self._sent(output)
        else:
            self.log.append((self.now, output))
        if isinstance(output, Hold):
            self.system.held(self.now, output.aggregator)

    def _sent(self, output: Transmit) -> None:
        self.system.sent(self.now, output)
        self.frames.append((self.now, output.port, output.frame))
        assert len(output.frame) == 124
        if output.frame[14] == 1:
            sent = Sent(self.now, output.port, lacpdu.decode(output.frame), output.frame)
            self.sent.append(sent)
            check_pdu(sent, self.data[output.port], output.port in self.detaching)
            recent = [s for s in self.sent if s.port == output.port and s.at > self.now - 1]
            assert len(recent) <= 3, "more than three LACPDUs in a second"

    def status(self, port: str = "re0") -> dict[str, Any]:
        aggregates = self.system.status(self.now)["aggregates"].values()
        ports: dict[str, Any] = {name: said for found in aggregates for name, said in found["ports"].items()}
        return ports[port]

    def aggregate(self, name: str = "agr0") -> dict[str, Any]:
        """What `status` says of an aggregate."""
        said: dict[str, Any] = self.system.status(self.now)["aggregates"][name]
        return said

    def state(self, port: str = "re0") -> PortState:
        """Actor_Oper_Port_State."""
        return PortState.from_octet(self.status(port)["actor"]["state"])

    def partner_state(self, port: str = "re0") -> PortState:
        """Partner_Oper_Port_State."""
        return PortState.from_octet(self.status(port)["partner"]["state"])

    def sent_since(self, at: float, port: str = "re0") -> list[Sent]:
        """LACPDUs of ``port`` sent at ``at`` or later."""
        return [sent for sent in self.sent if sent.port == port and sent.at >= at]


def check_pdu(sent: Sent, data: tuple[bool, bool], detaching: bool) -> None:
    """What every LACPDU must say: no bit without the one before it, and the truth about the data path.

    A port that is ``detaching`` still delivers what arrives after it has sent its last LACPDU.
    """
    actor, partner = sent.pdu.actor.state, sent.pdu.partner.state
    assert not actor.Distributing or actor.Collecting
    assert not actor.Collecting or actor.Synchronization
    assert actor.Distributing == data[1]
    assert actor.Collecting == data[0] or (detaching and data[0])
    if actor.Expired:
        assert partner.LACP_Timeout and not partner.Synchronization


class Partner:
    """The far end of one wire: says what it is told, and echoes what the port is unless told otherwise."""

    def __init__(self, lab: Lab, name: str, port: int) -> None:
        self.lab = lab
        self.name = name
        self.actor = Information(0x7000, FOREIGN, 0x0203, 0x90, port, UP)
        self.collector_max_delay = 0

    def echo(self) -> Information:
        """The port's Actor as it is."""
        return information(self.lab.status(self.name)["actor"])

    def say(self, actor: Information | None = None, partner: Information | None = None) -> None:
        """Send one LACPDU; nothing once the port has left."""
        if self.name not in self.lab.partners:
            return
        pdu = LACPDU(actor or self.actor, partner or self.echo(), self.collector_max_delay)
        self.lab.receive(self.name, lacpdu.encode(pdu, source=bytes.fromhex("02aa00000001")))

    def become(self, **state: bool) -> None:
        """Change own state bits, then say so."""
        self.actor = replace(self.actor, state=replace(self.actor.state, **state))
        self.say()

    def keep_on(self, seconds: float, every: float = 1.0) -> None:
        """Say the same again and again, first now."""
        keep_on(self.lab, seconds, every, [self])


def keep_on(lab: Lab, seconds: float, every: float = 1.0, partners: list[Partner] | None = None) -> None:
    """Let partners (all, unless given) say the same again and again while time passes."""
    end = lab.now + seconds
    while lab.now < end:
        for partner in partners or list(lab.partners.values()):
            partner.say()
        lab.run(min(every, end - lab.now))


def up_lab(ports: int = 1, **variables: str) -> Lab:
    """A Lab whose ports all distribute."""
    lab = Lab(ports, **variables)
    keep_on(lab, 4.0)
    assert all(data == (True, True) for data in lab.data.values())
    return lab
