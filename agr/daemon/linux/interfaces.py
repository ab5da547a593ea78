"""Interfaces of this network namespace, by rtnetlink(7)."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import struct
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

from agr.control.protocol import Refusal
from agr.daemon.linux.kernelthread import KernelThread
from agr.daemon.linux.netlink import (
    NLM_F_CREATE,
    NLM_F_EXCL,
    ask,
    attribute,
    attributes,
    change,
    dump,
    messages,
    open_socket,
)

ARPHRD_ETHER = 1
IFF_UP = 0x1
IFF_RUNNING = 0x40
IFF_PROMISC = 0x100
ADDRESS_GENERATION_NONE = 1
_RTM_NEWLINK, _RTM_DELLINK, _RTM_GETLINK = 16, 17, 18
_RTM_NEWADDR, _RTM_DELADDR, _RTM_GETADDR = 20, 21, 22
_RTMGRP_LINK, _RTMGRP_IPV4_IFADDR, _RTMGRP_IPV6_IFADDR = 0x1, 0x10, 0x100
_STATS = struct.Struct("=QQQQ")  # struct rtnl_link_stats64: packets and octets, received and sent
_LINK = struct.Struct("=BxHiII")  # struct ifinfomsg: family, type, index, flags, change
_ADDRESS = struct.Struct("=BBBBI")  # struct ifaddrmsg: family, length of the prefix, flags, scope, index
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MTU, _IFLA_LINK, _IFLA_MASTER = 1, 3, 4, 5, 10
_IFLA_LINKINFO, _IFLA_STATS64, _IFLA_AF_SPEC, _IFLA_NEW_IFINDEX = 18, 23, 26, 49
_IFLA_INFO_KIND, _IFLA_INFO_DATA = 1, 2
_IFLA_INET6_ADDR_GEN_MODE = 8
_VETH_INFO_PEER = 1
_IFA_ADDRESS = 1
_EVENTS_BUFFER = 1 << 20
_EVENTS_AT_ONCE = 1 << 17


@dataclass(frozen=True)
class Interface:
    """An interface and its settings. ``kind`` is its driver's name for rtnetlink, None for a physical one.

    ``peer`` is the index of the other end of a veth pair, where that is in this namespace too. ``received``
    and ``sent`` are what the kernel has counted: frames, and their octets without FCS.
    """

    index: int
    name: str
    kind: str | None
    hardware: int
    mac: bytes
    mtu: int
    flags: int
    master: int | None
    peer: int | None = None
    received: tuple[int, int] = (0, 0)
    sent: tuple[int, int] = (0, 0)

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


class Interfaces:
    """Queries and changes. Unless said otherwise a method raises OSError when the kernel refuses.

    All of them are done in ``kernel``, in the order in which they are asked for.
    """

    def __init__(self) -> None:
        self.kernel = KernelThread()

    def close(self) -> None:
        """Return when all queries and changes have ended."""
        self.kernel.close()

    async def find(self, name: str) -> Interface | None:
        """The interface of that name; None where there is none."""
        return await self._get(0, attribute(_IFLA_IFNAME, name.encode() + b"\0"))

    async def find_index(self, index: int) -> Interface | None:
        """The interface of that index; None where there is none."""
        return await self._get(index, b"")

    async def _get(self, index: int, selector: bytes) -> Interface | None:
        try:
            _, found = await self.kernel.do(ask, _RTM_GETLINK, 0, _link(index) + selector)
        except OSError as error:
            if error.errno in (
                errno.ENODEV,
                errno.EINVAL,
                errno.ERANGE,
            ):  # the latter two: not a possible name
                return None
            raise
        return _interface(found)

    async def all(self) -> list[Interface]:
        """All interfaces."""
        return [_interface(body) for body in await self.kernel.do(dump, _RTM_GETLINK, _link(0))]

    async def addresses(self, index: int) -> list[str]:
        """IPv4 and IPv6 addresses, as 192.0.2.1/24."""
        found = await self.kernel.do(dump, _RTM_GETADDR, _ADDRESS.pack(socket.AF_UNSPEC, 0, 0, 0, index))
        events = (_address_event(body, gone=False) for body in found)
        return [event.address for event in events if event.index == index]

    async def create_pair(self, name: str, mate: str) -> None:
        """Make the two ends of a veth pair."""
        peer = _link(0) + attribute(_IFLA_IFNAME, mate.encode() + b"\0")
        data = attribute(_IFLA_INFO_DATA, attribute(_VETH_INFO_PEER, peer))
        ends = attribute(_IFLA_IFNAME, name.encode() + b"\0")
        ends += attribute(_IFLA_LINKINFO, attribute(_IFLA_INFO_KIND, b"veth") + data)
        await self.kernel.do(change, _RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, _link(0) + ends)

    async def delete(self, index: int) -> None:
        """Delete an interface."""
        await self.kernel.do(change, _RTM_DELLINK, 0, _link(index))

    async def set_up(self, index: int, up: bool) -> None:
        """Set an interface up or down."""
        await self._set(_link(index, IFF_UP if up else 0, IFF_UP))

    async def set_promiscuous(self, index: int, on: bool) -> None:
        """Set or clear the flag PROMISC; sockets that make the interface promiscuous are not concerned."""
        await self._set(_link(index, IFF_PROMISC if on else 0, IFF_PROMISC))

    async def set_mac(self, index: int, mac: bytes) -> None:
        """Set the address of an interface."""
        await self._set(_link(index) + attribute(_IFLA_ADDRESS, mac))

    async def set_mtu(self, index: int, mtu: int) -> None:
        """Set the MTU, in octets."""
        await self._set(_link(index) + attribute(_IFLA_MTU, struct.pack("=I", mtu)))

    async def set_address_generation(self, index: int, mode: int) -> None:
        """addrgenmode of ip-link(8), for IPv6 link-local addresses; the sysctl would make one at once."""
        value = attribute(socket.AF_INET6, attribute(_IFLA_INET6_ADDR_GEN_MODE, bytes([mode])))
        await self._set(_link(index) + attribute(_IFLA_AF_SPEC, value))

    async def _set(self, body: bytes) -> None:
        await self.kernel.do(change, _RTM_NEWLINK, 0, body)


async def link_events() -> AsyncIterator[LinkEvent | AddressEvent | None]:
    """None at the begin, then all changes since. Raises OSError when the kernel had to drop some."""
    loop = asyncio.get_running_loop()
    with open_socket() as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _EVENTS_BUFFER)
        sock.bind((0, _RTMGRP_LINK | _RTMGRP_IPV4_IFADDR | _RTMGRP_IPV6_IFADDR))
        yield None
        while True:
            for kind, _, body in messages(await loop.sock_recv(sock, _EVENTS_AT_ONCE)):
                event = _event(kind, body)
                if event is not None:
                    yield event


def _event(kind: int, body: bytes) -> LinkEvent | AddressEvent | None:
    if kind in (_RTM_NEWLINK, _RTM_DELLINK) and body[0] == socket.AF_UNSPEC:
        moved = _IFLA_NEW_IFINDEX in dict(attributes(body[_LINK.size :]))
        return LinkEvent(_interface(body), kind == _RTM_DELLINK, moved)
    if kind in (_RTM_NEWADDR, _RTM_DELADDR):
        return _address_event(body, gone=kind == _RTM_DELADDR)
    return None


def refusal(error: OSError, what: str) -> Refusal:
    """``error`` of the kernel, which came of doing ``what``, for the operator."""
    return Refusal(error.errno or errno.EIO, f"{what}: {error.strerror}")


def _link(index: int, flags: int = 0, changed: int = 0) -> bytes:
    return _LINK.pack(socket.AF_UNSPEC, 0, index, flags, changed)


def _address_event(body: bytes, *, gone: bool) -> AddressEvent:
    family, prefix, _, _, index = _ADDRESS.unpack_from(body)
    octets = dict(attributes(body[_ADDRESS.size :])).get(_IFA_ADDRESS)
    address = None if octets is None else socket.inet_ntop(family, octets)
    return AddressEvent(index, f"{address}/{prefix}", gone)


def _interface(body: bytes) -> Interface:
    _, hardware, index, flags, _ = _LINK.unpack_from(body)
    said = dict(attributes(body[_LINK.size :]))
    kind = dict(attributes(said.get(_IFLA_LINKINFO, b""))).get(_IFLA_INFO_KIND)
    stats = said.get(_IFLA_STATS64, b"").ljust(_STATS.size, b"\0")
    packets_in, packets_out, octets_in, octets_out = _STATS.unpack_from(stats)
    return Interface(
        index=index,
        name=_text(said.get(_IFLA_IFNAME, b"")),
        kind=None if kind is None else _text(kind),
        hardware=hardware,
        mac=said.get(_IFLA_ADDRESS, b""),
        mtu=int.from_bytes(said.get(_IFLA_MTU, b""), sys.byteorder),
        flags=flags,
        master=int.from_bytes(said[_IFLA_MASTER], sys.byteorder) if _IFLA_MASTER in said else None,
        peer=int.from_bytes(said[_IFLA_LINK], sys.byteorder) if _IFLA_LINK in said else None,
        received=(packets_in, octets_in),
        sent=(packets_out, octets_out),
    )


def _text(octets: bytes) -> str:
    return os.fsdecode(octets.rstrip(b"\0"))
