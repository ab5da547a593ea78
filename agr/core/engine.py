"""Drives Aggregators from event to event: timers, the machines of clause 43, conversations, LACPDUs.

Each event (a frame, a change by the host, a timer) is followed by rounds of: Receive of every port,
Selection, then Mux, Churn Detection and Periodic Transmission of every port; until a round changes nothing.
Receive comes first because the others read what it records, Selection before Mux because Mux obeys it,
Periodic last because nobody reads it. Then Transmit, once a port: what it sends is the state at rest.

Most events are a LACPDU that says nothing new and the end of a period. Then Receive and Periodic of that port
are all that has work to do: what the other machines read is as it was when they came to rest. An event costs
what its own Aggregator costs, however many others there are.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import count
from operator import attrgetter

from agr.core import redistribution, transmit
from agr.core.admin import AggregatorAdmin, PortAdmin
from agr.core.churn import ACTOR_CHURN, PARTNER_CHURN
from agr.core.detach import DETACH
from agr.core.lacpdu import LACPDU, PortState
from agr.core.mux import mux_machine
from agr.core.outputs import Output
from agr.core.periodic import PERIODIC
from agr.core.receive import RECEIVE
from agr.core.selection import select
from agr.core.states import DetachState, ReceiveState
from agr.core.timer import Timer
from agr.core.variables import Aggregator, Limits, Port

# The longest walk, from DISTRIBUTING by DETACHED to WAITING with a new partner, takes less than ten.
_MOST_ROUNDS = 100

_NEVER = float("inf")  # or when the host has sent what it was asked to

_TIMERS = ("current_while_timer", "periodic_timer")
_LIMITS_AND_COUNTS = ("limits", "counters", "debug")
QUIET = frozenset(("NTT", "at_rest", *_TIMERS, *_LIMITS_AND_COUNTS))
"""Variables of a port that Selection and the machines but Receive, Periodic and Transmit never read, and that
differ where these have work to do."""

_FIXED = frozenset(("aggregator", "emit"))


def _may_wake() -> list[str]:
    """All other variables of a port, and those that it will be given: a change wakes every machine."""
    emit = list[Output]().append
    port = Port("", b"", 0, Aggregator("", AggregatorAdmin(), emit), PortAdmin(), Limits(), emit)
    paths = []
    for name, value in vars(port).items():
        if name not in QUIET | _FIXED:
            parts = value.__slots__ if isinstance(value, PortState | Timer) else ()
            paths += [f"{name}.{part}" for part in parts] or [name]
    return paths


wakers = attrgetter(*_may_wake())
"""Their values, by port: what is compared with `Port.at_rest`."""


def initialize(port: Port, now: float) -> None:
    """Begin with the administrative partner (43.4.12, INITIALIZE), at BEGIN or again.

    At BEGIN (43.4.8) a new Port is in the first states of the other machines already, and without carrier, so
    that their actions would change nothing.
    """
    RECEIVE.enter(port, now, ReceiveState.INITIALIZE)


# Machines to rest


def _run_machines(aggregator: Aggregator, now: float, ports: Iterable[Port] | None = None) -> bool:
    """Run the machines until none has an arc to take.

    ``ports``: something may have happened to these only, a LACPDU or a timer; None: to any, of any kind.
    Returns whether more came of it than Receive and Periodic of these ports.
    Raises RuntimeError where they would run for ever: the tables contradict one another.
    """
    if ports is not None and all(_run_alone(port, now) for port in ports):
        return False
    for _ in range(_MOST_ROUNDS):
        if not _round(aggregator, now):
            break
    else:
        raise RuntimeError(f"the machines do not come to rest: {[str(port) for port in aggregator.ports]}")
    aggregator.note_change(now)
    for port in aggregator.ports:
        port.at_rest = wakers(port)
    return True


def _run_alone(port: Port, now: float) -> bool:
    """Run Receive and Periodic. Returns False where something changed that another machine may read."""
    stepped = True
    while stepped:
        stepped = RECEIVE.step(port, now)
        if wakers(port) != port.at_rest:
            return False
    while PERIODIC.step(port, now):
        pass
    return True


def _round(aggregator: Aggregator, now: float) -> bool:
    changed = False
    for port in aggregator.ports:
        changed |= RECEIVE.step(port, now)
    changed |= select(aggregator)
    for port in aggregator.ports:
        changed |= mux_machine(port).step(port, now)
        changed |= ACTOR_CHURN.step(port, now)
        changed |= PARTNER_CHURN.step(port, now)
        changed |= PERIODIC.step(port, now)
    return changed


def _next_timer(aggregator: Aggregator) -> float | None:
    """The earliest deadline of a running timer."""
    deadlines = [
        timer.deadline for port in aggregator.ports for timer in port.timers if timer.deadline is not None
    ]
    return min(deadlines, default=None)


def _deadline(aggregator: Aggregator, now: float) -> float | None:
    """When something is to do without an event: a timer expires, a limit allows a LACPDU or a Marker."""
    times = [transmit.allowed_at(port, now) for port in aggregator.ports if port.NTT]
    if aggregator.moves.under_way:
        times.append(redistribution.deadline(aggregator, now))
    timer = _next_timer(aggregator)
    if timer is not None:
        times.append(timer)
    due = min(times, default=_NEVER)
    return None if due == _NEVER else due


def _expire_timers(aggregator: Aggregator, now: float) -> list[Port]:
    """Expire every timer that is due at ``now``. Returns the ports that had one."""
    fired = [port for port in aggregator.ports for timer in port.timers if timer.fire(now)]
    return list(dict.fromkeys(fired))


# Time and events


class Engine:
    """Fires timers at their own times, and runs what follows every event.

    Between `catch_up` and `finish` the caller changes variables and says by `touch` of whom.

    ``now`` is the present, in seconds. ``changed`` gathers the names of Aggregators to which more has
    happened than the end of a period or a LACPDU that says nothing new.
    """

    def __init__(self) -> None:
        self.now = float("-inf")
        self.changed: set[str] = set()
        self._schedule = _Schedule()
        # What something happened to. Ports: a LACPDU or a timer; None: anything, to any port.
        self._touched: dict[Aggregator, dict[Port, None] | None] = {}
        # PORT_DISABLED ports by their partner, its system and port number (port_moved, 43.4.8)
        self._disabled: dict[tuple[bytes, int], dict[Port, None]] = defaultdict(dict)

    # Time

    def catch_up(self, now: float) -> None:
        """Fire the timers that were due before ``now``, and make it the present."""
        self._fire(lambda time: time < now)
        self.now = max(self.now, now)

    def advance(self, now: float) -> None:
        """Fire also those that are due now."""
        self.catch_up(now)
        self._fire(lambda time: time <= self.now)

    def deadline(self) -> float | None:
        """When `advance` must be called next; None when nothing is pending."""
        due = self._schedule.next()
        return None if due is None else due[0]

    def _fire(self, is_due: Callable[[float], bool]) -> None:
        while (following := self._schedule.next()) is not None and is_due(following[0]):
            aggregator = following[1]
            while (time := _next_timer(aggregator)) is not None and is_due(time):
                news = _run_machines(aggregator, time, _expire_timers(aggregator, time))
                self.touch(aggregator, None if news else ())
            self._schedule.set(aggregator, _next_timer(aggregator))
            self.touch(aggregator, ())

    # Events

    def touch(self, aggregator: Aggregator, ports: Iterable[Port] | None = None) -> None:
        """Something happened to these ports, a LACPDU or a timer; None: anything, to any port."""
        touched = self._touched.setdefault(aggregator, {})
        if ports is None:
            self._touched[aggregator] = None
        elif touched is not None:
            touched.update(dict.fromkeys(ports))

    def receive(self, port: Port, pdu: LACPDU) -> None:
        """``pdu`` came in; port_moved (43.4.8) where it is the partner of a disabled port of the System."""
        if not port.port_enabled or not port.LACP_Enabled:
            return  # PORT_DISABLED and LACP_DISABLED take none
        port.received = pdu
        self.touch(port.aggregator, [port])
        system = port.aggregator.system_identifier
        for other in self._disabled.get((pdu.actor.system, pdu.actor.port), ()):
            if other.aggregator.system_identifier == system:
                other.port_moved = True
                self.touch(other.aggregator)

    def finish(self) -> list[Port]:
        """What follows every event. Returns the ports whose planned detach has ended, to be removed."""
        detached = []
        touched, self._touched = self._touched, {}
        for aggregator, ports in touched.items():
            detaching = self._settle(aggregator, ports)
            for port in aggregator.ports:
                if port.NTT:
                    transmit.transmit(port, self.now)
                self._note_disabled(port)
            if detaching:
                self._settle(aggregator, ())  # the LACPDU that tells the partner may have been sent
                detached += [port for port in detaching if port.detach_state is DetachState.DETACHED]
            self._schedule.set(aggregator, _deadline(aggregator, self.now))
        return detached

    def _settle(self, aggregator: Aggregator, ports: Iterable[Port] | None) -> list[Port]:
        """Machines to rest, conversations and detaching ports as far as they may go. Returns those ports."""
        news = _run_machines(aggregator, self.now, ports)
        if news:
            self.changed.add(aggregator.name)
        if news or aggregator.moves.under_way:
            redistribution.redistribute(aggregator, self.now)
        detaching = [port for port in aggregator.ports if port.detach_state is not DetachState.NO_DETACH]
        while any([DETACH.step(port, self.now) for port in detaching]):  # noqa: C419, every one takes its step
            _run_machines(aggregator, self.now)
            redistribution.redistribute(aggregator, self.now)
            self.changed.add(aggregator.name)
        return detaching

    # Ports that come and go

    def unselect(self, port: Port) -> None:
        """Unselect ``port`` and tell its partner, at once."""
        port.detaching = True
        _run_machines(port.aggregator, self.now)
        redistribution.redistribute(port.aggregator, self.now)
        transmit.transmit(port, self.now)

    def stop_LACP(self, port: Port) -> None:
        """Unselect ``port`` and tell its partner before LACP ends there, where a planned detach has not."""
        if port.detach_state is DetachState.NO_DETACH:
            self.unselect(port)
            port.detaching = False

    def remove(self, port: Port) -> None:
        """Take a port out of its Aggregator; the caller touches that."""
        self._forget_disabled(port)
        port.aggregator.ports.remove(port)

    def adopt(self, aggregator: Aggregator) -> None:
        """Take an Aggregator over as it is, its ports at rest."""
        for port in aggregator.ports:
            self._note_disabled(port)
        self.touch(aggregator)

    # port_moved

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


class _Schedule:
    """When each Aggregator is due; the earliest is found without looking at the others."""

    def __init__(self) -> None:
        self._times: dict[Aggregator, float] = {}
        self._heap: list[tuple[float, int, Aggregator]] = []  # what holds no more stays until its time comes
        self._order = count()

    def set(self, aggregator: Aggregator, time: float | None) -> None:
        """It is due at ``time``, and at no other; None: never."""
        if time is None:
            self._times.pop(aggregator, None)
        elif self._times.get(aggregator) != time:
            self._times[aggregator] = time
            heapq.heappush(self._heap, (time, next(self._order), aggregator))

    def next(self) -> tuple[float, Aggregator] | None:
        """The earliest time and whose it is; None when nothing is due ever."""
        heap = self._heap
        while heap:
            time, _, aggregator = heap[0]
            if self._times.get(aggregator) == time:
                return time, aggregator
            heapq.heappop(heap)
        return None
