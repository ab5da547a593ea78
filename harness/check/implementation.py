"""The promises of an implementation's adapter (`harness.dut.implementation`), looked at on a bench."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from harness.bench.bench import Bench
from harness.check import BrokenPromise, Finding, expect, findings
from harness.dut.abilities import CHOICES, VARIABLE_OF, abilities_of
from harness.dut.implementation import FIGURES, Aggregate, AggregateStatus, PortStatus, Variable, When
from harness.lab.pics import Pics
from harness.pdu import PortInfo, State
from harness.profile.constants import FAST_PERIODIC_TIME, MARKER_RESPONSE_TIME, SLOW_PERIODIC_TIME
from harness.verdict import AdapterLacks, BenchError, ImplementationRefused
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
        self.abilities = abilities_of(bench.lab)
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
        for variable in CHOICES:
            if variable not in self.abilities.settable:
                promise = f"{variable}: the adapter does not set it, so the PICS says which value is in force"
                yield promise, partial(self._in_force, variable)
        if self.abilities.can("status"):
            yield "status has a MAC address, and each port by its name", self._says
            yield "status has the Actor that LACPDUs have on the wire", partial(self._as_told, first)
            yield "status has the Partner that the wire brings", partial(self._partner_as_told, first)
            yield "status says that a port distributes when its LACPDUs do", partial(self._distributes, first)
            if self.pics.counters and self.abilities.can("counters"):
                yield "counters: the status has those of 30.7.3.1", partial(self._counts, first)
            if self.pics.churn and self.abilities.can("states"):
                promise = "churn: the status has the states of both Churn Detection machines"
                yield promise, partial(self._churns, first)
            for word in ("aggregator", "aggregation_port", "traffic", "notifications"):
                if self.abilities.can(word):
                    yield f"{word}: the status has {FIGURES[word]}", partial(self._has, word, first)
        answers = "answered" if self.pics.marker_responder else "not answered"
        yield f"marker_responder: a Marker is {answers}, as the PICS has it", partial(self._responds, first)
        shift = self.pics.key_shift
        key = Setting("key", self.pics.max_key, lambda actor: actor.key >> shift, self.pics.max_key)
        for word, setting in {"set_key": key, **SETTINGS}.items():
            if self._is_set(word):
                yield f"{word}: set changes what LACPDUs say", partial(self._sets, setting)
        for word, setting in OF_A_PORT.items():
            if self._is_set(word):
                yield f"{word}: set changes what its LACPDUs say", partial(self._sets, setting, first.port)
        yield "set refuses a variable that is none, with AdapterLacks or ImplementationRefused", self._refuses
        if self.abilities.can("control"):
            if len(self.wires) > 1 and self.pics.max_ports != 1:
                yield "add attaches a port, remove detaches it", partial(self._adds, self.wires[1])
            yield "destroy removes the aggregate, and its ports are free", self._destroys

    def _is_set(self, word: str) -> bool:
        """Whether the PICS has it, and the adapter says that it can be set."""
        when = self.abilities.settable.get(VARIABLE_OF[word])
        early = when is When.CREATION and word in OF_A_PORT  # before the port is there
        return bool(getattr(self.pics, word)) and when is not None and not early

    def _in_force(self, variable: str) -> None:
        found = [word for word in CHOICES[variable].values() if getattr(self.pics, word)]
        said = ", ".join(found) or "none"
        expect(len(found) == 1, f"it says yes to {said}: testcases that need one are not applicable")

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
        activity = {"activity": "active"} if self._is_set("active") else {}
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

    def _counts(self, wire: Wire) -> None:
        counters = self._port(wire).counters
        expect("LACPDUsTx" in counters, f"its counters are {sorted(counters) or 'none'}")

    def _churns(self, wire: Wire) -> None:
        states = self._port(wire).states
        expect({"actor_churn", "partner_churn"} <= set(states), f"its states are {sorted(states) or 'none'}")

    def _has(self, word: str, wire: Wire) -> None:
        status = self._made.status()
        found = {
            "aggregator": status.objects,
            "aggregation_port": status.ports[wire.port].objects,
            "traffic": status.traffic,
            "notifications": status.notifications,
        }
        expect(bool(found[word]), "it has none; `readable` of its class says so")

    def _responds(self, wire: Wire) -> None:
        asked = Station(self.bench.loop, wire, default_info(1)).marker(transaction_id=77)
        loop = self.bench.loop

        def answered() -> bool:
            return any(frame.is_marker_response and frame.time >= asked.time for frame in wire.received())

        found = loop.run(lambda: answered() or None, loop.now() + MARKER_RESPONSE_TIME)
        expect(bool(found) is self.pics.marker_responder, f"it is {'' if found else 'not '}answered")

    def _sets(self, setting: Setting, port: str | None = None) -> None:
        if self.abilities.settable[setting.variable] is When.CREATION:
            self.bench.dut.reset()
            variable = setting.variable.replace("-", "_")
            self.aggregate = self.bench.dut.aggregate(NAME, [self.wires[0].port], **{variable: setting.value})
        else:
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
        except (AdapterLacks, ImplementationRefused):
            return
        raise BrokenPromise("it took `no-such-variable`")

    def _adds(self, wire: Wire) -> None:
        both = {self.wires[0].port, wire.port}
        self._made.add(wire.port)
        if not self.abilities.can("status"):
            self._made.remove(wire.port)
            return
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
