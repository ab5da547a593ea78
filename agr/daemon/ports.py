"""Ports come and go: attached, detached as planned, or lost."""

from __future__ import annotations

import asyncio
import errno
import logging
from contextlib import AsyncExitStack

from agr.daemon import address, members
from agr.daemon.aggregate import Aggregate, Member
from agr.daemon.client import ClientDevice
from agr.daemon.interfaces import Interface, refusal
from agr.daemon.journal import FoundPort
from agr.daemon.protocol import Refused
from agr.daemon.slow import SlowSocket
from agr.daemon.world import World

log = logging.getLogger("agrd")

# The core ends a planned detach by itself, sooner than this; agrconfig waits longer for its answer.
LEAVE_SECONDS = 10.0


class Ports:
    """The ports of all aggregates."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._coming: set[str] = set()

    # Come

    async def attach(self, name: str, port: str) -> None:
        """Make an interface a port. Raises Refused, and then nothing has changed."""
        aggregate = self._world.registry.aggregate(name)
        self._refuse_taken(port)
        self._coming.add(port)
        try:
            async with aggregate.lock:
                self._world.registry.aggregate(name)  # it may have been destroyed meanwhile
                await self._attach(aggregate, port)
        finally:
            self._coming.discard(port)

    async def _attach(self, aggregate: Aggregate, port: str) -> None:
        world = self._world
        client = await aggregate.device.look()
        interface = await members.examine(world.interfaces, port, client.mtu)
        found = await members.as_found(world.interfaces, interface, aggregate.name)
        async with AsyncExitStack() as undo:
            try:
                world.journal.note_port(found)
                undo.push_async_callback(self._give_back, found)
                await members.take_over(world.interfaces, found)
                await members.set_mtu(world.interfaces, found, client.mtu)
                kernel = world.interfaces.kernel
                sock = await kernel.do(SlowSocket, port, interface.index)
                undo.push_async_callback(kernel.do, sock.close)
                aggregate.path.add_port(port)
                undo.callback(aggregate.path.remove_port, port)
                await kernel.do(aggregate.path.attach, port)
                if not aggregate.members and world.system.address(aggregate.name) is None:
                    undo.push_async_callback(address.give, aggregate, aggregate.mac)
                    await address.give(aggregate, interface.mac)
            except OSError as error:
                raise refusal(error, f"preparing {port}") from None
            try:
                world.system.add_port(world.runner.now(), port, interface.mac, aggregate.name)
            except ValueError as error:
                raise Refused(errno.EINVAL, str(error)) from None
            undo.pop_all()
        self._attached(aggregate, interface, sock)

    def _attached(self, aggregate: Aggregate, interface: Interface, sock: SlowSocket) -> None:
        member = Member(interface.name, interface.index, interface.mac)
        self._world.registry.add_member(aggregate, member)
        log.info("%s: port %s attached, %s", aggregate.name, member.name, member.mac.hex(":"))
        self._world.runner.add_port(member.name, sock)
        self._world.runner.settle()
        self._world.carrier.add(member.name, member.index)
        self._world.note_change()

    def _refuse_taken(self, port: str) -> None:
        owner = self._world.registry.owner(port)
        if owner is not None:
            raise Refused(errno.EBUSY, f"{port} is a port of {owner.name} already")
        if port in self._coming or port in self._world.journal.ports:
            raise Refused(errno.EBUSY, f"{port} is being attached or given back at this moment: try again")
        if any(port in ClientDevice.names(aggregate) for aggregate in self._world.registry.aggregates):
            raise Refused(errno.EINVAL, f"{port} is an agr interface itself")

    # Go

    async def detach(self, name: str, port: str) -> list[str]:
        """Take a port out, with its conversations' order kept, and give it back as it was found (AG-03).

        Returns when that is done, after LEAVE_SECONDS at the latest, what is to be warned of. Raises Refused.
        """
        aggregate, member = self._world.registry.member(name, port)
        await asyncio.shield(self._depart(aggregate, member))
        return member.warnings

    async def detach_all(self, aggregate: Aggregate, *, planned: bool = True) -> None:
        """Like `detach`, all ports at the same time; at once where it is not ``planned``."""
        departures = [
            self._depart(aggregate, member, planned=planned) for member in aggregate.members.values()
        ]
        if departures:
            await asyncio.wait(departures)

    def lost(self, port: str, what: str) -> None:
        """The interface sends and receives no more; ``what`` was done to it, as "deleted"."""
        aggregate = self._world.registry.owner(port)
        if aggregate is None:
            return
        member = aggregate.members[port]
        aggregate.report(f"port {port} is gone: {what}")
        self._world.carrier.remove(port)
        self._world.system.set_link(self._world.runner.now(), port, False)
        self._world.runner.settle()
        if member.departure is None:
            self.depart_now(aggregate, member)
        else:
            self._remove_now(member)

    def expel(self, port: str, why: str) -> None:
        """Detach a port at once, with a farewell; ``why`` is what it did, as "is called x now"."""
        aggregate = self._world.registry.owner(port)
        if aggregate is not None:
            aggregate.report(f"port {port} {why}: it is detached")
            self.depart_now(aggregate, aggregate.members[port])

    def depart_now(self, aggregate: Aggregate, member: Member) -> None:
        """Begin to detach a port without waiting for its conversations."""
        self._depart(aggregate, member, planned=False)

    def left(self, port: str) -> None:
        """The core has forgotten ``port``: it has no part in its aggregate any more."""
        aggregate = self._world.registry.owner(port)
        if aggregate is None:
            return
        member = aggregate.members[port]
        self._world.carrier.remove(port)
        self._world.registry.remove_member(aggregate, member)
        aggregate.refresh_link()
        sock = self._world.runner.remove_port(port)
        self._world.interfaces.kernel.do(sock.close)
        aggregate.path.remove_port(port)
        member.left.set()
        self._world.note_change()

    def _depart(self, aggregate: Aggregate, member: Member, *, planned: bool = True) -> asyncio.Task[None]:
        if member.departure is None:
            member.departure = self._world.start(self._go(aggregate, member, planned))
            self._world.note_change()
        elif not planned:
            self._remove_now(member)
        return member.departure

    async def _go(self, aggregate: Aggregate, member: Member, planned: bool) -> None:
        if planned and not member.left.is_set():
            self._world.system.detach(self._world.runner.now(), member.name)
            self._world.runner.settle()
            try:
                async with asyncio.timeout(LEAVE_SECONDS):
                    await member.left.wait()
            except TimeoutError:
                log.warning("%s: %s did not leave in %g s", aggregate.name, member.name, LEAVE_SECONDS)
        self._remove_now(member)
        found = self._world.journal.ports[member.name]
        if await self._give_back(found):
            member.warnings = await address.after_departure(self._world, aggregate, found)
        self._world.note_change()
        log.info("%s: port %s detached", aggregate.name, member.name)

    def _remove_now(self, member: Member) -> None:
        if not member.left.is_set():
            self._world.system.remove_port(self._world.runner.now(), member.name)
            self._world.runner.settle()
            self.left(member.name)

    async def _give_back(self, found: FoundPort) -> bool:
        there = await members.give_back(self._world.interfaces, found)
        self._world.journal.forget_port(found.name)
        return there
