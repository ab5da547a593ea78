"""The promises of an implementation's adapter (`harness.dut.implementation`), looked at on a bench."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from harness.bench.bench import Bench
from harness.check import BrokenPromise, Finding, expect, findings
from harness.dut.implementation import Aggregate, AggregateStatus, PortStatus, Variable
from harness.lab.pics import Pics
from harness.pdu import PortInfo, State
from harness.profile.constants import FAST_PERIODIC_TIME, SLOW_PERIODIC_TIME
from harness.verdict import BenchError, ImplementationRefused
from harness.wire.station import Station, default_info
from harness.wire.wire import Wire

NAME = "agr0"
"""The aggregate's: what testcases call their first one."""

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


class Setting(NamedTuple):
    """A variable and a value, and what LACPDUs say of the Actor when it is set."""

    variable: str
    value: Variable
    read: Callable[[PortInfo], object]
    wanted: object


SETTINGS = {
    "set_key": Setting("key", 77, lambda actor: actor.key, 77),
    "set_system_priority": Setting("system-priority", 4242, lambda actor: actor.system_priority, 4242),
    "short_timeout": Setting("timeout", "short", lambda actor: State.Timeout in actor.state, True),
    "long_timeout": Setting("timeout", "long", lambda actor: State.Timeout in actor.state, False),
    "passive": Setting("activity", "passive", lambda actor: State.Activity in actor.state, False),
    "active": Setting("activity", "active", lambda actor: State.Activity in actor.state, True),
}
"""Of the aggregate, by the word of the PICS that declares it."""

OF_A_PORT = {
    "set_port_priority": Setting("port-priority", 99, lambda actor: actor.port_priority, 99),
    "individual": Setting("individual", True, lambda actor: State.Aggregation in actor.state, False),
}


class Trial:
    """An aggregate on the first straight wires of a bench, and a partner at the other end of each."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.pics: Pics = bench.lab.implementation.pics
        self.wires = [wire for wire in bench.wires if wire.straight][:2]
        if not self.wires:
            raise BenchError(
                f"{bench.lab.file}: an implementation is checked on a straight wire; it has none"
            )
        self.aggregate: Aggregate | None = None

    def checks(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Each promise, and what looks whether it is kept; in an order in which each needs those before."""
        first = self.wires[0]
        yield "name and version are each a line of text", self._named
        yield "reset removes every aggregate, and may be called again", self._resets
        yield "aggregate makes one with its ports, which send LACPDUs on their wires", self._makes
        yield "status has a MAC address, and each port by its name", self._says
        if self.pics.status:
            yield "status has the Actor that LACPDUs have on the wire", partial(self._as_told, first)
            yield "status has the Partner that the wire brings", partial(self._partner_as_told, first)
            yield "status says that a port distributes when its LACPDUs do", partial(self._distributes, first)
        for word, setting in SETTINGS.items():
            if getattr(self.pics, word):
                yield f"{word}: set changes what LACPDUs say", partial(self._sets, setting)
        for word, setting in OF_A_PORT.items():
            if getattr(self.pics, word):
                yield f"{word}: set changes what its LACPDUs say", partial(self._sets, setting, first.port)
        yield "set refuses a variable that is none, with ImplementationRefused", self._refuses
        if len(self.wires) > 1 and self.pics.max_ports != 1:
            yield "add attaches a port, remove detaches it", partial(self._adds, self.wires[1])
        yield "destroy removes the aggregate, and its ports are free", self._destroys

    def _named(self) -> None:
        dut = self.bench.dut
        for what, text in (("name", dut.name), ("version()", dut.version())):
            expect(isinstance(text, str) and text.strip() == text != "", f"{what} is {text!r}")
            expect("\n" not in text, f"{what} has several lines: {text!r}")

    def _resets(self) -> None:
        self.bench.dut.aggregate(NAME, [self.wires[0].port])
        self.bench.dut.reset()
        self.bench.dut.reset()
        self.bench.dut.aggregate(NAME, [self.wires[0].port])  # raises where the port is not free
        self.bench.dut.reset()

    def _makes(self) -> None:
        self.bench.begin("agr-lab check")
        for number, wire in enumerate(self.wires, start=1):
            Station(self.bench.loop, wire, default_info(number)).start()
        activity = {"activity": "active"} if self.pics.active else {}
        self.aggregate = self.bench.dut.aggregate(NAME, [self.wires[0].port], **activity)
        expect(self._made.name == NAME, f"it is called {self._made.name!r}, not {NAME!r}")
        self._until(lambda: actor_on(self.wires[0]) is not None, "no LACPDU on its wire")

    @property
    def _made(self) -> Aggregate:
        if self.aggregate is None:
            raise BrokenPromise("there is no aggregate: see above")
        return self.aggregate

    def _says(self) -> None:
        status = self._made.status()
        expect(isinstance(status, AggregateStatus), f"status() gives {status!r}")
        expect(_MAC.fullmatch(status.mac), f"mac is {status.mac!r}, not as 02:00:00:00:00:01")
        expect(
            status.mac == self._made.mac, f"mac is {status.mac} in the status, and {self._made.mac} by itself"
        )
        port = self.wires[0].port
        expect(set(status.ports) == {port}, f"its ports are {sorted(status.ports)}, not {[port]}")
        expect(isinstance(status.ports[port], PortStatus), f"{port} is {status.ports[port]!r}")
        with suppress(BenchError):  # it may read none
            carrier = self._made.carrier
            expect(isinstance(carrier, bool), f"carrier is {carrier!r}, not True or False")

    def _as_told(self, wire: Wire) -> None:
        self._until(
            lambda: self._port(wire).actor.identity == identity(actor_on(wire)),
            lambda: f"{self._port(wire).actor.text()}, and on the wire {text(actor_on(wire))}",
        )

    def _partner_as_told(self, wire: Wire) -> None:
        told = default_info(1)
        self._until(
            lambda: self._port(wire).partner.identity == told.identity,
            lambda: f"{self._port(wire).partner.text()}, and the wire brought {told.text()}",
        )

    def _distributes(self, wire: Wire) -> None:
        def agree() -> bool:
            actor, port = actor_on(wire), self._port(wire)
            return actor is not None and State.Distributing in actor.state and port.distributing

        self._until(agree, lambda: f"distributing is {self._port(wire).distributing}, {text(actor_on(wire))}")

    def _sets(self, setting: Setting, port: str | None = None) -> None:
        self._made.set(setting.variable, setting.value, port)
        self._told(self.wires[0], setting)
        with suppress(BenchError, ImplementationRefused):  # it may read none
            found = self._made.get(setting.variable, port)
            expect(found == setting.value, f"{setting.variable} was set, and get gives {found!r}")
        if port is not None and isinstance(setting.value, bool):  # for the checks that follow
            self._made.set(setting.variable, not setting.value, port)

    def _told(self, wire: Wire, setting: Setting) -> None:
        def told() -> bool:
            actor = actor_on(wire)
            return actor is not None and setting.read(actor) == setting.wanted

        self._until(told, lambda: f"{setting.variable} was set, and LACPDUs say {text(actor_on(wire))}")

    def _refuses(self) -> None:
        try:
            self._made.set("no-such-variable", 1)
        except ImplementationRefused:
            return
        raise BrokenPromise("it took `no-such-variable`")

    def _adds(self, wire: Wire) -> None:
        both = {self.wires[0].port, wire.port}
        self._made.add(wire.port)
        ports = set(self._made.status().ports)
        expect(ports == both, f"after add({wire.port}) its ports are {sorted(ports)}")
        self._made.remove(wire.port)
        ports = set(self._made.status().ports)
        expect(ports == both - {wire.port}, f"after remove({wire.port}) its ports are {sorted(ports)}")

    def _destroys(self) -> None:
        self._made.destroy()
        again = self.bench.dut.aggregate(NAME, [self.wires[0].port])  # raises where either is still there
        again.destroy()

    def _port(self, wire: Wire) -> PortStatus:
        return self._made.status().ports[wire.port]

    def _until(self, condition: Callable[[], bool], seen: str | Callable[[], str]) -> None:
        """Wait until it holds, as long as any LACPDU may take to come."""
        loop = self.bench.loop
        deadline = loop.now() + SLOW_PERIODIC_TIME + 3 * FAST_PERIODIC_TIME
        while not condition():
            if loop.now() >= deadline:
                raise BrokenPromise(seen if isinstance(seen, str) else seen())
            loop.run_for(FAST_PERIODIC_TIME / 10)


def check_implementation(bench: Bench) -> Iterator[Finding]:
    """Hold the adapter of a bench's implementation against its interface; one finding a promise.

    The bench's wires and aggregates are changed; the implementation is reset at the end.
    """
    bench.begin("agr-lab check")
    try:
        yield from findings(Trial(bench).checks())
    finally:
        bench.dut.reset()


def actor_on(wire: Wire) -> PortInfo | None:
    """The Actor of the last LACPDU of the implementation on a wire."""
    with wire.tap.loop.lock:
        last = next((frame for frame in reversed(wire.frames) if frame.is_lacpdu and not frame.sent), None)
    return None if last is None else last.actor


def identity(info: PortInfo | None) -> object:
    """What names a port, None where nothing is known of it."""
    return None if info is None else info.identity


def text(info: PortInfo | None) -> str:
    """For messages."""
    return "no LACPDU" if info is None else info.text()
