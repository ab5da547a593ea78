"""Changes of a port's interface by others (AG-15): found out by rtnetlink, reported by name, handled.

An address is reported only. It does no harm: the host's stack gets nothing of what the port receives.
Another MAC address is accepted: a port's address is its own matter, no partner knows a port by it. PDUs
    have the new one as their source. A detached port gets the one back that it had before it was attached.
Promiscuity is set again: without it the port would not receive what is for agr0.
Set down, a port is a link without carrier, and stays a port: whoever sets it up again wants it to work.
A port that was made a port of another master, as a bridge, is detached at once, with a farewell: both cannot
    have its frames, and the master was given it later. What the master needs of it stays as it is.
A renamed port is detached at once, with a farewell: agrconfig and the journal know ports by name, and under
    the new name the operator may have other plans with it. Its settings are restored under its new name.
A port that was deleted or moved to another network namespace is detached. The settings of one that was moved
    can only be restored there.
"""

from __future__ import annotations

from agr.daemon.aggregate import Aggregate, Member
from agr.daemon.linux.interfaces import AddressEvent, Interface
from agr.daemon.ports import Ports
from agr.daemon.world import World


class Guard:
    """Watches the ports of all aggregates."""

    def __init__(self, world: World, ports: Ports) -> None:
        self._world = world
        self._ports = ports
        self._waiting: set[int] = set()

    def interface_changed(self, member: Member, interface: Interface) -> None:
        """Look at a port where the kernel's message shows other settings than it should have."""
        now = (interface.name, interface.master, interface.mac, interface.up, interface.promiscuous)
        if now != (member.name, None, member.mac, member.up, True):
            self.look(member.index)

    def address_changed(self, aggregate: Aggregate, member: Member, event: AddressEvent) -> None:
        """Report an address that a port has got; it may have lost one."""
        if event.gone:
            member.addresses.discard(event.address)
        elif event.address not in member.addresses:
            member.addresses.add(event.address)
            aggregate.report(
                f"port {member.name} has got the address {event.address}, of no use there: "
                f"remove it (ip address del {event.address} dev {member.name})"
            )

    def look(self, index: int) -> None:
        """Look soon at the interface of that ifindex, a port's, and handle what has changed."""
        if index not in self._waiting:
            self._waiting.add(index)
            self._world.start(self._look(index))

    async def look_around(self) -> None:
        """Look at all ports and their addresses: messages may have been lost."""
        for aggregate in tuple(self._world.registry.aggregates.values()):
            for member in tuple(aggregate.members.values()):
                await self._look(member.index)
                for address in await self._world.interfaces.addresses(member.index):
                    self.address_changed(aggregate, member, AddressEvent(member.index, address, gone=False))

    async def _look(self, index: int) -> None:
        self._waiting.discard(index)  # what happens from now on is a reason to look again
        interface = await self._world.interfaces.find_index(index)
        aggregate, member = self._world.registry.at(index) or (None, None)
        if aggregate is None or member is None or member.detach is not None:
            return
        if interface is None:
            self._ports.interface_gone(member.name, "deleted, or moved to another network namespace")
        elif interface.name != member.name:
            self._ports.report_and_detach(member.name, f"is called {interface.name} now")
        elif interface.master is not None:
            master = await self._world.interfaces.find_index(interface.master)
            whose = master.name if master else f"interface {interface.master}"
            self._ports.report_and_detach(member.name, f"was made a port of {whose}")
        else:
            self._compare(aggregate, member, interface)
            if not interface.promiscuous:
                await self._set_promiscuous(aggregate, member)

    async def _set_promiscuous(self, aggregate: Aggregate, member: Member) -> None:
        try:
            await self._world.interfaces.set_promiscuous(member.index, True)
        except OSError:
            return  # it was deleted: another event tells that
        aggregate.report(
            f"port {member.name} was set not promiscuous: it is set promiscuous again, "
            f"without that it would not receive what is for {aggregate.name}"
        )

    def _compare(self, aggregate: Aggregate, member: Member, interface: Interface) -> None:
        if interface.mac != member.mac:
            aggregate.report(
                f"port {member.name} has the MAC address {interface.mac.hex(':')} now, "
                f"it had {member.mac.hex(':')}: it is used as it is"
            )
            member.mac = interface.mac
            self._world.system.set_mac(self._world.runner.now(), member.name, interface.mac)
            self._world.runner.settle()
        if interface.up != member.up:
            member.up = interface.up
            if interface.up:
                aggregate.report(f"port {member.name} was set up again")
            else:
                aggregate.report(
                    f"port {member.name} was set down: it carries nothing until it is set up "
                    f"(ip link set {member.name} up)"
                )
