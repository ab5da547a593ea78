"""Takeover after an agrd was killed: the kernel goes on to move frames, and partners must not notice.

The journal tells what that agrd changed, the state file what it knew. Ports and aggregates that the kernel
does not have as they were are restored or deleted, and reported. The others are taken over as they are: no
interface is made, deleted, or set down and up.
"""

from __future__ import annotations

import contextlib
import json
import logging
from typing import Any

from agr.daemon.aggregate import Aggregate, Member
from agr.daemon.client import ClientDevice, ClientLink
from agr.daemon.journal import FoundPort, Journal
from agr.daemon.linux import rtnetlink
from agr.daemon.linux.interfaces import Interfaces
from agr.daemon.linux.ioctls import CarrierQuery
from agr.daemon.ports import Ports
from agr.daemon.slow import SlowSocket
from agr.daemon.undo import undo_aggregates, undo_port
from agr.daemon.world import World

log = logging.getLogger("agrd")

State = dict[str, Any]


class SavedState:
    """The content of the state file: what `take_over` needs."""

    def __init__(self, world: World) -> None:
        self._world = world

    def renew(self) -> bool:
        """Do about a millisecond of the work for `text`. Returns whether there is more to do."""
        return self._world.system.saver.renew(self._world.runner.now())

    def text(self) -> str | None:
        """JSON; None where there is nothing to take over."""
        world = self._world
        if not world.registry.aggregates:
            return None
        own = {
            "namespace": world.journal.namespace,
            "aggregates": {name: _state_of(world, each) for name, each in world.registry.aggregates.items()},
        }
        return f'{json.dumps(own)[:-1]}, "core": {world.system.saver.text(world.runner.now())}}}\n'


def _state_of(world: World, aggregate: Aggregate) -> State:
    return {
        "data_path": aggregate.path.name,
        "link": aggregate.link.name,
        "mtu": aggregate.mtu,
        "mac": aggregate.mac.hex(),
        "ports": {
            member.name: {
                "mac": member.mac.hex(),
                "departs": member.detach is not None,
                "overrun_pdus": world.runner.overrun(member.name),
            }
            for member in aggregate.members.values()
        },
    }


async def take_over(world: World, ports: Ports, state: State | None) -> None:
    """Take over ports and aggregates, and undo the others. The content of the state file may be anything."""
    if world.journal.empty:
        world.journal.save()  # it may be of another network namespace
        return
    try:
        await _Takeover(world, ports, state or {}).run()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.error("what a killed agrd left cannot be taken over: its state is not one (%r)", error)
        await _undo_all(world)
    world.runner.settle()
    world.note_change()


async def _undo_all(world: World) -> None:
    """Undo also what was taken over already."""
    for aggregate in tuple(world.registry.aggregates.values()):
        for member in tuple(aggregate.members.values()):
            world.carrier.remove(member.name)
            world.registry.remove_member(aggregate, member)
            world.runner.remove_port(member.name).close()
        world.registry.remove(aggregate)
        aggregate.path.close()
    for name, shown in world.system.status(world.runner.now())["aggregates"].items():
        for port in shown["ports"]:
            world.system.remove_port(world.runner.now(), port)
        world.system.remove_aggregator(world.runner.now(), name)
    await undo_aggregates(world.interfaces, world.journal)


class _Takeover:
    def __init__(self, world: World, ports: Ports, state: State) -> None:
        self._world = world
        self._ports = ports
        self._aggregates: State = state["aggregates"] if state else {}
        self._core: State | None = state["core"] if state else None
        self._sockets: dict[str, SlowSocket] = {}

    async def run(self) -> None:
        """See `take_over`."""
        world = self._world
        devices = await _devices_that_fit(world.interfaces, world.journal, self._aggregates)
        found = await _ports_that_fit(world.interfaces, world.journal, self._aggregates, devices)
        if self._core is not None:
            world.system.restore(world.runner.now(), self._core)
            self._forget_all_but(devices, found)
        for name, device in devices.items():
            await self._aggregate(device, self._aggregates[name])
        try:
            for port in found.values():
                await self._port(port)
        finally:
            # Not before all are there: the core's outputs are for all of them.
            for name, sock in self._sockets.items():
                world.runner.add_port(name, sock)
        await self._undo_rest()
        world.runner.settle()  # the restored core gives all outputs that are in force
        for aggregate in tuple(world.registry.aggregates.values()):
            log.info("%s: taken over with %s", aggregate.name, ", ".join(aggregate.members) or "no ports")
            await self._watch(aggregate)

    def _forget_all_but(self, devices: dict[str, ClientDevice], found: dict[str, FoundPort]) -> None:
        """Remove the others from the core. Raises ValueError when one of these is missing there."""
        world = self._world
        known = world.system.status(world.runner.now())["aggregates"]
        for name, shown in known.items():
            for port in shown["ports"]:
                if port not in found or found[port].aggregate != name:
                    world.system.remove_port(world.runner.now(), port)
            if name not in devices:
                world.system.remove_aggregator(world.runner.now(), name)
        for port in found.values():
            if port.name not in known[port.aggregate]["ports"]:
                raise ValueError(f"{port.name} has no state")
        for name in devices:
            world.system.distributor(name)

    async def _aggregate(self, device: ClientDevice, state: State) -> None:
        """Take over an aggregate whose interfaces are there; its data path may be."""
        world = self._world
        try:
            path = await world.paths.take_over(device.mate(), state["data_path"])
        except OSError as error:
            log.error("%s cannot be taken over: %s", device.name, error.strerror)
            return
        distributor = world.system.distributor(device.name)
        mtu, mac = int(state["mtu"]), bytes.fromhex(state["mac"])
        aggregate = Aggregate(device, path, world.paths.choice.reason, distributor, mtu, mac)
        aggregate.link = aggregate.shown = ClientLink[state["link"]]
        world.registry.add(aggregate)

    async def _port(self, found: FoundPort) -> None:
        world = self._world
        aggregate = world.registry.aggregates.get(found.aggregate)
        if aggregate is None:
            return
        state = self._aggregates[aggregate.name]["ports"][found.name]
        mac, overrun = bytes.fromhex(state["mac"]), int(state["overrun_pdus"])
        kernel = world.interfaces.kernel
        try:
            sock = await kernel.do(SlowSocket, found.name, found.index, overrun)
            async with contextlib.AsyncExitStack() as undo:
                undo.push_async_callback(kernel.do, sock.close)
                aggregate.path.add_port(found.name)
                undo.callback(aggregate.path.remove_port, found.name)
                await kernel.do(aggregate.path.attach, found.name)
                undo.pop_all()
        except OSError as error:
            aggregate.report(f"port {found.name} cannot be taken over: {error.strerror}")
            return
        world.registry.add_member(aggregate, Member(found.name, found.index, mac))
        if not world.system.collecting(found.name):
            aggregate.path.set_collecting(found.name, False)
        self._sockets[found.name] = sock

    async def _undo_rest(self) -> None:
        """Restore, delete, and remove from the core, what is not taken over."""
        world = self._world
        for found in tuple(world.journal.ports.values()):
            if world.registry.owner(found.name) is not None:
                continue
            aggregate = world.registry.aggregates.get(found.aggregate)
            if aggregate is not None:
                aggregate.report(f"port {found.name} is not what it was when agrd was killed: it is detached")
            with contextlib.suppress(ValueError):
                world.system.remove_port(world.runner.now(), found.name)
            await undo_port(world.interfaces, world.journal, found)
        left = world.journal.aggregates.keys() - world.registry.aggregates.keys()
        await undo_aggregates(world.interfaces, world.journal, left)
        for name in left:
            with contextlib.suppress(ValueError):
                world.system.remove_aggregator(world.runner.now(), name)

    async def _watch(self, aggregate: Aggregate) -> None:
        """Begin to watch the carrier of its ports; it may be another than before."""
        aggregate.refresh_link()
        for member in tuple(aggregate.members.values()):
            up = await self._world.interfaces.kernel.do(_has_carrier, member.name)
            if member.name not in aggregate.members:
                continue  # it was detached meanwhile
            if not up:
                self._world.system.set_link(self._world.runner.now(), member.name, False)
                self._world.runner.settle()
            self._world.carrier.add(member.name, member.index)
        for name, state in self._aggregates[aggregate.name]["ports"].items():
            if state["departs"] and name in aggregate.members:
                self._ports.detach_now(aggregate, aggregate.members[name])


def _has_carrier(port: str) -> bool:
    try:
        return CarrierQuery(port)()
    except OSError:
        return False


async def _devices_that_fit(
    interfaces: Interfaces, journal: Journal, state: State
) -> dict[str, ClientDevice]:
    """The aggregates in the state file whose interfaces are there."""
    devices = {}
    for name, made in journal.aggregates.items():
        if name in state:
            device = await ClientDevice.find(interfaces, made)
            if device is not None:
                devices[name] = device
    return devices


async def _ports_that_fit(
    interfaces: Interfaces, journal: Journal, state: State, devices: dict[str, ClientDevice]
) -> dict[str, FoundPort]:
    """The ports of ``devices`` that are still there, in the order in which they were attached."""
    fit = {}
    for name in devices:
        for port in state[name]["ports"]:
            found = journal.ports.get(port)
            if found is None or found.aggregate != name:
                continue
            interface = await interfaces.find_index(found.index)
            if interface is None or interface.name != port or interface.master is not None:
                continue
            if await interfaces.kernel.do(rtnetlink.has_ingress_program, found.index):  # else it is a new one
                fit[port] = found
    return fit
