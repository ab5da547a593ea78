"""One history: a host under watch, another host at the far end of its wires, and now and then a fool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from agr.core import lacpdu
from agr.core.lacpdu import LACPDU, Information, PortState
from testcases.selftest.core.lab import information
from testcases.selftest.frames.frames import random_frame
from testcases.selftest.hours.host import HOLD_DELAYS, Host
from testcases.selftest.hours.watch import Watch
from testcases.selftest.hours.wire import Sky, Wire

HOME = {"re0": "agr0", "re1": "agr0", "re2": "agr0", "re3": "agr1", "re4": "agr1"}
PORTS = tuple(HOME)
AGGREGATES = ("agr0", "agr1")
# Seconds between two things that happen, on average, in a busy, a usual and a quiet time
PACES = (0.3, 20.0, 900.0)
# How long a pace lasts, on average: mostly quiet hours, as in a network
STRETCHES = (60.0, 600.0, 14400.0)
# In which all ports of two willing hosts must distribute: a slow period, waiting to attach, Markers
RECOVERY = 45.0
# The most that may happen at one instant, before it counts as going round for ever
_MOST_AT_ONCE = 2000
_GOOD = {
    "activity": "active",
    "timeout": "long",
    "control": "independent",
    "link0": "off",
    "link1": "off",
    "min-links": "1",
    "max-links": "0",
    "defaulted": "down",
    "system-priority": "32768",
}
_GOOD_PORT = {"port-priority": "32768", "individual": "off", "lacp": "on"}

_VALUES: dict[str, tuple[str, ...]] = {
    "activity": ("active", "passive"),
    "timeout": ("long", "short", "short"),
    "control": ("independent", "coupled"),
    "key": ("1", "2", "700"),
    "system-priority": ("1", "32768", "65535"),
    "system-id": ("02:00:00:00:0f:0f", "auto", "auto"),
    "collector-max-delay": ("0", "50", "65535"),
    "link0": ("on", "off", "off"),
    "link1": ("on", "off", "off"),
    "min-links": ("1", "2", "3"),
    "max-links": ("0", "1", "2"),
    "defaulted": ("down", "individual"),
}
_PORT_VALUES: dict[str, tuple[str, ...]] = {
    "port-priority": ("1", "2", "32768"),
    "individual": ("on", "off", "off"),
    "lacp": ("on", "on", "off"),
}


class World:
    """Runs by itself; everything follows from ``seed``. AssertionError where something does not hold."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.now = 0.0
        self.sky = Sky()
        self.watch = Watch()
        self.host = Host(1, self.watch.see)
        self.watch.leaving = self.host.leaving
        self.peer = Host(2)
        self.wires = {port: Wire(self.sky, self.draw) for port in PORTS}
        self.story: list[str] = []
        self._pace = PACES[1]
        self._next_pace = 0.0
        self._next_action = 0.0
        for host in (self.host, self.peer):
            for number, aggregate in enumerate(AGGREGATES):
                host.system.add_aggregator(0.0, aggregate)
                host.set(0.0, aggregate, "key", str(number + 1))
        self._straight()
        for port, aggregate in HOME.items():
            self.host.attach(0.0, port, aggregate)
            self.peer.attach(0.0, port, aggregate)
        self._mend()

    # Time

    def run(self, seconds: float, *, quiet: bool = False) -> None:
        """Let time pass; things happen, unless it is ``quiet``."""
        end = self.now + seconds
        at_once = 0
        while (at := self._next(quiet)) <= end:
            assert at >= self.now, "a deadline in the past"
            at_once = at_once + 1 if at == self.now else 0
            assert at_once < _MOST_AT_ONCE, "a deadline that does not pass"
            self.now = at
            self._step(quiet)
        self.now = end

    def _next(self, quiet: bool) -> float:
        times = [self.host.deadline(), self.peer.deadline(), self.sky.next()]
        happens = [] if quiet else [self._next_action]
        return min([at for at in times if at is not None] + happens, default=float("inf"))

    def _step(self, quiet: bool) -> None:
        self.sky.deliver(self.now)
        self.host.advance(self.now)
        self.peer.advance(self.now)
        if not quiet and self._next_action <= self.now:
            self._happen()

    def check(self) -> None:
        """Compare the outputs so far with the status."""
        self.watch.at_rest(self.now, self.host.system.status(self.now))

    def _happen(self) -> None:
        self.check()
        if self._next_pace <= self.now:
            which = self.draw.randrange(len(PACES))
            self._pace = PACES[which]
            self._next_pace = self.now + self.draw.expovariate(1 / STRETCHES[which])
        self._next_action = self.now + self.draw.expovariate(1 / self._pace)
        action = self.draw.choice(_ACTIONS)
        self.story.append(f"{self.now:.3f}: {action.__name__.strip('_')}")
        action(self)
        self.check()

    # What happens

    def _some_port(self) -> str:
        return self.draw.choice(PORTS)

    def _cut(self) -> None:
        self._carrier(self._some_port(), False)

    def _mend(self) -> None:
        for port in PORTS:
            wire = self.wires[port]
            wire.loss = wire.repetition = wire.delay = 0.0
            self._carrier(port, True)

    def _carrier(self, port: str, up: bool, speed: int | None = None, full_duplex: bool = True) -> None:
        self.wires[port].up = up
        for host in (self.host, self.peer):
            for name, (wire, _) in host.plugs.items():
                if wire is self.wires[port]:
                    if host is self.host:
                        self.watch.link(name, up)
                    host.carrier(self.now, name, speed, full_duplex)

    def _renegotiate(self) -> None:
        speed, duplex = self.draw.choice((100, 1000, 10000)), self.draw.random() < 0.8
        port = self._some_port()
        self._carrier(port, False)
        self._carrier(port, True, speed, duplex)

    def _spoil(self) -> None:
        wire = self.wires[self._some_port()]
        wire.loss = self.draw.choice((0.0, 0.1, 0.5, 1.0))
        wire.repetition = self.draw.choice((0.0, 0.0, 0.2))
        wire.delay = self.draw.choice((0.0, 0.001, 0.1, 0.6))

    def _swap(self) -> None:
        """Two cables change places at the far end."""
        one, other = self._some_port(), self._some_port()
        (wire, end), (other_wire, other_end) = self.peer.plugs[one], self.peer.plugs[other]
        if one != other:
            self.peer.plug(one, other_wire, other_end)
            self.peer.plug(other, wire, end)
            for port in (one, other):
                self.peer.carrier(self.now, port)

    def _set(self) -> None:
        host = self.draw.choice((self.host, self.host, self.peer))
        variable = self.draw.choice(list(_VALUES))
        host.set(self.now, self.draw.choice(AGGREGATES), variable, self.draw.choice(_VALUES[variable]))

    def _set_port(self) -> None:
        host = self.draw.choice((self.host, self.peer))
        port, variable = self._some_port(), self.draw.choice(list(_PORT_VALUES))
        if port in host.ports:
            value = self.draw.choice(_PORT_VALUES[variable])
            host.set(self.now, host.ports[port], variable, value, port)

    def _leave(self) -> None:
        port = self._some_port()
        if port in self.host.ports and port not in self.host.leaving:
            self.host.detach(self.now, port)

    def _lose(self) -> None:
        port = self._some_port()
        if port in self.host.ports:
            self._gone(port)

    def _gone(self, port: str) -> None:
        self.watch.link(port, False)
        self.host.lose(self.now, port)
        self.watch.gone(port)

    def _attach(self) -> None:
        for port in PORTS:
            if port not in self.host.ports:
                self.watch.link(port, self.host.plugs[port][0].up)
                self.host.attach(self.now, port, self.draw.choice(AGGREGATES))

    def _restart(self) -> None:
        self.watch.restarted()
        self.host.restart(self.now)

    def _be_slow(self) -> None:
        self.host.hold_delay = self.draw.choice(HOLD_DELAYS)

    def _fool(self) -> None:
        """Frames that no sane partner sends."""
        port = self._some_port()
        for _ in range(self.draw.randint(1, 20)):
            self._arrive(port, random_frame(self.draw))

    def _pretend(self) -> None:
        """A LACPDU that knows the port and says anything of itself."""
        port = self._some_port()
        if port not in self.host.ports:
            return
        shown = self.host.system.status(self.now)["aggregates"][self.host.ports[port]]["ports"][port]
        known = information(shown["actor"])
        said = information(shown["partner"])
        change: Callable[[], Information] = self.draw.choice(
            (
                lambda: replace(said, state=PortState.from_octet(self.draw.randrange(256))),
                lambda: replace(said, key=self.draw.randrange(4)),
                lambda: replace(said, system=self.draw.randbytes(6)),
                lambda: replace(said, port=self.draw.randrange(4), port_priority=self.draw.randrange(3)),
                lambda: known,
            )
        )
        self._arrive(port, lacpdu.encode(LACPDU(change(), known, 0), self.draw.randbytes(6)))

    def _arrive(self, port: str, frame: bytes) -> None:
        if self.wires[port].up:
            self.watch.heard(self.now, port, frame)
            self.host.receive(self.now, port, frame)

    # The end of a history

    def make_good(self) -> None:
        """Undo all that is not the core's own; after `RECOVERY` every port must distribute."""
        self.story.append(f"{self.now:.3f}: make good")
        for port, aggregate in tuple(self.host.ports.items()):
            if aggregate != HOME[port] and port not in self.host.leaving:
                self._gone(port)
        self.run(5.0, quiet=True)  # what is leaving has left
        self._straight()
        self._mend()
        for host in (self.host, self.peer):
            for number, aggregate in enumerate(AGGREGATES):
                host.must_set(self.now, aggregate, "key", str(50 + number))  # or two may be alike
                host.must_set(self.now, aggregate, "system-id", "auto")
                for variable, value in _GOOD.items():
                    host.must_set(self.now, aggregate, variable, value)
            for port, aggregate in HOME.items():
                if port not in host.ports:
                    self.watch.link(port, True)
                    host.attach(self.now, port, aggregate)
                for variable, value in _GOOD_PORT.items():
                    host.must_set(self.now, aggregate, variable, value, port)
        self.run(RECOVERY, quiet=True)
        self.check()
        self._all_is_well()

    def _all_is_well(self) -> None:
        for aggregate in AGGREGATES:
            ports = [port for port, home in HOME.items() if home == aggregate]
            down = [port for port in ports if not self.watch.ports[port].distributing]
            assert not down, f"{aggregate}: {down} do not distribute, {RECOVERY:g} s after all was made good"
            table = self.watch.table[aggregate]
            shares = [table.count(port) for port in ports]
            assert max(shares) - min(shares) <= 1, f"{aggregate}: shares of the conversations: {shares}"

    def _straight(self) -> None:
        for port, wire in self.wires.items():
            self.peer.plug(port, wire, 1)
            self.host.plug(port, wire, 0)
            wire.ends[0] = lambda now, frame, port=port: self._arrive(port, frame)


_ACTIONS = (
    World._cut,
    World._mend,
    World._mend,
    World._renegotiate,
    World._spoil,
    World._swap,
    World._set,
    World._set,
    World._set_port,
    World._leave,
    World._lose,
    World._attach,
    World._attach,
    World._restart,
    World._be_slow,
    World._fool,
    World._pretend,
    World._pretend,
)
