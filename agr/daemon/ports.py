"""Attaching and detaching of ports: as the operator wants it, or because their interface is gone."""

from __future__ import annotations

import asyncio
import errno
import logging
from contextlib import AsyncExitStack

from agr.control.protocol import Refusal
from agr.daemon import address, members
from agr.daemon.aggregate import Aggregate, Member
from agr.daemon.journal import FoundPort
from agr.daemon.linux.interfaces import Interface, refusal
from agr.daemon.slow import SlowSocket
from agr.daemon.world import World

log = logging.getLogger("agrd")

# The core ends a planned detach by itself, sooner than this; agrconfig waits longer for its answer.
DETACH_SECONDS = 10.0


class Ports:
    """The ports of all aggregates."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._attaching: set[str] = set()

    # Attach

    async def attach(self, name: str, port: str) -> None:
        """Make an interface a port. Raises Refusal, and then nothing has changed."""
        aggregate = self._world.registry.aggregate(name)
        self._refuse_taken(port)
        self._attaching.add(port)
        try:
            async with aggregate.lock:
                self._world.registry.aggregate(name)  # it may have been destroyed meanwhile
                await self._attach(aggregate, port)
        finally:
            self._attaching.discard(port)

    async def _attach(self, aggregate: Aggregate, port: str) -> None:
        world = self._world
        client = await aggregate.device.look()
        interface = await members.named(world.interfaces, port)
        self._refuse_taken_index(interface)
        await members.examine(world.interfaces, interface, client.mtu)
        found = await members.found_port(world.interfaces, interface, aggregate.name)
        self._refuse_taken_index(interface)  # there was time to attach it under another name
        async with AsyncExitStack() as undo:
            try:
                world.journal.note_port(found)
                undo.push_async_callback(self._restore, found)
                await members.prepare(world.interfaces, found)
                await members.set_mtu(world.interfaces, found, client.mtu)
                kernel = world.interfaces.kernel
                sock = await kernel.do(SlowSocket, port, interface.index)
                undo.push_async_callback(kernel.do, sock.close)
                aggregate.path.add_port(port)
                undo.callback(aggregate.path.remove_port, port)
                await kernel.do(aggregate.path.attach, port)
                if not aggregate.members and world.system.address(aggregate.name) is None:
                    undo.push_async_callback(address.assign, aggregate, aggregate.mac)
                    await address.assign(aggregate, interface.mac)
                now = await world.interfaces.find_index(interface.index)
            except OSError as error:
                raise refusal(error, f"preparing {port}") from None
            if now is None or now.name != port:
                raise Refusal(errno.ENOENT, f"{port} was deleted or renamed while it was being attached")
            try:
                world.system.add_port(
                    world.runner.now(), port, interface.mac, aggregate.name, wire=interface.index
                )
            except ValueError as error:
                raise Refusal(errno.EINVAL, str(error)) from None
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
            raise Refusal(errno.EBUSY, f"{port} is a port of {owner.name} already")
        if port in self._attaching or port in self._world.journal.ports:
            raise Refusal(errno.EBUSY, f"{port} is being attached or detached at this moment: try again")

    def _refuse_taken_index(self, interface: Interface) -> None:
        """The same by what does not change: it may have had another name when it became a port."""
        for found in self._world.journal.ports.values():
            if found.index == interface.index:
                raise Refusal(
                    errno.EBUSY,
                    f"{interface.name} is being detached, as {found.name}, at this moment: try again",
                )
        for aggregate in self._world.registry.aggregates.values():
            if interface.index in (aggregate.index, aggregate.device.mate_index):
                raise Refusal(errno.EINVAL, f"{interface.name} is an agr interface itself")

    # Detach

    async def detach(self, name: str, port: str) -> list[str]:
        """Detach a port, with its conversations' order kept, and restore its interface (AG-03).

        Returns warnings for the operator when that is done, after DETACH_SECONDS at most. Raises Refusal.
        """
        aggregate, member = self._world.registry.member(name, port)
        await asyncio.shield(self._begin_detach(aggregate, member))
        return member.warnings

    async def detach_all(self, aggregate: Aggregate, *, planned: bool = True) -> None:
        """Like `detach`, all ports at the same time; at once where it is not ``planned``."""
        detaches = [
            self._begin_detach(aggregate, member, planned=planned) for member in aggregate.members.values()
        ]
        if detaches:
            await asyncio.wait(detaches)

    def interface_gone(self, port: str, what: str) -> None:
        """Detach a port whose interface is not there any more; ``what`` was done to it, as "deleted"."""
        aggregate = self._world.registry.owner(port)
        if aggregate is None:
            return
        member = aggregate.members[port]
        aggregate.report(f"port {port} is gone: {what}")
        self._world.carrier.remove(port)
        self._world.system.set_link(self._world.runner.now(), port, False)
        self._world.runner.settle()
        if member.detach is None:
            self.detach_now(aggregate, member)
        else:
            self._remove_now(member)

    def report_and_detach(self, port: str, why: str) -> None:
        """Detach a port at once, with a farewell; ``why`` is what happened to it, as "is called x now"."""
        aggregate = self._world.registry.owner(port)
        if aggregate is not None:
            aggregate.report(f"port {port} {why}: it is detached")
            self.detach_now(aggregate, aggregate.members[port])

    def detach_now(self, aggregate: Aggregate, member: Member) -> None:
        """Begin to detach a port without waiting for its conversations."""
        self._begin_detach(aggregate, member, planned=False)

    def detached(self, port: str) -> None:
        """The core has detached ``port``: take it out of the data path and the registry."""
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
        member.detached.set()
        self._world.note_change()

    def _begin_detach(
        self, aggregate: Aggregate, member: Member, *, planned: bool = True
    ) -> asyncio.Task[None]:
        if member.detach is None:
            member.detach = self._world.start(self._detach(aggregate, member, planned))
            self._world.note_change()
        elif not planned:
            self._remove_now(member)
        return member.detach

    async def _detach(self, aggregate: Aggregate, member: Member, planned: bool) -> None:
        if planned and not member.detached.is_set():
            self._world.system.detach(self._world.runner.now(), member.name)
            self._world.runner.settle()
            try:
                async with asyncio.timeout(DETACH_SECONDS):
                    await member.detached.wait()
            except TimeoutError:
                log.warning("%s: %s was not detached in %g s", aggregate.name, member.name, DETACH_SECONDS)
        self._remove_now(member)
        found = self._world.journal.ports[member.name]
        if await self._restore(found):
            member.warnings = await address.after_detach(self._world, aggregate, found)
        self._world.note_change()
        log.info("%s: port %s detached", aggregate.name, member.name)

    def _remove_now(self, member: Member) -> None:
        if not member.detached.is_set():
            self._world.system.remove_port(self._world.runner.now(), member.name)
            self._world.runner.settle()
            self.detached(member.name)

    async def _restore(self, found: FoundPort) -> bool:
        """Returns whether the interface is still there."""
        there = await members.restore(self._world.interfaces, found)
        self._world.journal.forget_port(found.name)
        return there
