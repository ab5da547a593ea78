"""The requests of agrconfig, carried out on the aggregates of one network namespace."""

from __future__ import annotations

import asyncio
import errno
import logging
import re
from pathlib import Path
from typing import Any

from agr.control.protocol import Refusal
from agr.core.admin import AggregatorAdmin
from agr.core.outputs import Output
from agr.core.system import System
from agr.daemon import address
from agr.daemon.aggregate import Aggregate
from agr.daemon.client import ClientDevice
from agr.daemon.datapath.choice import Choice, Opener
from agr.daemon.events import LinkFollower
from agr.daemon.journal import Journal
from agr.daemon.linux.carrier import CarrierWatch, LinkState, open_kernel_links
from agr.daemon.linux.interfaces import Interface, Interfaces, refusal
from agr.daemon.performer import Performer
from agr.daemon.ports import Ports
from agr.daemon.runner import CoreRunner
from agr.daemon.statefile import StateFile, load
from agr.daemon.takeover import SavedState, take_over
from agr.daemon.undo import undo_aggregate
from agr.daemon.world import World

log = logging.getLogger("agrd")

_NAME = re.compile(r"agr(0|[1-9][0-9]{0,4})")


class Service:
    """All aggregates of one network namespace. Its coroutines raise Refusal, and then nothing has changed.

    Requests to different aggregates go on side by side; those to one wait for each other where they must.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        interfaces: Interfaces,
        journal: Journal,
        choice: Choice,
        state_path: Path,
    ) -> None:
        system = System()
        runner = CoreRunner(loop, system, self._perform)
        links, kernel = open_kernel_links(), interfaces.kernel
        self.world = World(
            loop,
            interfaces,
            journal,
            Opener(choice, loop, kernel, runner.receive_waiting),
            system,
            runner,
            CarrierWatch(loop, self._link_changed, self._interface_missing, links, kernel),
        )
        self.ports = Ports(self.world)
        self.follower = LinkFollower(self.world, self.ports, self._aggregate_deleted)
        self._performer = Performer(self.world, self.ports.detached)
        self._creating: set[str] = set()
        self._state_path = state_path
        self._state = StateFile(loop, state_path, SavedState(self.world))
        self.world.note_change = self._state.changed
        self.world.runner.deliver = self._deliver

    @property
    def aggregates(self) -> dict[str, Aggregate]:
        """By name, in the order in which they were made."""
        return self.world.registry.aggregates

    async def begin(self) -> None:
        """Take over from an agrd that was killed. Before anything else."""
        await take_over(self.world, self.ports, load(self._state_path, self.world.journal.namespace))

    def _deliver(self, port: str) -> None:
        aggregate = self.world.registry.owner(port)
        if aggregate is not None:
            aggregate.path.deliver(port)

    # Requests

    async def create(self, name: str) -> None:
        """Make an agr interface: down, without ports and without carrier (AG-01)."""
        unit = _NAME.fullmatch(name)
        if unit is None:
            raise Refusal(errno.EINVAL, f"{name}: the name of an agr interface is agr and a number, as agr0")
        if name in self.aggregates or name in self._creating or name in self.world.journal.aggregates:
            raise Refusal(errno.EEXIST, f"{name} exists already")
        self._creating.add(name)
        try:
            await self._create(name, int(unit[1]))
        finally:
            self._creating.discard(name)
        log.info("%s: created", name)

    async def _create(self, name: str, unit: int) -> None:
        interfaces, journal = self.world.interfaces, self.world.journal
        for wanted in ClientDevice.names(name):
            if await interfaces.find(wanted):
                raise Refusal(
                    errno.EEXIST, f"there is an interface {wanted} already, which agrd did not make"
                )
        plan = ClientDevice.plan(name)
        try:
            journal.note_aggregate(plan)
        except OSError as error:
            raise refusal(error, f"making {name}") from None
        try:
            device = await ClientDevice.make(interfaces, plan, journal.note_aggregate)
            self.world.registry.add(await self._start_aggregate(device, await device.look(), unit))
            self.world.note_change()
        except (OSError, Refusal) as error:
            await undo_aggregate(interfaces, journal, name)
            raise refusal(error, f"making {name}") if isinstance(error, OSError) else error from None

    async def _start_aggregate(self, device: ClientDevice, client: Interface, unit: int) -> Aggregate:
        world = self.world
        key = AggregatorAdmin(key=unit % 0xFFFF + 1)
        world.system.add_aggregator(world.runner.now(), device.name, key)
        try:
            path = await world.paths.open(device.mate())
        except OSError:
            world.system.remove_aggregator(world.runner.now(), device.name)
            raise
        distributor = world.system.distributor(device.name)
        return Aggregate(device, path, world.paths.choice.reason, distributor, client.mtu, client.mac)

    async def destroy(self, name: str, *, force: bool = False) -> None:
        """Remove an agr interface. EBUSY while it has ports, unless ``force`` detaches them first (AG-16)."""
        aggregate = self.world.registry.aggregate(name)
        if force:
            await asyncio.shield(self.world.start(self._close(aggregate)))
            return
        async with aggregate.lock:
            self.world.registry.aggregate(name)  # somebody else may have destroyed it meanwhile
            if aggregate.members:
                ports = ", ".join(aggregate.members)
                raise Refusal(
                    errno.EBUSY,
                    f"{name} still has ports: {ports}: detach them first with -agrport, or destroy force",
                )
            await self._forget(aggregate)

    async def set(self, name: str, variable: str, value: str, port: str | None) -> list[str]:
        """Set an administrative variable of an aggregate or of a port. Returns warnings for the operator."""
        if port is None:
            aggregate = self.world.registry.aggregate(name)
            if variable == "address":
                return await address.set_own(self.world, aggregate, value)
        else:
            self.world.registry.member(name, port)
        try:
            self.world.system.configure(self.world.runner.now(), name, variable, value, port)
        except ValueError as error:
            raise Refusal(errno.EINVAL, str(error)) from None
        self.world.runner.settle()
        self.world.note_change()
        log.info("%s: %s %s %s", name, port or "", variable, value)
        return []

    def core_status(self, name: str) -> dict[str, Any]:
        """The core's part of the status of an aggregate."""
        status: dict[str, Any] = self.world.system.status(self.world.runner.now(), name)["aggregates"][name]
        return status

    # Destroy

    async def shut_down(self) -> None:
        """Detach every port as planned, all at the same time, then destroy every interface."""
        for aggregate in tuple(self.aggregates.values()):
            self.world.start(self._close(aggregate))
        await self.world.wait_for_tasks()
        self._state.close()
        self.world.carrier.close()
        self.world.runner.close()

    async def _close(self, aggregate: Aggregate, *, planned: bool = True) -> None:
        """Detach all ports and destroy the interface."""
        async with aggregate.lock:
            await self.ports.detach_all(aggregate, planned=planned)
            if self.world.registry.has(aggregate):
                await self._forget(aggregate)

    async def _forget(self, aggregate: Aggregate) -> None:
        self.world.registry.remove(aggregate)
        self.world.system.remove_aggregator(self.world.runner.now(), aggregate.name)
        self.world.runner.settle()
        aggregate.path.close()
        self.world.note_change()
        await undo_aggregate(self.world.interfaces, self.world.journal, aggregate.name)
        log.info("%s: destroyed", aggregate.name)

    # Events

    def _perform(self, output: Output) -> None:
        self._performer.perform(output)

    def _link_changed(self, port: str, state: LinkState) -> None:
        self.follower.link_changed(port, state)

    def _interface_missing(self, port: str) -> None:
        self.follower.missing(port)

    def _aggregate_deleted(self, aggregate: Aggregate) -> None:
        log.warning("%s was deleted by someone else: its ports are detached", aggregate.name)
        self.world.start(self._close(aggregate, planned=False))
