"""The simulated bench: an implementation's protocol core in this process, in virtual time.

An implementation may work in ticks of its own clock, and what a testcase meets depends on where between two
ticks it begins. So each begins at another part of a second (its phase): drawn from the run's seed, and
another one, evenly spread, each time that it is run again, or the seed is the next.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ParamSpec, TypeVar

from harness.bench.bench import Bench
from harness.bench.impaired import CaptureClock, Clock, Direction
from harness.dut.abilities import Abilities, abilities_of
from harness.dut.agr import FLAGS, aggregate_status, complete, reading, word
from harness.dut.fixed import FixedAggregate, FixedImplementation, FixedLag, FixedSection
from harness.dut.host import COMMAND_TIME
from harness.dut.implementation import VARIABLES, Aggregate, AggregateStatus, Dut, Variable, name_in
from harness.dut.virtual import VirtualImplementation, maker
from harness.host.offset import unsure
from harness.lab.schema import Lab
from harness.pdu import Frame
from harness.verdict import AdapterLacks, ImplementationBroke, ImplementationRefused
from harness.wire.virtual_loop import VirtualLoop
from harness.wire.wire import Tap, Wire

GOLDEN = (math.sqrt(5) - 1) / 2
"""Whole multiples of it, less their whole seconds, are spread evenly over a second, however many."""

P = ParamSpec("P")
T = TypeVar("T")


def asked(call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What the implementation answers; ImplementationBroke where it raises anything."""
    try:
        return call(*arguments, **named)
    except Exception as error:
        raise ImplementationBroke(f"{type(error).__name__}: {error}") from error


class VirtualTap(Tap):
    """Frames of one simulated interface; what the tester sends goes to `deliver`."""

    def __init__(self, bench: SimulatedBench, name: str, kind: str, end: str) -> None:
        super().__init__(bench.loop, name)
        self._bench = bench
        self._kind, self._end = kind, end
        self._capturer = bench.capturer(name if kind == "port" else "clients")
        self.clock = self._capturer

    @property
    def mac(self) -> str:
        return f"02:00:5e:00:54:{sum(self.name.encode()) & 0xFF:02x}"

    def send(self, frame: bytes) -> None:
        self._send(frame, repeat=False)

    def repeat(self, frame: bytes) -> None:
        self._send(frame, repeat=True)

    def _send(self, frame: bytes, repeat: bool) -> None:
        self._bench.loop.act()
        self.capture(frame, sent=True)
        self._bench.into(self._kind, self._end, frame, repeat)

    def capture(self, frame: bytes, *, sent: bool) -> None:
        """A frame passes now."""
        now = self.loop.now()
        time = now if self._capturer is None else self.told(self._capturer.tells(now))
        self.saw(Frame(time, frame, sent, self.name))

    def lost(self) -> int:
        return 0


class VirtualCarrier:
    """The carrier of one simulated wire."""

    def __init__(self, bench: SimulatedBench, port: str) -> None:
        self._bench, self._port = bench, port

    def cut(self) -> None:
        """Take it."""
        self._bench.link(self._port, False)

    def restore(self) -> None:
        """Give it back."""
        self._bench.link(self._port, True)

    def come_back(self) -> None:
        """Nothing but the testcase takes it."""

    def negotiate(self, speed_mbps: int, full_duplex: bool) -> None:
        """Take it, and give it back with this speed and duplex."""
        self.cut()
        self._bench.medium(self._port, speed_mbps, full_duplex)
        self.restore()

    def release(self) -> None:
        """Nothing: each testcase has a new instance of the implementation."""

    def deliver(self, frame: bytes) -> None:
        """Pass it whether there is carrier or not."""
        self._bench.deliver(self._port, frame)


class SimulatedAggregate(Aggregate):
    """One aggregate of a loaded implementation."""

    def __init__(self, bench: SimulatedBench, name: str, client: Tap) -> None:
        super().__init__(name, client)
        self._bench = bench

    def add(self, port: str) -> None:
        self._bench.configure(do="agrport", aggregate=self.name, port=port)

    def remove(self, port: str) -> None:
        """The port may take its time to leave in good order, as a command does that waits for it."""
        self._bench.configure(do="-agrport", aggregate=self.name, port=port)
        loop = self._bench.loop
        loop.run(lambda: port not in self.status().ports, loop.now() + COMMAND_TIME)

    def set(self, variable: str, value: Variable, port: str | None = None) -> None:
        if variable in VARIABLES and variable not in self._bench.abilities.settable:
            raise AdapterLacks(f"{self._bench.dut.name}: {variable} cannot be set")
        where = {"port": port} if port else {}
        name = FLAGS.get(variable, variable)  # agr(4)'s word
        self._bench.configure(do="set", aggregate=self.name, variable=name, value=word(value), **where)

    def get(self, variable: str, port: str | None = None) -> Variable:
        with complete("status"):
            return reading(self._bench.said()[self.name], variable, port)

    def status(self) -> AggregateStatus:
        with complete("status"):
            return aggregate_status(self._bench.said()[self.name])

    @property
    def mac(self) -> str:
        return self.status().mac

    @property
    def carrier(self) -> bool:
        with complete("status"):
            return bool(self._bench.said()[self.name]["carrier"])

    def destroy(self) -> None:
        for port in self.status().ports:
            self.remove(port)
        self._bench.configure(do="destroy", aggregate=self.name)


class SimulatedDut(Dut):
    """The loaded implementation, configured by the plain protocol."""

    shares = True  # each slice has an instance of its own

    def __init__(self, bench: SimulatedBench) -> None:
        self._bench = bench
        self.name = bench.implementation.name

    def version(self) -> str:
        return self._bench.implementation.version

    def aggregate(self, name: str, ports: Sequence[str] = (), **variables: Variable) -> Aggregate:
        name = name_in(self.slice, name)
        self._bench.configure(do="create", aggregate=name)
        aggregate = SimulatedAggregate(self._bench, name, self._bench.client(name))
        aggregate.prepare(ports, variables)
        return aggregate

    def reset(self) -> None:
        self._bench.fresh()


class SetUpOnce(FixedImplementation):
    """The loaded implementation, set up as the lab file says at the first testcase, and then left alone."""

    def __init__(self, bench: SimulatedBench, section: FixedSection) -> None:
        super().__init__(section, bench.client, bench.implementation.version)
        self.name = bench.implementation.name
        self._bench = bench
        self._is_set_up = False
        self._at_first = list(section.configured)

    def opened(self, lag: FixedLag) -> Aggregate:
        name = self._name_of(lag)
        return FixedAggregate(name, self._bench.client(name), lambda: str(self._bench.said()[name]["mac"]))

    def reset(self) -> None:
        super().reset()
        if self._is_set_up:
            self._bench.forget()
            return
        self._bench.fresh()
        for lag in self._at_first:
            name = self._name_of(lag)
            self._bench.configure(do="create", aggregate=name)
            made = SimulatedAggregate(self._bench, name, self._bench.client(name))
            made.prepare(lag.ports, lag.set_by_hand)
        self._is_set_up = True

    def _name_of(self, lag: FixedLag) -> str:
        return lag.interface or f"agr{[one.ports for one in self._at_first].index(lag.ports)}"


class SimulatedBench(Bench):
    """Wires without delay, but for what the lab file impairs; each testcase gets a new implementation."""

    loop: VirtualLoop

    def __init__(self, lab: Lab, name: str, slice_: int = 0) -> None:
        self._make = maker(lab.implementation)
        by_hand = isinstance(lab.implementation, FixedSection)  # the bench itself sets it up, once
        self.abilities = Abilities(lab.implementation.adapter) if by_hand else abilities_of(lab)
        self.implementation = self._make()
        section = lab.implementation
        dut = SetUpOnce(self, section) if isinstance(section, FixedSection) else SimulatedDut(self)
        super().__init__(lab, name, VirtualLoop(), dut, slice_)
        dut.slice = slice_
        self.loop.implementation_deadline = self._deadline
        self.loop.advance_implementation = self._advance
        self._clients: dict[str, VirtualTap] = {}
        self._under_way: deque[tuple[str, str, bytes]] = deque()
        self._flushing = False
        self._taps = {wire.port: VirtualTap(self, wire.name, "port", wire.port) for wire in lab.wires}
        self.wires = [
            Wire(
                wire.name,
                wire.port,
                self._taps[wire.port],
                VirtualCarrier(self, wire.port),
                capture="tester",
                straight=True,
            )
            for wire in lab.wires
        ]
        self._carrier = dict.fromkeys(self._taps, False)
        self._clock = Clock(lab.impairments.drift)
        self._directions: dict[tuple[str, str], Direction] = {}
        self._begun: Counter[str] = Counter()  # by testcase

    def capturer(self, place: str) -> CaptureClock | None:
        """That of another machine which captures on this wire, or at the "clients"; None where none does."""
        for name, machine in self.lab.impairments.captured_by.items():
            if place in machine.wires or (machine.clients and place == "clients"):
                return CaptureClock(name, machine, self.lab.limits.clock_error)
        return None

    def _begins_at(self) -> float:
        """The testcase's phase, at the next second that has it."""
        drawn = zlib.crc32(self._testcase.encode()) / 2**32
        phase = (drawn + ((self.lab.seed or 0) + self._begun[self._testcase]) * GOLDEN) % 1.0
        self._begun[self._testcase] += 1
        return math.ceil(self.loop.now() - phase) + phase

    def fresh(self) -> None:
        """A new instance; every wire has carrier."""
        self.implementation = self._make()
        self.forget()
        self.implementation.open(
            {wire.port: bytes((0x02, 0, 0x5E, 0, 0x52, i + 1)) for i, wire in enumerate(self.wires)}
        )
        for wire in self.wires:
            self.link(wire.port, True)

    def forget(self) -> None:
        """No client listens, and nothing is under way."""
        self._clients.clear()
        self._under_way.clear()
        self._directions = {
            (wire.port, towards): Direction(
                self.loop,
                self.lab.impairments,
                f"{wire.name} {towards}",
                self.lab.impairments.one_way.get(wire.name, towards) != towards,
            )
            for wire in self.wires
            for towards in ("to-implementation", "to-tester")
        }

    def client(self, aggregate: str) -> Tap:
        """The MAC client of an aggregate."""
        return self._clients.setdefault(aggregate, VirtualTap(self, aggregate, "client", aggregate))

    def taps(self) -> Mapping[str, Tap]:
        return {**super().taps(), **self._clients}

    def configure(self, **request: object) -> None:
        """One request to the implementation; ImplementationRefused where it declines."""
        self.loop.act()
        try:
            self.implementation.configure(self._now(), request)
        except ValueError as error:
            raise ImplementationRefused(" ".join(map(str, request.values())), str(error)) from None
        except Exception as error:
            raise ImplementationBroke(f"{type(error).__name__}: {error}") from error
        self._flush()

    def said(self) -> Mapping[str, Any]:
        """Aggregates of the implementation's status."""
        aggregates: Mapping[str, Any] = asked(self.implementation.status, self._now())["aggregates"]
        return aggregates

    def link(self, port: str, up: bool) -> None:
        """Carrier of a port; what the implementation sends the moment it comes passes the wire."""
        self.loop.act()
        self._carrier[port] = up
        asked(self.implementation.link, self._now(), port, up)
        self._flush()

    def medium(self, port: str, speed_mbps: int, full_duplex: bool) -> None:
        """Speed and duplex of a port's link from its next carrier on."""
        asked(self.implementation.medium, self._now(), port, speed_mbps, full_duplex)

    def into(self, kind: str, end: str, frame: bytes, repeat: bool) -> None:
        """What the tester sends on a wire, or the client on an aggregate, reaches the implementation."""
        if kind == "client":
            asked(self.implementation.send, self._now(), end, frame)
            self._flush()
        elif self._carrier[end]:
            arrives = partial(self._arrive, self.implementation, end)
            self._directions[end, "to-implementation"].carry(frame, arrives, repeat)

    def deliver(self, port: str, frame: bytes) -> None:
        """A frame arrives on a port."""
        asked(self.implementation.receive, self._now(), port, frame)
        self._flush()

    def _arrive(self, implementation: VirtualImplementation, port: str, frame: bytes) -> None:
        """What was under way when a testcase ended, or the carrier, reaches nobody."""
        if implementation is self.implementation and self._carrier[port]:
            self.deliver(port, frame)

    def troubles(self) -> list[str]:
        machines, limit = self.lab.impairments.captured_by, self.lab.limits.clock_error
        return [unsure(name, one.error, limit) for name, one in machines.items() if one.error > limit]

    def properties(self) -> dict[str, str]:
        return {"implementation": f"{self.dut.name} {self.dut.version()}", "clock": "virtual"}

    def close(self) -> None:
        """Nothing was started."""

    def _deadline(self) -> float | None:
        due = asked(self.implementation.deadline)
        return None if due is None else self._clock.reaches(asked(float, due))

    def _advance(self, now: float) -> None:
        asked(self.implementation.advance, self._clock.shows(now))
        self._flush()

    def _now(self) -> float:
        """What the implementation's clock shows."""
        return self._clock.shows(self.loop.now())

    def _flush(self) -> None:
        """Frames pass in the order they were sent; what one causes passes after those already under way."""
        self._under_way.extend(self.implementation.take())
        if self._flushing:
            return
        self._flushing = True
        try:
            while self._under_way:
                self._pass(*self._under_way.popleft())
        finally:
            self._flushing = False

    def _pass(self, kind: str, end: str, data: bytes) -> None:
        self.loop.provoked()
        if kind == "port":
            if end not in self._carrier:
                raise ImplementationBroke(f"it sends on a port that it has not: {end!r}")
            if self._carrier[end]:
                seen = partial(self._see, self.implementation, end)
                self._directions[end, "to-tester"].carry(data, seen, repeat=False)
        elif (tap := self._clients.get(end)) is not None:
            tap.capture(data, sent=False)

    def _see(self, implementation: VirtualImplementation, port: str, data: bytes) -> None:
        if implementation is self.implementation:
            self._taps[port].capture(data, sent=False)
