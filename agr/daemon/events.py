"""Events of interfaces: the kernel's messages, and changes of carrier."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from agr.control.protocol import Refusal
from agr.daemon import address, mtu
from agr.daemon.aggregate import Aggregate
from agr.daemon.guard import Guard
from agr.daemon.linux.carrier import LinkState
from agr.daemon.linux.interfaces import AddressEvent, LinkEvent, link_events
from agr.daemon.ports import Ports
from agr.daemon.world import World

log = logging.getLogger("agrd")

_PAUSE_SECONDS = 0.1  # after a failure, before the kernel is listened to again


class LinkFollower:
    """``aggregate_deleted`` is called once for an aggregate whose own interface is not there any more."""

    def __init__(self, world: World, ports: Ports, aggregate_deleted: Callable[[Aggregate], None]) -> None:
        self._world = world
        self._ports = ports
        self._guard = Guard(world, ports)
        self._aggregate_deleted = aggregate_deleted

    async def run(self) -> None:
        """Receive and handle the kernel's messages until cancelled."""
        while True:
            try:
                async for event in link_events():
                    if event is None:
                        await self._look_around()
                    else:
                        self._event(event)
            except OSError as error:
                log.warning("messages of the kernel about interfaces were lost (%s)", error)
                # Where none can be had, as without a free descriptor, the loop must have its turn.
                await asyncio.sleep(_PAUSE_SECONDS)
            except Exception:  # a message that cannot be read must not end all that follow
                log.exception("a message of the kernel about interfaces could not be read")
                await asyncio.sleep(_PAUSE_SECONDS)

    def link_changed(self, port: str, state: LinkState) -> None:
        """Tell the core of the carrier, speed and duplex of a port."""
        speed, full_duplex = state.settings
        details = f"up, {speed or 'unknown'} Mbit/s, {'full' if full_duplex else 'half'} duplex"
        self._world.system.set_link(self._world.runner.now(), port, state.up, speed, full_duplex)
        self._world.runner.settle()
        log.info("%s: link %s", port, details if state.up else "down")

    def missing(self, port: str) -> None:
        """Look for the interface of a port: there is none of its name any more."""
        aggregate = self._world.registry.owner(port)
        if aggregate is not None:
            self._guard.look(aggregate.members[port].index)

    def _event(self, event: LinkEvent | AddressEvent) -> None:
        index = event.index if isinstance(event, AddressEvent) else event.interface.index
        known = self._world.registry.at(index)
        if known is None:
            return
        aggregate, member = known
        if isinstance(event, AddressEvent):
            if member is not None:
                self._guard.address_changed(aggregate, member, event)
        elif member is None:
            self._aggregate_event(aggregate, event)
        elif event.gone:
            self._ports.interface_gone(
                member.name, "moved to another network namespace" if event.moved else "deleted"
            )
        else:
            self._world.carrier.check(member.name)
            self._guard.interface_changed(member, event.interface)

    def _aggregate_event(self, aggregate: Aggregate, event: LinkEvent) -> None:
        if event.gone:
            self._deleted(aggregate)
            return
        self._name(aggregate, event.interface.name)
        if (event.interface.mtu, event.interface.mac) != (aggregate.mtu, aggregate.mac):
            self._world.start(self._follow(aggregate))

    def _name(self, aggregate: Aggregate, name: str) -> None:
        """Report another name of agr0's; it goes on all the same."""
        other = None if name == aggregate.name else name
        if other != aggregate.other_name:
            aggregate.other_name = other
            if other is not None:
                aggregate.report(
                    f"the interface {aggregate.name} is called {other} now: "
                    f"to agrconfig it is {aggregate.name} still"
                )

    async def _follow(self, aggregate: Aggregate) -> None:
        """Follow agr0's MTU and address, which somebody has changed."""
        async with aggregate.lock:
            if not self._world.registry.has(aggregate):
                return
            try:
                now = await aggregate.device.look()
            except Refusal:
                return  # it was deleted: another event tells that
            self._name(aggregate, now.name)
            await mtu.follow(self._world, aggregate, now.mtu)
            await address.follow(self._world, aggregate, now.mac)

    def _deleted(self, aggregate: Aggregate) -> None:
        if not aggregate.deleted:
            aggregate.deleted = True
            self._aggregate_deleted(aggregate)

    async def _look_around(self) -> None:
        """Find out what has changed while no messages were received."""
        await self._guard.look_around()
        for aggregate in tuple(self._world.registry.aggregates.values()):
            if await self._world.interfaces.find_index(aggregate.index) is None:
                self._deleted(aggregate)
            else:
                await self._follow(aggregate)
