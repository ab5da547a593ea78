"""Takes Aggregators from event to event: timers, machines to rest, conversations to their ports, LACPDUs.

An event costs what its own Aggregator costs, however many others there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from agr.core import engine, redistribution, transmit
from agr.core.aggregator import Aggregator
from agr.core.lacpdu import LACPDU
from agr.core.leaving import LEAVE, cancel
from agr.core.port import Port
from agr.core.redistribution import redistribute
from agr.core.schedule import Schedule
from agr.core.states import LeaveState, ReceiveState


class Clockwork:
    """Between `catch_up` and `finish` the caller changes variables and says by `touch` of whom.

    ``changed`` gathers the names of Aggregators to which more has happened than the end of a period or a
    LACPDU that says nothing new.
    """

    def __init__(self) -> None:
        self.now = float("-inf")
        self.changed: set[str] = set()
        self._schedule: Schedule[Aggregator] = Schedule()
        # What something happened to. Ports: a LACPDU or a timer; None: anything, to any port.
        self._touched: dict[Aggregator, dict[Port, None] | None] = {}
        # PORT_DISABLED ports by their partner, its system and port number (port_moved, 43.4.8)
        self._disabled: dict[tuple[bytes, int], dict[Port, None]] = defaultdict(dict)

    # Time

    def catch_up(self, now: float) -> None:
        """Fire the timers that were due before ``now``, and make it the present."""
        self._fire(now, inclusive=False)
        self.now = max(self.now, now)

    def advance(self, now: float) -> None:
        """Fire also those that are due now."""
        self.catch_up(now)
        self._fire(self.now, inclusive=True)

    def deadline(self) -> float | None:
        """When `advance` must be called next; None when nothing is pending."""
        due = self._schedule.next()
        return None if due is None else due[0]

    def _fire(self, end: float, inclusive: bool) -> None:
        def due(time: float) -> bool:
            return time < end or (inclusive and time == end)

        while (following := self._schedule.next()) is not None and due(following[0]):
            aggregator = following[1]
            while (time := engine.next_timer(aggregator)) is not None and due(time):
                if engine.settle(aggregator, time, engine.fire(aggregator, time)):
                    self.changed.add(aggregator.name)
            self._schedule.set(aggregator, engine.next_timer(aggregator))
            self._touched.setdefault(aggregator, {})

    # Events

    def touch(self, aggregator: Aggregator, ports: Iterable[Port] | None = None) -> None:
        """Something happened to these ports, a LACPDU or a timer; None: anything, to any port."""
        touched = self._touched.setdefault(aggregator, {})
        if ports is None:
            self._touched[aggregator] = None
        elif touched is not None:
            touched.update(dict.fromkeys(ports))

    def finish(self) -> list[Port]:
        """What follows every event. Returns the ports that have left and are to be removed."""
        left = []
        for aggregator, ports in self._touched.items():
            self._settle(aggregator, ports)
            for port in aggregator.ports:
                port.received = None  # not taken by PORT_DISABLED and LACP_DISABLED
                transmit.transmit(port, self.now)
                self._note_disabled(port)
            if any(port.leave_state is not LeaveState.STAYING for port in aggregator.ports):
                self._settle(aggregator, ())  # a farewell may have been sent
                left += [port for port in aggregator.ports if port.leave_state is LeaveState.GONE]
            self._schedule.set(aggregator, self._deadline(aggregator))
        self._touched.clear()
        return left

    def _settle(self, aggregator: Aggregator, ports: Iterable[Port] | None) -> None:
        """Machines to rest, and conversations and leaving ports as far as they may go."""
        if engine.settle(aggregator, self.now, ports):
            self.changed.add(aggregator.name)
        redistribute(aggregator, self.now)
        leavers = [port for port in aggregator.ports if port.leave_state is not LeaveState.STAYING]
        while any([LEAVE.step(port, self.now) for port in leavers]):  # noqa: C419, every one takes its step
            engine.settle(aggregator, self.now)
            redistribute(aggregator, self.now)
            self.changed.add(aggregator.name)

    def _deadline(self, aggregator: Aggregator) -> float | None:
        times = (engine.deadline(aggregator, self.now), redistribution.deadline(aggregator, self.now))
        return min((time for time in times if time is not None), default=None)

    def part(self, port: Port) -> None:
        """Unselect ``port`` and tell its partner at once."""
        cancel(port, self.now)
        port.leaving = True
        engine.settle(port.aggregator, self.now)
        redistribute(port.aggregator, self.now)
        port.NTT = True
        transmit.drop_NTT(port)
        transmit.transmit(port, self.now)
        self.touch(port.aggregator)

    def pause(self, port: Port) -> None:
        """Unselect ``port`` and tell its partner, before LACP ends there. One that leaves has done so."""
        if port.leave_state is LeaveState.STAYING:
            self.part(port)
            port.leaving = False

    def adopt(self, aggregator: Aggregator) -> None:
        """Take an Aggregator over as it is, its ports at rest."""
        for port in aggregator.ports:
            self._note_disabled(port)
        self.touch(aggregator)

    def forget(self, aggregator: Aggregator) -> None:
        """It has no ports any more and is no more."""
        self._schedule.set(aggregator, None)
        self._touched.pop(aggregator, None)

    # port_moved

    def arrive(self, port: Port, pdu: LACPDU) -> None:
        """``pdu`` came in; port_moved (43.4.8) where it is the partner of a disabled port of the System."""
        port.received = pdu
        self.touch(port.aggregator, [port])
        if not port.port_enabled or not port.LACP_Enabled:
            return
        system = port.aggregator.system_identifier
        for other in self._disabled.get((pdu.actor.system, pdu.actor.port), ()):
            if other is not port and other.aggregator.system_identifier == system:
                other.port_moved = True
                self.touch(other.aggregator)

    def _note_disabled(self, port: Port) -> None:
        key = None
        if port.receive_state is ReceiveState.PORT_DISABLED:
            key = (port.Partner_Oper_System, port.Partner_Oper_Port_Number)
        if key != port.disabled_key:
            self._forget_disabled(port)
            port.disabled_key = key
            if key is not None:
                self._disabled[key][port] = None

    def _forget_disabled(self, port: Port) -> None:
        if port.disabled_key is not None:
            ports = self._disabled[port.disabled_key]
            del ports[port]
            if not ports:
                del self._disabled[port.disabled_key]
            port.disabled_key = None

    def remove(self, port: Port) -> None:
        """Take a port out of its Aggregator."""
        port.gone = True
        self._forget_disabled(port)
        port.aggregator.ports.remove(port)
        self.touch(port.aggregator)
