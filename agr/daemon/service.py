"""What agrd does when agrconfig asks, a port changes or the core decides."""

from __future__ import annotations

import asyncio
import errno
import logging
import re
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from agr.core.admin import AggregatorAdmin
from agr.core.outputs import (
    Assign,
    CollectingChanged,
    DistributingChanged,
    Hold,
    Output,
    RoundRobin,
    StateChanged,
    Transmit,
)
from agr.core.system import System
from agr.daemon import members
from agr.daemon.aggregate import Aggregate, Member
from agr.daemon.carrier import CarrierWatch, LinkState
from agr.daemon.client import ClientDevice
from agr.daemon.interfaces import Interfaces, LinkEvent, link_events, refusal
from agr.daemon.journal import FoundPort, Journal, MadeAggregate
from agr.daemon.paths import Choice, open_path
from agr.daemon.protocol import Refused
from agr.daemon.runner import CoreRunner
from agr.daemon.slow import SlowSocket

log = logging.getLogger("agrd")

_NAME = re.compile(r"agr(0|[1-9][0-9]{0,4})")
_ATTACHED_STATES = ("ATTACHED", "COLLECTING", "DISTRIBUTING", "COLLECTING_DISTRIBUTING")


class Service:
    """All aggregates of one network namespace. Its coroutines raise Refused, and then nothing has changed."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, interfaces: Interfaces, journal: Journal, choice: Choice
    ) -> None:
        self.aggregates: dict[str, Aggregate] = {}
        self._loop = loop
        self._interfaces = interfaces
        self._journal = journal
        self._choice = choice
        self._system = System()
        self.runner = CoreRunner(loop, self._system, self._perform)
        self._carrier = CarrierWatch(loop, self._link_changed, self._port_gone)
        self._owner: dict[str, Aggregate] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()

    # Requests

    async def create(self, name: str) -> None:
        """Make an agr interface: down, without ports and without carrier (AG-01)."""
        async with self._lock:
            unit = _NAME.fullmatch(name)
            if unit is None:
                raise Refused(
                    errno.EINVAL, f"{name}: the name of an agr interface is agr and a number, as agr0"
                )
            if name in self.aggregates:
                raise Refused(errno.EEXIST, f"{name} exists already")
            for wanted in ClientDevice.names(name):
                if await self._interfaces.find(wanted):
                    raise Refused(
                        errno.EEXIST, f"there is an interface {wanted} already, which agrd did not make"
                    )
            plan = ClientDevice.plan(name)
            self._note_made(plan)
            try:
                device = await ClientDevice.make(self._interfaces, plan, self._note_made)
                self.aggregates[name] = self._start_aggregate(device, int(unit[1]))
            except (OSError, Refused) as error:
                await undo_aggregate(self._interfaces, self._journal, name)
                raise refusal(error, f"making {name}") if isinstance(error, OSError) else error from None
            log.info("%s: created", name)

    def _note_made(self, made: MadeAggregate) -> None:
        self._journal.aggregates[made.name] = made
        self._journal.save()

    def _start_aggregate(self, device: ClientDevice, unit: int) -> Aggregate:
        self._system.add_aggregator(self.runner.now(), device.name, AggregatorAdmin(key=unit % 0xFFFF + 1))
        distributor = self._system.distributor(device.name)
        try:
            path = open_path(self._choice, self._loop, device, self.runner.receive_waiting)
        except OSError:
            self._system.remove_aggregator(self.runner.now(), device.name)
            raise
        return Aggregate(device, path, self._choice.reason, distributor)

    async def destroy(self, name: str) -> None:
        """Remove an agr interface. EBUSY while it has ports (AG-16)."""
        async with self._lock:
            aggregate = self._aggregate(name)
            if aggregate.members:
                ports = ", ".join(aggregate.members)
                raise Refused(
                    errno.EBUSY, f"{name} still has ports: {ports}: detach them first with -agrport"
                )
            await self._forget(aggregate)

    async def attach(self, name: str, port: str) -> None:
        """Make an interface a port."""
        async with self._lock:
            aggregate = self._aggregate(name)
            self._refuse_own(port)
            client = await aggregate.device.look()
            interface = await members.examine(self._interfaces, port, client.mtu)
            found = await members.as_found(self._interfaces, interface)
            async with AsyncExitStack() as undo:
                self._journal.ports[port] = found
                self._journal.save()
                undo.push_async_callback(self._give_back, found)
                try:
                    await members.take_over(self._interfaces, found)
                    sock = SlowSocket(port, interface.index)
                    undo.callback(sock.close)
                    aggregate.path.add_port(port)
                    undo.callback(aggregate.path.remove_port, port)
                    if not aggregate.members:
                        await aggregate.device.set_mac(interface.mac)
                except OSError as error:
                    raise refusal(error, f"preparing {port}") from None
                undo.pop_all()
            self._attached(aggregate, Member(port, interface.index, interface.mac), sock)

    def _attached(self, aggregate: Aggregate, member: Member, sock: SlowSocket) -> None:
        aggregate.members[member.name] = member
        self._owner[member.name] = aggregate
        log.info("%s: port %s attached, %s", aggregate.name, member.name, member.mac.hex(":"))
        self._system.add_port(self.runner.now(), member.name, member.mac, aggregate.name)
        self.runner.add_port(member.name, sock)
        self.runner.settle()
        self._carrier.add(member.name)

    async def detach(self, name: str, port: str) -> None:
        """Take a port out and give it back as it was found (AG-03)."""
        async with self._lock:
            aggregate = self._aggregate(name)
            if port not in aggregate.members:
                raise Refused(errno.ENOENT, f"{port} is not a port of {name}")
            await self._detach(aggregate, port)

    async def set(self, name: str, variable: str, value: str, port: str | None) -> None:
        """Change an administrative variable of an aggregate or of one of its ports."""
        async with self._lock:
            aggregate = self._aggregate(name)
            if port is not None and port not in aggregate.members:
                raise Refused(errno.ENOENT, f"{port} is not a port of {name}")
            try:
                self._system.configure(self.runner.now(), name, variable, value, port)
            except ValueError as error:
                raise Refused(errno.EINVAL, str(error)) from None
            self.runner.settle()
            log.info("%s: %s %s %s", name, port or "", variable, value)

    def core_status(self) -> dict[str, Any]:
        """The core's part of the status: {aggregate: {...}}."""
        status: dict[str, Any] = self._system.status(self.runner.now())
        aggregates: dict[str, Any] = status["aggregates"]
        return aggregates

    # Ends

    async def run_events(self) -> None:
        """Follow the kernel's messages about interfaces for ever."""
        while True:
            try:
                async for event in link_events():
                    if event is None:
                        await self._look_around()
                    else:
                        self._link_event(event)
            except OSError as error:
                log.warning("messages of the kernel about interfaces were lost (%s)", error)

    async def shut_down(self) -> None:
        """Detach every port with a farewell, destroy every interface."""
        async with self._lock:
            for aggregate in tuple(self.aggregates.values()):
                for port in tuple(aggregate.members):
                    await self._detach(aggregate, port)
                await self._forget(aggregate)
        self._carrier.close()
        self.runner.close()

    # What the core decides

    def _perform(self, output: Output) -> None:
        if isinstance(output, Assign | Hold | RoundRobin):
            self._distribute(output)
        elif isinstance(output, Transmit | StateChanged | CollectingChanged | DistributingChanged):
            self._perform_on_port(output)

    def _distribute(self, output: Assign | Hold | RoundRobin) -> None:
        aggregate = self.aggregates.get(output.aggregator)
        if aggregate is None:
            return
        if isinstance(output, Assign):
            aggregate.path.assign(output.buckets, output.port)
        elif isinstance(output, Hold):
            aggregate.path.hold(output.buckets, lambda: self._held(aggregate))
        else:
            aggregate.path.round_robin(output.ports)

    def _held(self, aggregate: Aggregate) -> None:
        if self.aggregates.get(aggregate.name) is aggregate:
            self._system.held(self.runner.now(), aggregate.name)
            self.runner.settle()

    def _perform_on_port(
        self, output: Transmit | StateChanged | CollectingChanged | DistributingChanged
    ) -> None:
        aggregate = self._owner.get(output.port)
        if aggregate is None:
            return
        if isinstance(output, Transmit):
            self._send_behind_data(aggregate, output)
        elif isinstance(output, StateChanged):
            log.info(
                "%s: %s: %s %s -> %s", aggregate.name, output.port, output.machine, output.old, output.new
            )
            if output.machine == "mux":
                aggregate.path.expect(output.port, output.new in _ATTACHED_STATES)
        elif isinstance(output, CollectingChanged):
            aggregate.members[output.port].collecting = output.on
            aggregate.refresh_link()
            aggregate.path.set_collecting(output.port, output.on)
        else:
            aggregate.refresh_link()

    def _send_behind_data(self, aggregate: Aggregate, marker: Transmit) -> None:
        try:
            aggregate.path.send_behind_data(marker.port, marker.frame)
        except OSError as error:  # what waits for its Response has a time limit
            log.warning("%s: a Marker was not sent: %s", marker.port, error.strerror)

    # What happens to interfaces

    def _link_changed(self, port: str, state: LinkState) -> None:
        speed, full_duplex = state.settings
        details = f"up, {speed or 'unknown'} Mbit/s, {'full' if full_duplex else 'half'} duplex"
        log.info("%s: link %s", port, details if state.up else "down")
        self._system.set_link(self.runner.now(), port, state.up, speed, full_duplex)
        self.runner.settle()

    def _link_event(self, event: LinkEvent) -> None:
        for aggregate in self.aggregates.values():
            if event.index == aggregate.index and event.gone:
                self._start(self._aggregate_gone(aggregate))
            for member in aggregate.members.values():
                if event.index != member.index:
                    continue
                if event.gone or event.name != member.name:
                    self._port_gone(member.name)
                else:
                    self._carrier.check(member.name)

    async def _look_around(self) -> None:
        """Find what has changed while nobody listened; a port that is gone the carrier's poll finds."""
        for aggregate in tuple(self.aggregates.values()):
            if await self._interfaces.find_index(aggregate.index) is None:
                self._start(self._aggregate_gone(aggregate))

    def _port_gone(self, port: str) -> None:
        """The interface was deleted, renamed or moved to another namespace: it sends and receives no more."""
        aggregate = self._owner.get(port)
        if aggregate is not None:
            self._carrier.remove(port)
            self._system.set_link(self.runner.now(), port, False)
            self.runner.settle()
            self._start(self._remove_gone(aggregate, aggregate.members[port]))

    async def _remove_gone(self, aggregate: Aggregate, member: Member) -> None:
        async with self._lock:
            if aggregate.members.get(member.name) is member:
                log.warning(
                    "%s: port %s is gone: deleted, renamed or moved away", aggregate.name, member.name
                )
                await self._detach(aggregate, member.name)

    async def _aggregate_gone(self, aggregate: Aggregate) -> None:
        async with self._lock:
            if self.aggregates.get(aggregate.name) is aggregate:
                log.warning("%s was deleted by someone else: its ports are detached", aggregate.name)
                for port in tuple(aggregate.members):
                    await self._detach(aggregate, port)
                await self._forget(aggregate)

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Parts

    def _aggregate(self, name: str) -> Aggregate:
        aggregate = self.aggregates.get(name)
        if aggregate is None:
            raise Refused(
                errno.ENXIO, f"there is no agr interface {name} here; agrconfig {name} create makes it"
            )
        return aggregate

    def _refuse_own(self, port: str) -> None:
        owner = self._owner.get(port)
        if owner is not None:
            raise Refused(errno.EBUSY, f"{port} is a port of {owner.name} already")
        if any(port in ClientDevice.names(aggregate) for aggregate in self.aggregates):
            raise Refused(errno.EINVAL, f"{port} is an agr interface itself")

    async def _detach(self, aggregate: Aggregate, port: str) -> None:
        self._carrier.remove(port)
        self._system.remove_port(self.runner.now(), port)
        self.runner.settle()
        del aggregate.members[port]
        del self._owner[port]
        aggregate.refresh_link()
        self.runner.remove_port(port)
        aggregate.path.remove_port(port)
        await self._give_back(self._journal.ports[port])
        log.info("%s: port %s detached", aggregate.name, port)

    async def _give_back(self, found: FoundPort) -> None:
        await members.give_back(self._interfaces, found)
        del self._journal.ports[found.name]
        self._journal.save()

    async def _forget(self, aggregate: Aggregate) -> None:
        del self.aggregates[aggregate.name]
        self._system.remove_aggregator(self.runner.now(), aggregate.name)
        self.runner.settle()
        aggregate.path.close()
        await undo_aggregate(self._interfaces, self._journal, aggregate.name)
        log.info("%s: destroyed", aggregate.name)


async def undo_aggregate(interfaces: Interfaces, journal: Journal, name: str) -> None:
    """Delete the interfaces of an aggregate and what the journal says of it."""
    await ClientDevice.delete(interfaces, journal.aggregates.pop(name))
    journal.save()
