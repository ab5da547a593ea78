"""agr0 for its users, the MAC client: a veth pair, agr0 and the mate where agrd has its frames."""

from __future__ import annotations

import errno
import logging
import socket
from collections.abc import Callable
from dataclasses import replace
from enum import Enum

from agr.control.protocol import Refusal
from agr.daemon import members
from agr.daemon.journal import MadeAggregate
from agr.daemon.linux import rtnetlink
from agr.daemon.linux.interfaces import Interface, Interfaces
from agr.daemon.linux.ipv6 import ipv6_disabled, set_ipv6_disabled
from agr.daemon.linux.kernelthread import KernelThread
from agr.daemon.linux.packet import STACK_WALL

log = logging.getLogger("agrd")

# The largest of veth: how long frames may be is agr0's matter.
_MATE_MTU = 65535


class ClientLink(Enum):
    """The operational state of agr0 (RFC 2863): no carrier, dormant (it can receive only), or running."""

    OFF = "no carrier"
    DORMANT = "dormant: ports collect, none distributes"
    RUNNING = "running"


class ClientDevice:
    """The veth pair of one aggregate.

    ``name`` and ``index`` are agr0's; what agr0 sends arrives at its mate, and what is sent on the mate
    arrives at agr0. The pair is known by its indexes: agrconfig knows agr0 by ``name`` also where somebody
    has given the interface another one.
    """

    def __init__(self, interfaces: Interfaces, made: MadeAggregate) -> None:
        self._interfaces = interfaces
        self.name = made.name
        self.index = made.index
        self.mate_index = made.mate_index

    @property
    def kernel(self) -> KernelThread:
        """The thread for calls that wait for the kernel's locks."""
        return self._interfaces.kernel

    @staticmethod
    def plan(name: str) -> MadeAggregate:
        """The pair that `make` is going to make; its index is not known yet."""
        return MadeAggregate(name, 0, f"{name}.m")

    @staticmethod
    def names(name: str) -> tuple[str, ...]:
        """All interfaces of the aggregate ``name``; agr0 comes first."""
        return name, f"{name}.m"

    @classmethod
    async def make(
        cls, interfaces: Interfaces, plan: MadeAggregate, note: Callable[[MadeAggregate], None]
    ) -> ClientDevice:
        """Make the pair, down and without carrier. ``note`` is called with it as soon as it is there.

        Raises OSError or Refusal; `delete` removes what was made before.
        """
        await interfaces.create_pair(plan.name, plan.mate)
        client, mate = await _existing(interfaces, plan.name), await _existing(interfaces, plan.mate)
        made = replace(plan, index=client.index, mate_index=mate.index)
        note(made)
        if ipv6_disabled(mate.index) is False:
            await interfaces.kernel.do(set_ipv6_disabled, mate.index, True)
        await interfaces.kernel.do(members.guard, mate.index, STACK_WALL)
        await interfaces.set_mtu(mate.index, _MATE_MTU)
        return cls(interfaces, made)

    @classmethod
    async def find(cls, interfaces: Interfaces, made: MadeAggregate) -> ClientDevice | None:
        """The pair that an earlier agrd made; None where an end is missing, or is another interface."""
        client = await interfaces.find_index(made.index)
        mate = await interfaces.find_index(made.mate_index)
        if client is None or mate is None or client.kind != "veth" or client.peer != mate.index:
            return None
        return cls(interfaces, made)

    @staticmethod
    async def delete(interfaces: Interfaces, made: MadeAggregate) -> None:
        """Delete the pair, where it is there; log what the kernel refuses."""
        try:
            interface = await (
                interfaces.find_index(made.index) if made.index else interfaces.find(made.name)
            )
            if interface is not None and interface.kind == "veth":
                await interfaces.delete(interface.index)
        except OSError as error:
            log.error("%s could not be deleted: %s", made.name, error.strerror)

    async def look(self) -> Interface:
        """agr0 as the kernel shows it now. Raises Refusal (ENODEV) when it is not there any more."""
        found = await self._interfaces.find_index(self.index)
        if found is None:
            raise Refusal(errno.ENODEV, f"{self.name} was deleted by someone else")
        return found

    def mate(self) -> str:
        """The name that the mate has now. Raises OSError where it is gone."""
        return socket.if_indextoname(self.mate_index)

    async def set_mac(self, mac: bytes) -> None:
        """Set agr0's address. Raises OSError."""
        await self._interfaces.set_mac(self.index, mac)

    async def set_mtu(self, mtu: int) -> None:
        """Set agr0's MTU, in octets. Raises OSError."""
        await self._interfaces.set_mtu(self.index, mtu)

    def set_carrier(self, link: ClientLink) -> None:
        """Set agr0's operational state. Waits for the kernel's locks. Raises OSError.

        veth has carrier while both ends are up, but delivers nothing without; a port that only collects
        delivers all the same. In that state the interface is DORMANT instead, which takes away RUNNING.
        """
        if link is not ClientLink.OFF:
            rtnetlink.set_running(self.index, link is ClientLink.RUNNING)
        rtnetlink.set_up(self.mate_index, link is not ClientLink.OFF)


async def _existing(interfaces: Interfaces, name: str) -> Interface:
    found = await interfaces.find(name)
    if found is None:
        raise Refusal(errno.ENODEV, f"{name} was deleted or renamed by someone else")
    return found
