"""The interface of the core: clause 43 for many ports and Aggregators, without I/O and without a clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from agr.core import control_parser, redistribution, status, transmit
from agr.core.admin import AggregatorAdmin, PortAdmin, SystemAdmin, parse_variable
from agr.core.detach import DETACH, cancel
from agr.core.distribution import Distributor
from agr.core.engine import Engine, initialize
from agr.core.keys import Keys
from agr.core.numbers import PortNumbers
from agr.core.outputs import Detachment, Output, Transmit
from agr.core.snapshot import Saver, State, announce, changed_by, load, save
from agr.core.states import DetachState
from agr.core.variables import Aggregator, Limits, Port


class System:
    """Call it with ``now`` (seconds as float, any monotonic origin), then do what `take` returns, in order.

    Names of ports and Aggregators are the caller's. Every method raises ValueError, with a message for the
    operator and nothing changed, for an unknown name, a name that is taken or a value that is refused.
    A ``now`` before the latest one counts as the latest one.

    As agr(4) has it, each Aggregator is a System of its own to its partners, see `Aggregator.Actor_System`;
    those that are given one system identifier and priority are one System, with a key each.
    """

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._aggregators: dict[str, Aggregator] = {}
        self._ports: dict[str, Port] = {}
        self._numbers = PortNumbers()
        self._limits: dict[str, Limits] = {}
        self._wires: dict[int, Limits] = {}  # the same by what the port is, where the host has said that
        self._keys = Keys()
        self._outputs: list[Output] = []
        self._engine = Engine()
        self.saver = Saver(self._state, self._engine.changed)

    # Configuration

    def add_aggregator(
        self,
        now: float,
        name: str,
        admin: AggregatorAdmin | None = None,
        system_admin: SystemAdmin | None = None,
    ) -> None:
        """Make an Aggregator without ports."""
        if name in self._aggregators:
            raise ValueError(f"{name}: exists already")
        aggregator = Aggregator(name, admin or AggregatorAdmin(), self._emit, system_admin or SystemAdmin())
        self._check_unique(aggregator)
        with self._event(now):
            self._aggregators[name] = aggregator
            self._apply_admin(aggregator)

    def remove_aggregator(self, now: float, name: str) -> None:
        """Remove an Aggregator. Raises ValueError while it has ports."""
        if self._aggregator(name).ports:
            raise ValueError(f"{name}: has ports")
        with self._event(now):
            del self._aggregators[name]

    def add_port(
        self,
        now: float,
        name: str,
        mac: bytes,
        aggregator: str,
        admin: PortAdmin | None = None,
        wire: int | None = None,
    ) -> None:
        """Attach a port, without carrier until `set_link` says otherwise. ``mac`` is its own address.

        ``wire`` is the host's number for what it is, whatever its name: limits of what is sent go by that.
        """
        if name in self._ports:
            raise ValueError(f"{name}: is a port of {self._ports[name].aggregator.name} already")
        if len(mac) != 6:
            raise ValueError(f"{name}: a MAC address has 6 octets")
        owner = self._aggregator(aggregator)
        address = owner.Aggregator_MAC_address if owner.ports else mac
        self._check_unique(replace(owner, Aggregator_MAC_address=address))
        number = self._numbers.give(name, {port.Actor_Port_Number for port in self._ports.values()})
        with self._event(now):
            owner.Aggregator_MAC_address = address
            limits = self._limits_of(name, wire)
            port = Port(name, mac, number, owner, admin or PortAdmin(), limits, self._emit)
            self._ports[name] = port
            owner.ports.append(port)
            self._apply_admin(owner)
            initialize(port, self._engine.now)

    def _limits_of(self, name: str, wire: int | None) -> Limits:
        """Those of a wire that was a port lately, under any name, or new ones."""
        limits = self._limits.setdefault(name, Limits())
        if wire is not None:
            if any(limits is others for number, others in self._wires.items() if number != wire):
                limits = Limits()
            limits = self._limits[name] = self._wires.setdefault(wire, limits)
        return limits

    def remove_port(self, now: float, name: str) -> None:
        """Detach a port at once; its last LACPDU says Sync=Coll=Dist=0.

        For a port that carries frames `detach` is better. No LACPDU is sent where none may be at that instant
        (no carrier, LACP off, both sides passive, three within the last second): its partner then learns by
        timeout.
        """
        port = self._port(name)
        with self._event(now):
            port.removed = True
            cancel(port, self._engine.now)
            self._engine.unselect(port)
            self._remove(port)

    def _remove(self, port: Port) -> None:
        del self._ports[port.name]
        self._forget_idle_limits()
        self._engine.remove(port)
        owner = port.aggregator
        if not owner.ports:
            owner.Aggregator_MAC_address = bytes(6)
        self._apply_admin(owner)

    def _forget_idle_limits(self) -> None:
        """Forget rate limits of ports detached long ago: a host may never see their names again."""
        now = self._engine.now
        self._limits = {
            name: limits
            for name, limits in self._limits.items()
            if name in self._ports or not limits.are_idle(now)
        }
        self._forget_idle_wires(now)

    def _forget_idle_wires(self, now: float) -> None:
        """The same for what the host has said that they are."""
        in_use = {id(port.limits) for port in self._ports.values()}
        self._wires = {
            wire: limits
            for wire, limits in self._wires.items()
            if id(limits) in in_use or not limits.are_idle(now)
        }

    def detach(self, now: float, name: str) -> None:
        """Begin a planned detach of a port, without loss or disorder (`agr.core.detach`).

        `Detachment` tells the end of it: at most about 5.5 s later, maybe now.
        """
        port = self._port(name)
        if port.detach_state is not DetachState.NO_DETACH:
            raise ValueError(f"{name}: is being detached already")
        with self._event(now, port.aggregator):
            DETACH.enter(port, self._engine.now, DetachState.MOVE_CONVERSATIONS)

    def set_mac(self, now: float, port: str, mac: bytes) -> None:
        """The port's own address has changed: its PDUs bear it from now on."""
        member = self._port(port)
        if len(mac) != 6:
            raise ValueError(f"{port}: a MAC address has 6 octets")
        with self._event(now, member.aggregator):
            member.mac = mac

    def configure(
        self, now: float, aggregator: str, variable: str, value: str, port: str | None = None
    ) -> None:
        """One "variable value" pair of agrconfig, of the aggregate or of one of its ports; partners are told.

        A value that the variable has already changes nothing, and nobody is told.
        The variables are the fields of `SystemAdmin` (where ``system`` is called system-id),
        `AggregatorAdmin` and `PortAdmin`.
        """
        owner = self._aggregator(aggregator)
        kind, field, parsed = parse_variable(variable, value, port=port is not None)
        if port is not None:
            member = self._port(port)
            if member.aggregator is not owner:
                raise ValueError(f"{port}: is not a port of {aggregator}")
            self._configure_port(now, member, replace(member.admin, **{field: parsed}))
        elif kind is SystemAdmin:
            system_admin = replace(owner.system_admin, **{field: parsed})
            self._configure_aggregator(now, replace(owner, system_admin=system_admin))
        else:
            self._configure_aggregator(now, replace(owner, admin=replace(owner.admin, **{field: parsed})))

    def _configure_port(self, now: float, port: Port, admin: PortAdmin) -> None:
        if admin == port.admin:
            return
        with self._event(now):
            if port.LACP_Enabled and not admin.lacp:
                self._engine.stop_LACP(port)
            former = port.Partner_Admin
            port.admin = admin
            if port.Actor_Oper_Port_State.Defaulted and port.Partner_Admin != former:
                initialize(port, self._engine.now)
            port.NTT = True
            self._apply_admin(port.aggregator)

    def _configure_aggregator(self, now: float, wanted: Aggregator) -> None:
        self._check_unique(wanted)
        aggregator = self._aggregators[wanted.name]
        former = aggregator.admin
        if (wanted.admin, wanted.system_admin) == (former, aggregator.system_admin):
            return
        local_only = wanted.admin.link0 != former.link0
        with self._event(now):
            if wanted.admin.link1 and not former.link1:
                for port in aggregator.ports:
                    self._engine.stop_LACP(port)
            aggregator.admin = wanted.admin
            aggregator.system_admin = wanted.system_admin
            for port in aggregator.ports:
                self._initialize_where_unknown(port, former)
                port.NTT = port.NTT or not local_only
            self._apply_admin(aggregator)

    def _initialize_where_unknown(self, port: Port, former: AggregatorAdmin) -> None:
        """INITIALIZE where Partner_Admin_* (43.4.7) has changed and is the partner in force."""
        admin = port.aggregator.admin
        defaulted = port.Actor_Oper_Port_State.Defaulted and admin.defaulted != former.defaulted
        if defaulted or admin.link1 != former.link1:
            initialize(port, self._engine.now)

    # Events

    def set_link(
        self, now: float, port: str, up: bool, speed_mbps: int | None = None, full_duplex: bool = True
    ) -> None:
        """Set port_enabled (43.4.7), speed (None: unknown) and duplex of a port; half duplex has no LACP."""
        member = self._port(port)
        with self._event(now, member.aggregator):
            member.port_enabled = up
            if up:
                member.speed_mbps = speed_mbps
                member.full_duplex = full_duplex
            self._keys.follow(member.aggregator)

    def receive(self, now: float, port: str, frame: bytes) -> None:
        """A slow-protocol frame (whole Ethernet frame without FCS) arrived on ``port``.

        Never raises for what is in the frame: bad ones are counted. Frames that wait should be handed over,
        with the time they arrived, before `advance` is called with a later one. One that comes after its port
        was removed is ignored.
        """
        member = self._ports.get(port)
        if member is None:
            return
        with self._event(now, member.aggregator, ()):
            pdu = control_parser.accept(member, self._engine.now, frame)
            if pdu is not None:
                member.debug.LastRxTime = self._engine.now
                self._engine.receive(member, pdu)

    def sent(self, now: float, output: Transmit) -> None:
        """The host has done what it was asked, or has tried: limits (43.4.16, 43B.2) count from now.

        To be called for each Transmit: no more frames of the kind are asked for than a limit allows, and one
        that has not left holds its place.
        """
        limits = self._limits.get(output.port)
        if limits is not None:
            transmit.left(limits, now, output)
        member = self._ports.get(output.port)
        if member is not None and (member.NTT or member.aggregator.moves.under_way):  # it may have waited
            with self._event(now, member.aggregator, ()):
                pass  # what waits may leave, or is to be waited for a known time

    def not_sent(self, now: float, port: str) -> None:
        """A LACPDU of ``port`` that the host tried to send did not leave: one is due again."""
        member = self._ports.get(port)
        if member is None:
            return
        with self._event(now, member.aggregator, [member]):
            member.counters.LACPDUsTx -= 1
            member.NTT = True

    def held(self, now: float, aggregator: str) -> None:
        """The host's answer to a Hold: no more frame of those conversations can leave on the old port."""
        owner = self._aggregator(aggregator)
        with self._event(now, owner, ()):
            redistribution.hold_answered(owner)

    def advance(self, now: float) -> None:
        """Fire every deadline <= ``now``, in order, each at its own time.

        What is to be sent leaves at ``now``: a call that comes late sends the latest state, once a port.
        """
        self._engine.advance(now)
        self._finish()

    def deadline(self) -> float | None:
        """When `advance` must be called next; None when nothing is pending."""
        return self._engine.deadline()

    def take(self) -> list[Output]:
        """The outputs since the last call, in the order in which they must be done."""
        outputs, self._outputs = self._outputs, []
        return outputs

    # Reading

    def address(self, aggregator: str) -> bytes | None:
        """The MAC address of its own that an Aggregator was given; None: it has its first port's."""
        return self._aggregator(aggregator).system_admin.address

    def mac(self, aggregator: str) -> bytes:
        """The MAC address of an Aggregator: its own, or its first port's; zero while it has neither."""
        return self._aggregator(aggregator).address

    def distributor(self, aggregator: str) -> Distributor:
        """Frame Distribution of an Aggregator (43.2.4)."""
        return self._aggregator(aggregator).distributor

    def collecting(self, port: str) -> bool:
        """Whether frames received on ``port`` are the client's (43.2.3)."""
        return self._port(port).collecting

    def status(self, now: float, aggregator: str | None = None) -> dict[str, Any]:
        """Of all Aggregators or one, JSON-ready: {"aggregates": {name: {..., "ports": {name: {...}}}}}.

        Times are in seconds of the core's clock, that of ``now``.
        """
        shown = self._aggregators.values() if aggregator is None else [self._aggregator(aggregator)]
        return {"aggregates": {each.name: status.aggregator_status(each) for each in shown}}

    # Steps

    @contextmanager
    def _event(
        self, now: float, aggregator: Aggregator | None = None, ports: Iterable[Port] | None = None
    ) -> Iterator[None]:
        """What goes before an event, and what follows it.

        It happens to the ``ports`` of an Aggregator, or to all (None), as `Engine.touch` has it, or to whom
        the engine is told of meanwhile. What an operator may not do is refused before.
        """
        self._engine.catch_up(now)
        yield
        if aggregator is not None:
            self._engine.touch(aggregator, ports)
        self._finish()

    def _finish(self) -> None:
        """What follows every event."""
        while detached := self._engine.finish():
            for port in detached:
                self._remove(port)
                self._emit(Detachment(port.name))

    def _apply_admin(self, aggregator: Aggregator) -> None:
        """Operational values of an Aggregator's ports from the administrative ones."""
        for port in aggregator.ports:
            state, admin = port.Actor_Oper_Port_State, port.Actor_Admin_Port_State
            state.LACP_Activity = admin.LACP_Activity
            state.LACP_Timeout = admin.LACP_Timeout
            state.Aggregation = admin.Aggregation
        self._engine.touch(aggregator)
        self._assign_keys()

    def _assign_keys(self) -> None:
        """The key that one Aggregator takes may be one that another must give back."""
        before = {port: port.Actor_Oper_Port_Key for port in self._ports.values()}
        self._keys.assign(self._aggregators.values())
        for port, key in before.items():
            if port.Actor_Oper_Port_Key != key:
                self._engine.touch(port.aggregator)

    # Takeover

    def snapshot(self, now: float) -> dict[str, Any]:
        """All that another process needs to go on with `restore`, JSON-ready; see `agr.core.snapshot`.

        Outputs that were not taken are not in it. What is saved may be old: timers that ran out meanwhile are
        due at once, and a partner that was heard is given Short_Timeout_Time to be heard again.
        ``saver`` has it as text, for less work.
        """
        return save(self._state(), max(now, self._engine.now))

    def restore(self, now: float, saved: dict[str, Any]) -> None:
        """Go on from a snapshot, on the same clock; this System must have nothing yet.

        `take` then has all that the host must do, also what the former host has done: Collecting,
        Distributing, every conversation's port, and the Mux state of ports that are not DETACHED. What was
        held counts as moved. Raises ValueError where the snapshot cannot be read.
        """
        if self._aggregators:
            raise ValueError("a snapshot can only be restored where nothing is configured")
        try:
            self._go_on(now, load(now, saved, self._emit))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            self._clear()
            raise ValueError(f"the saved state cannot be read: {type(error).__name__}: {error}") from None

    def _go_on(self, now: float, state: State) -> None:
        self._aggregators, self._ports = state.aggregators, state.ports
        self._limits, self._numbers, self._keys = state.limits, state.numbers, state.keys
        self._engine.catch_up(now)
        for aggregator in state.aggregators.values():
            announce(aggregator)
            self._engine.adopt(aggregator)
        self._finish()

    def _state(self) -> State:
        return State(self._aggregators, self._ports, self._limits, self._numbers, self._keys)

    # Names

    def _emit(self, output: Output) -> None:
        self._outputs.append(output)
        self._engine.changed.update(self._out_of_date(output))

    def _out_of_date(self, output: Output) -> Iterator[str]:
        """The Aggregator that another snapshot is to be made of."""
        named = changed_by(output)
        if named is not None:
            port = self._ports.get(named)
            yield named if port is None else port.aggregator.name

    def _aggregator(self, name: str) -> Aggregator:
        try:
            return self._aggregators[name]
        except KeyError:
            raise ValueError(f"{name}: no such aggregate") from None

    def _port(self, name: str) -> Port:
        try:
            return self._ports[name]
        except KeyError:
            raise ValueError(f"{name}: is not a port of an aggregate") from None

    def _check_unique(self, wanted: Aggregator) -> None:
        """Two Aggregators that are alike to a partner would get one LAG of it (43.3.6)."""
        for other in self._aggregators.values():
            if other.name != wanted.name and wanted.identity and other.identity == wanted.identity:
                raise ValueError(
                    f"{wanted.name}: would have the system priority, the system identifier and the key "
                    f"({wanted.admin.key}) of {other.name}: give it another key or system-id"
                )
