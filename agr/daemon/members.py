"""A port before, while and after it is a member: the checks, what is changed on it, and the way back."""

from __future__ import annotations

import errno

from agr.daemon import rtnetlink
from agr.daemon.interfaces import ADDRESS_GENERATION_NONE, ARPHRD_ETHER, Interface, Interfaces
from agr.daemon.ipv6 import address_generation, ipv6_disabled, set_ipv6_disabled
from agr.daemon.journal import FoundPort
from agr.daemon.packet import STACK_GUARD, Program
from agr.daemon.protocol import Refused


async def examine(interfaces: Interfaces, name: str, least_mtu: int) -> Interface:
    """The interface that is to become a port of an aggregate with an MTU of ``least_mtu`` octets.

    Raises Refused as agr(4) does: ENOENT, EPROTONOSUPPORT, EBUSY (an address, a master), EINVAL (MTU).
    """
    interface = await interfaces.find(name)
    if interface is None:
        raise Refused(errno.ENOENT, f"there is no interface {name} in this network namespace")
    if interface.hardware != ARPHRD_ETHER:
        raise Refused(errno.EPROTONOSUPPORT, f"{name} is not an Ethernet interface")
    if interface.master is not None:
        master = await interfaces.find_index(interface.master)
        whose = master.name if master else f"interface {interface.master}"
        raise Refused(
            errno.EBUSY, f"{name} belongs to {whose}: take it out first (ip link set dev {name} nomaster)"
        )
    addresses = await interfaces.addresses(interface.index)
    if addresses:
        all_of_them = " and ".join(addresses)
        raise Refused(
            errno.EBUSY,
            f"{name} has the address {all_of_them}: remove it first (ip address flush dev {name})",
        )
    if interface.mtu < least_mtu:
        raise Refused(
            errno.EINVAL, f"the MTU of {name}, {interface.mtu}, is smaller than {least_mtu}, the aggregate's"
        )
    return interface


async def as_found(interfaces: Interfaces, interface: Interface) -> FoundPort:
    """What `take_over` is going to change."""
    return FoundPort(
        name=interface.name,
        index=interface.index,
        mac=interface.mac.hex(":"),
        mtu=interface.mtu,
        up=interface.up,
        ipv6_disabled=ipv6_disabled(interface.name),
        address_generation=address_generation(interface.name),
        ingress_queue=not await interfaces.has_ingress_queue(interface.index),
    )


async def take_over(interfaces: Interfaces, found: FoundPort) -> None:
    """Keep the host's own stack off a port, in both directions, and set it up. Raises OSError.

    Frames of a port reach agrd's sockets before the guard, and the host through agr0 only: without it
    the host would answer twice, once from the port.
    """
    if found.ipv6_disabled is False:
        set_ipv6_disabled(found.name, True)
    guard(found.index, STACK_GUARD, make_queue=found.ingress_queue)
    await interfaces.set_up(found.index, True)


def guard(index: int, program: Program, *, make_queue: bool = True) -> None:
    """Let ``program`` drop what arrives before the host's own stack sees it. Raises OSError."""
    if make_queue:
        rtnetlink.add_ingress_queue(index)
    rtnetlink.add_ingress_program(index, program)


async def give_back(interfaces: Interfaces, found: FoundPort) -> bool:
    """Make a port what it was when it was found. Returns False when it has gone meanwhile. Raises OSError."""
    interface = await interfaces.find_index(found.index)
    if interface is None or interface.name != found.name:
        return False
    _unguard(found)
    if not found.up:
        await interfaces.set_up(found.index, False)
    if found.ipv6_disabled is False:
        await _enable_ipv6(interfaces, found)
    return True


def _unguard(found: FoundPort) -> None:
    """Undo `guard`, also where a killed agrd came only half way. Raises OSError."""
    undo = [rtnetlink.remove_ingress_program]
    if found.ingress_queue:
        undo.append(rtnetlink.remove_ingress_queue)
    for step in undo:
        try:
            step(found.index)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EINVAL):  # neither filter nor qdisc is there
                raise


async def _enable_ipv6(interfaces: Interfaces, found: FoundPort) -> None:
    """Switch IPv6 on without the link-local address that it would make: the port had none."""
    if found.address_generation is None:
        set_ipv6_disabled(found.name, False)
        return
    await interfaces.set_address_generation(found.index, ADDRESS_GENERATION_NONE)
    set_ipv6_disabled(found.name, False)
    await interfaces.set_address_generation(found.index, found.address_generation)
