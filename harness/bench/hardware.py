"""A bench of interfaces, a console and an SSH server: on metal, and on the emulated bench alike.

Nothing here makes an interface, a namespace or a switch: for emulated benches `harness.bench.opening` has
that done by the parts which the lab file names, before this is opened.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path

from harness.bench.arrangement import sliced, tunnels
from harness.bench.bench import Bench, Window
from harness.bench.carrier import CarrierBySwitch, CarrierByTester, FarEnd, ImplementationEnd, NoCarrier
from harness.bench.host_state import HostState, host_journal, left_words
from harness.bench.kernel_wires import InterfaceTap
from harness.bench.machines import Machines
from harness.bench.places import Places
from harness.bench.tunnel_counters import TunnelCounters
from harness.bench.tunnels import Tunnels, words_of
from harness.dut.host import Host
from harness.dut.implementation import Adapter, Dut
from harness.dut.switch import Client, ManagedSwitch, SwitchSection
from harness.host.location import Location
from harness.host.port_queue import PortQueue
from harness.host.stalls import Source, harmless
from harness.host.tester_ports import OwnPorts
from harness.lab import schema
from harness.lab.place import Port
from harness.lab.schema import Lab
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.registry import IMPLEMENTATIONS
from harness.switch import Journal, Permit, Switch, driver_of, open_switch
from harness.switch.turns import in_turns
from harness.verdict import BenchBroken, BenchError
from harness.wire.moment import doubt
from harness.wire.real_loop import SETTLE_TIME, RealLoop
from harness.wire.wire import Carrier, Tap, Wire

GUARD = 0.05
"""Seconds by which an implementation may make its Fast_Periodic_Time longer, to be sure of the limit."""


class HardwareBench(Bench):
    """Opens what the lab file names.

    `state` is the bench's directory, for journals; dialogues with the switch are written to `transcripts`.
    `parts` gives the processes of an emulated switch that are outside of its namespace. A slice has a
    directory of its own, and no wires until it is given some.
    """

    loop: RealLoop

    def __init__(
        self,
        lab: Lab,
        name: str,
        state: Path,
        transcripts: Path,
        parts: Callable[[], Iterable[int]] = tuple,
        slice_: int = 0,
    ) -> None:
        self.parts = parts
        changed = host_journal(state.parent if slice_ else state)  # a bench has one
        self._places = _places(lab, changed)
        self._host = Host(self.at, lab.environment, lab.limits.command)
        self._host_state: HostState | None = None
        self._clients: dict[str, InterfaceTap] = {}
        self._switches: dict[str, Switch] = {}
        self._transcripts = transcripts
        self._turns = state.parent / "switch.turns"  # of the slices of a bench
        self._links = OwnPorts(state / "ports.journal", self._places.find)
        of_slices = sorted(state.glob("slice-*"))  # what killed ones left
        self._links_of_slices = [OwnPorts(left / "ports.journal", self._places.find) for left in of_slices]
        self._journals_of_slices = [Journal(left / "switch.journal", _permit(lab)) for left in of_slices]
        self._tunnel_counters = TunnelCounters(self._places)
        self._tunnels = Tunnels(lab, self._places, state, self._any_switch, self._commanding)
        others = [self._tunnels.journal, *self._journals_of_slices]
        self._journal = Journal(state / "switch.journal", _permit(lab), others)
        self._passed = 0.0  # when the last frame was seen that a testcase before had to do with
        self._behind_switch: list[Client] = []
        self._stamped: list[str] = []  # ports whose NIC stamps what it receives
        loop = RealLoop()
        try:
            super().__init__(lab, name, loop, self._open_dut(lab), slice_)
            if slice_:
                self.dut.slice = slice_
                self.lab = self.own = sliced(lab, ())
            self._machines = Machines(lab, self.dut, loop, state, parts, self._places.all)
        except BaseException:
            loop.close()
            self._places.close()
            raise
        try:
            if lab.kind == "hardware" and isinstance(self.dut, Adapter) and not self.dut.runs_on:
                ports = [wire.port for wire in lab.wires]
                host_state = HostState(self._host, changed, ports, self.dut.reset)
                if slice_:
                    host_state.join()
                else:
                    host_state.begin()
                    self._host_state = host_state
            self._set_ports_up()
            self._connect()
            self._undo_switch()
            self._switch_facts = self._look_at_switch()
            if slice_:  # what a killed process had of it
                self.dut.reset()
        except BaseException:
            with ExitStack() as undoing:
                undoing.callback(self._places.close)
                undoing.callback(self._release)
                undoing.callback(self._links.restore)
                if self._host_state is not None:
                    self._host_state.undo()
            raise

    @property
    def at(self) -> Location:
        return self._places.implementation

    def _open_dut(self, lab: Lab) -> Dut:
        """The implementation. A switch under test is logged in to when it is first asked."""
        adapter: type[Adapter | ManagedSwitch] = IMPLEMENTATIONS.find(lab.implementation.adapter)
        if issubclass(adapter, Adapter):
            return adapter.open(lab.implementation, self._host, self.open_client)
        section = lab.implementation
        assert isinstance(section, SwitchSection)
        return adapter(
            section, lambda: self.switch(section.path or self._paths[0]), lambda: self._behind_switch
        )

    def _connect(self) -> None:
        """Capture on every wire of the bench as it is arranged, and at the tester's port at the switch."""
        for wire in self.lab.wires:
            self.wires.append(self._wire(wire))
        if self.lab.traffic is not None:
            self.traffic = self._tap("traffic", self.lab.traffic.tester)
        for cable in self.lab.tester_wires if self.lab.switch_is_judged else ():
            tap = self._tap(f"client-{cable.tester.interface}", cable.tester)
            self._behind_switch.append(Client(cable.switch_port, tap))

    def _disconnect(self) -> None:
        with ExitStack() as closing:
            for tap in self.taps().values():
                if isinstance(tap, InterfaceTap):
                    closing.callback(tap.close)
        self._clients.clear()
        self._behind_switch.clear()
        self.wires.clear()
        self.traffic = None

    def arrange(self, lab: Lab) -> None:
        if [wire.name for wire in tunnels(lab)] == [wire.name for wire in tunnels(self.lab)]:
            if not tunnels(lab):
                self.lab = lab
            return
        self.leave()
        self._disconnect()
        self._looks.clear()
        self._undo_switch()
        self.lab = self._tunnels.make(lab) if tunnels(lab) else lab
        self._connect()

    def take(self, wires: Sequence[str]) -> None:
        if [wire.name for wire in self.wires] == list(wires):
            return
        super().take(wires)
        self._disconnect()
        self._connect()
        self._passed = self.loop.now()  # nobody knows what has just passed there

    def rest(self) -> None:
        self._release()
        self._switches.clear()

    @property
    def unfit(self) -> str:
        return "; ".join(self._tunnels.unfit)

    def facts(self) -> dict[str, str]:
        found: dict[str, str] = {}
        with suppress(BenchBroken):  # which what asked before has told
            found = super().facts()
        return found | words_of(self.lab)

    def _wire(self, wire: schema.Wire) -> Wire:
        if wire.straight and wire.tester is not None:
            tap = self._tap(wire.name, wire.tester)
        elif wire.capture_at is not None:
            tap = self._tap(wire.name, wire.capture_at)
        else:
            tap = InterfaceTap(self.loop, wire.name, wire.port, self.at, tester_side=False)
        return Wire(
            wire.name,
            wire.port,
            tap,
            self._carrier(wire),
            capture=wire.capture,
            straight=wire.straight,
            queue=self._queue(wire),
            reaction=wire.tunnel.reaction if wire.tunnel else 0.0,
        )

    def _tap(self, name: str, port: Port) -> InterfaceTap:
        """At a port of the tester's."""
        at = self._places.of(port)
        return InterfaceTap(self.loop, name, port.interface, at, patience=self.lab.limits.link_up)

    def _queue(self, wire: schema.Wire) -> PortQueue | None:
        """Where the bench has made the port itself: on metal it is the host's, with queues of its own."""
        made = self.lab.kind == "emulated" and wire.straight and not wire.speeds
        return PortQueue(wire.port, self.at) if made else None

    def _carrier(self, wire: schema.Wire) -> Carrier:
        link_up = self.lab.limits.link_up
        if self.lab.switch_is_judged:
            end: ImplementationEnd = FarEnd(wire.port, link_up)
        else:
            end = ImplementationEnd(self.at, wire.port, link_up)
        if wire.cut == "tester-link" and wire.tester is not None:
            at, interface = self._places.of(wire.tester), wire.tester.interface
            return CarrierByTester(self._links, at, interface, end, speeds=wire.speeds)
        if wire.cut == "switch" and wire.switch_port is not None:
            return CarrierBySwitch(self._commanding, wire.switch_port, end)
        return NoCarrier(wire.name)

    def begin(self, testcase: str = "", looks_at: str = "") -> None:
        for tap in self._clients.values():
            tap.close()
        self._clients.clear()
        for place in self._places.elsewhere:
            place.clock.renew()
        super().begin(testcase, looks_at)
        self._tunnel_counters.begin(tunnels(self.lab))
        self._machines.begin()

    def _begins_at(self) -> float:
        """An implementation that runs on counts what passed a port within Fast_Periodic_Time (43.4.16)."""
        with self.loop.lock:
            times = [frame.time for tap in self.taps().values() for frame in tap.frames[-1:]]
        last = [float(time) + doubt(time) for time in times]
        self._passed = min(max([self._passed, *last]), self.loop.now())  # whatever the clock did
        return self._passed + FAST_PERIODIC_TIME + GUARD if self.dut.runs_on else 0.0

    def open_client(self, interface: str) -> Tap:
        """The MAC client of an aggregate: its interface on the host. Frames sent there are the tester's."""
        if interface in self._clients:
            self._clients.pop(interface).close()
        name = f"client-{interface}"
        tap = InterfaceTap(self.loop, name, interface, self.at, client=True)
        self._clients[interface] = tap
        return tap

    def taps(self) -> Mapping[str, Tap]:
        clients = [*self._clients.values(), *(client.tap for client in self._behind_switch)]
        return {**super().taps(), **{tap.name: tap for tap in clients}}

    def switch(self, path: str) -> Switch:
        if self.lab.switch is None:
            return super().switch(path)
        if path not in self._switches:
            transcript = self._transcripts / f"{self.name}-{path}.transcript"
            opened = open_switch(self.lab.switch, path, transcript, self._journal)
            self._switches[path] = in_turns(opened, self._turns, self._waited) if self.slice else opened
        return self._switches[path]

    def _waited(self, seconds: float) -> None:
        """For a turn at the switch's command line."""
        now = self.loop.now()
        self._machines.note(Source.TURN, now - seconds, now)

    def troubles(self) -> list[str]:
        late, step = self.loop.measured()
        limits = self.lab.limits
        found = []
        if late > SETTLE_TIME:  # what is less than that is held against a window, by `held_up`
            found.append(f"the bench was {late:.1f} s late")
        if step > limits.clock_step:
            found.append(f"the clock was stepped by {step * 1e3:.0f} ms (limits.clock_step)")
        if self.lab.switch_is_judged:
            found += self._any_switch().out_of_service(self.lab.switch_ports)
        for place in self._places.elsewhere:
            found += place.clock.troubles(limits.clock_step)
        found += [f"{words} (limits.late {limits.late} s)" for words in self.delays(limits.late)]
        return found + self.lost_by_switch()

    def lost_by_switch(self) -> list[str]:
        """What a switch lost since the testcase began on wires through it, where their carrier stayed."""
        cut = {wire.name for wire in self.wires if wire.downs}
        return self._tunnel_counters.lost(wire for wire in tunnels(self.lab) if wire.name not in cut)

    def waited(self, start: float, end: float) -> float:
        return self._machines.stall(start, end).total

    def held_up(self, window: Window | None = None, granted: float = 0.0) -> str:
        stall = self._machines.stall(*(window or (self._machines.began, self.loop.now())))
        limit = self.lab.limits.late
        if stall.total - granted <= harmless(limit):
            return ""
        return f"{stall.words(self.dut.name)} (limits.late {limit} s)"

    def strain(self) -> float:
        return self._machines.strain()

    @property
    def worst_strain(self) -> float:
        return self._machines.worst_strain

    def properties(self) -> dict[str, str]:
        found = {
            "implementation": f"{self.dut.name} {self.dut.version()}",
            "kernel": platform.release(),
            "clock": "CLOCK_REALTIME of the kernel's packet time stamps",
        }
        if not self._places.elsewhere:
            found["clock"] += ", of one machine alone"
        if self._stamped:
            found["clock"] += f"; of what {', '.join(self._stamped)} receive, of the NIC's, turned into that"
        for place in self._places.elsewhere:
            whose = "implementation's" if place is self.at else "tester's"
            found[f"{whose} host"] = f"{place.where}; its clock is known {place.clock.text()}"
        found.update(self._switch_facts)
        return found

    def close(self) -> None:
        with ExitStack() as undoing:  # what fails does not keep the rest from being undone
            undoing.callback(self._places.close)
            undoing.callback(self._release)
            undoing.callback(self._links.restore)
            undoing.callback(self._undo_switch)
            if self._host_state is not None:
                self._host_state.undo()
            elif self.slice or not self.dut.runs_on:  # which ends with the bench, and its aggregates with it
                self.dut.reset()

    def _set_ports_up(self) -> None:
        """The tester's ports are up for the run, after what a killed run did to them is undone."""
        for links in (*self._links_of_slices, self._links):
            links.restore()
        for port in self.lab.sending_ports:
            at = self._places.of(port)
            self._links.set(at, port.interface, up=True)
            if self._links.stamp(at, port.interface):
                self._stamped.append(port.interface)

    def _release(self) -> None:
        """Close every session, socket and thread, but the ways to places that are elsewhere; the thread
        first, it may hang with the loop's lock."""
        with ExitStack() as closing:
            closing.callback(self._disconnect)
            closing.callback(self.loop.close)
            closing.callback(self._machines.close)
            for switch in self._switches.values():
                closing.callback(switch.close)

    def _look_at_switch(self) -> dict[str, str]:
        """Facts of the switch for the report; where SSH and console are wired, they must show one switch."""
        if self.lab.switch is None or self.slice:  # who holds the bench has looked
            return {}
        first, *others = [self.switch(path) for path in self._paths]
        if self.lab.switch_is_judged:
            ports = self.lab.switch_ports
            if spoils := first.hindrances(ports) + first.out_of_service(ports):
                raise BenchError(f"{self.lab.file}: the switch is not ready for a run: {'; '.join(spoils)}")
        facts = {"switch": first.version()}
        for other in others:
            facts |= first.agree(other)
        return facts

    def _undo_switch(self) -> None:
        """What the journals hold is put back; nothing is opened where nothing was changed."""
        if self.lab.switch is not None:
            for journal in (*self._journals_of_slices, self._journal):
                if journal.pending():
                    self._any_switch().restore(journal)
        self._tunnels.take_away()  # last: what was changed with them in place was put back to that

    @cached_property
    def _paths(self) -> list[str]:
        """The ways to the switch; none where there is no switch."""
        return driver_of(self.lab.switch).paths(self.lab.switch) if self.lab.switch is not None else []

    def _commanding(self) -> Switch:
        """The switch by its console, which stays where a port is shut, or by the only way that there is."""
        return self.switch(self._paths[-1] if self._paths else "console")

    def _any_switch(self) -> Switch:
        """The switch by the first way that the lab has."""
        return self.switch(self._paths[0] if self._paths else "")


def _places(lab: Lab, changed: Journal) -> Places:
    """Where the ends of its wires are. BenchError, with what is ``changed``, where there is no way to one."""
    try:
        return Places(lab)
    except BenchError as error:
        left = left_words(changed)
        raise BenchError(f"{error}; {left}" if left else str(error)) from None


def _permit(lab: Lab) -> Permit | None:
    """What of the switch the lab file lets be changed; None where there is no switch."""
    if lab.switch is None:
        return None
    driver = driver_of(lab.switch)
    return Permit(frozenset(map(driver.port_name, lab.switch_ports)), frozenset(lab.switch.may))
