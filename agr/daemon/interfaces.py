"""Interfaces of this network namespace, through pyroute2's asyncio API."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from pyroute2 import AsyncIPRoute
from pyroute2.netlink.exceptions import NetlinkError
from pyroute2.netlink.rtnl import RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR, RTMGRP_LINK

from agr.daemon.kernelthread import KernelThread
from agr.daemon.protocol import Refused

T = TypeVar("T")

ARPHRD_ETHER = 1
IFF_UP = 0x1
IFF_RUNNING = 0x40
IFF_PROMISC = 0x100
ADDRESS_GENERATION_NONE = 1


@dataclass(frozen=True)
class Interface:
    """What is known of an interface. ``kind`` is its driver's name for rtnetlink, None for a physical one."""

    index: int
    name: str
    kind: str | None
    hardware: int
    mac: bytes
    mtu: int
    flags: int
    master: int | None

    @property
    def up(self) -> bool:
        """Whether it is administratively up."""
        return bool(self.flags & IFF_UP)

    @property
    def promiscuous(self) -> bool:
        """Whether it has the flag PROMISC (ip link set promisc on); what sockets ask for does not count."""
        return bool(self.flags & IFF_PROMISC)


@dataclass(frozen=True)
class LinkEvent:
    """An interface has changed, or is ``gone``: ``moved`` to another network namespace, or deleted."""

    interface: Interface
    gone: bool
    moved: bool


@dataclass(frozen=True)
class AddressEvent:
    """The interface of that index has an address, as 192.0.2.1/24, or has it no more."""

    index: int
    address: str
    gone: bool


# pyroute2 0.9 keeps acknowledgements that come behind an answer for as long as a socket lives.
_REQUESTS_A_SOCKET = 64


class _Requests:
    """Requests by rtnetlink, each to its end: for one thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._netlink: AsyncIPRoute | None = None
        self._left = 0

    def run(self, request: Callable[[AsyncIPRoute], Coroutine[Any, Any, T]]) -> T:
        """Raises OSError when the kernel refuses."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        if not self._left:
            self._close_socket()
            self._netlink, self._left = AsyncIPRoute(), _REQUESTS_A_SOCKET
        self._left -= 1
        try:
            return self._loop.run_until_complete(request(self._netlink))
        except NetlinkError as error:
            raise _as_os_error(error) from None

    def close(self) -> None:
        """Close the socket."""
        self._close_socket()
        if self._loop is not None:
            self._loop.close()

    def _close_socket(self) -> None:
        if self._netlink is not None:
            self._netlink.close()


class Interfaces:
    """Queries and changes. Unless said otherwise a method raises OSError when the kernel refuses.

    All of them are done in ``kernel``, in the order in which they are asked for.
    """

    def __init__(self) -> None:
        self.kernel = KernelThread()
        self._requests = _Requests()

    def close(self) -> None:
        """Return when all that was asked is done."""
        self.kernel.close()
        self._requests.close()

    async def _ask(self, request: Callable[[AsyncIPRoute], Coroutine[Any, Any, T]]) -> T:
        return await self.kernel.do(self._requests.run, request)

    async def find(self, name: str) -> Interface | None:
        """The interface of that name."""
        return await self._get(ifname=name)

    async def find_index(self, index: int) -> Interface | None:
        """The interface of that index."""
        return await self._get(index=index)

    async def _get(self, **selector: Any) -> Interface | None:
        async def get(netlink: AsyncIPRoute) -> Interface | None:
            found = await netlink.link("get", **selector)
            return _interface(found[0]) if found else None

        try:
            return await self._ask(get)
        except OSError as error:
            if error.errno in (
                errno.ENODEV,
                errno.EINVAL,
                errno.ERANGE,
            ):  # the latter two: not a possible name
                return None
            raise

    async def all(self) -> list[Interface]:
        """All interfaces."""

        async def get(netlink: AsyncIPRoute) -> list[Interface]:
            return [_interface(message) async for message in await netlink.get_links()]

        return await self._ask(get)

    async def addresses(self, index: int) -> list[str]:
        """IPv4 and IPv6 addresses, as 192.0.2.1/24."""

        async def get(netlink: AsyncIPRoute) -> list[str]:
            return [_address(message) async for message in await netlink.get_addr(index=index)]

        return await self._ask(get)

    async def create_pair(self, name: str, mate: str) -> None:
        """Make the two ends of a veth pair."""
        await self._link("add", ifname=name, kind="veth", peer={"ifname": mate})

    async def delete(self, index: int) -> None:
        """Delete an interface."""
        await self._link("del", index=index)

    async def set_up(self, index: int, up: bool) -> None:
        """Set an interface up or down."""
        await self._link("set", index=index, state="up" if up else "down")

    async def set_promiscuous(self, index: int, on: bool) -> None:
        """Set or clear the flag PROMISC; who holds the interface promiscuous otherwise is not concerned."""
        await self._link("set", index=index, flags=IFF_PROMISC if on else 0, change=IFF_PROMISC)

    async def set_mac(self, index: int, mac: bytes) -> None:
        """Set the address of an interface."""
        await self._link("set", index=index, address=mac.hex(":"))

    async def set_mtu(self, index: int, mtu: int) -> None:
        """Set the MTU, in octets."""
        await self._link("set", index=index, mtu=mtu)

    async def set_address_generation(self, index: int, mode: int) -> None:
        """addrgenmode of ip-link(8), for IPv6 link-local addresses; the sysctl would make one at once."""
        value = {"attrs": [["AF_INET6", {"attrs": [["IFLA_INET6_ADDR_GEN_MODE", mode]]}]]}
        await self._link("set", index=index, IFLA_AF_SPEC=value)

    async def _link(self, verb: str, **values: Any) -> None:
        async def change(netlink: AsyncIPRoute) -> None:
            await netlink.link(verb, **values)

        await self._ask(change)


async def link_events() -> AsyncIterator[LinkEvent | AddressEvent | None]:
    """First None, then all changes of interfaces since. Raises OSError when the kernel had to drop some."""
    async with AsyncIPRoute() as netlink:
        await netlink.bind(groups=RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR)
        yield None
        while True:
            async for message in netlink.get():
                event = _event(message)
                if event is not None:
                    yield event


def _event(message: Any) -> LinkEvent | AddressEvent | None:
    kind = message["event"]
    if kind in ("RTM_NEWLINK", "RTM_DELLINK") and message["family"] == 0:
        moved = message.get("new_ifindex") is not None
        return LinkEvent(_interface(message), kind == "RTM_DELLINK", moved)
    if kind in ("RTM_NEWADDR", "RTM_DELADDR"):
        return AddressEvent(message["index"], _address(message), kind == "RTM_DELADDR")
    return None


def refusal(error: OSError, what: str) -> Refused:
    """``error`` of the kernel, met while doing ``what``, for the operator."""
    return Refused(error.errno or errno.EIO, f"{what}: {error.strerror}")


def _as_os_error(error: NetlinkError) -> OSError:
    return OSError(error.code, str(error.args[1]) if len(error.args) > 1 else "refused by the kernel")


def _address(message: Any) -> str:
    return f"{message.get('address')}/{message['prefixlen']}"


def _interface(message: Any) -> Interface:
    information = message.get("linkinfo")
    address = message.get("address") or ""
    return Interface(
        index=message["index"],
        name=message.get("ifname"),
        kind=information.get("kind") if information else None,
        hardware=message["ifi_type"],
        mac=bytes.fromhex(address.replace(":", "")),
        mtu=message.get("mtu"),
        flags=message["flags"],
        master=message.get("master"),
    )
