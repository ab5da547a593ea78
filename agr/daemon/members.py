"""The interface of a port: checked and prepared before it is attached, restored after it is detached."""

from __future__ import annotations

import errno
import logging

from agr.control.protocol import Refusal
from agr.daemon import reception
from agr.daemon.datapath.kernelpath import remove_left_programs
from agr.daemon.journal import FoundPort
from agr.daemon.linux import rtnetlink
from agr.daemon.linux.interfaces import ADDRESS_GENERATION_NONE, ARPHRD_ETHER, Interface, Interfaces
from agr.daemon.linux.ioctls import lro
from agr.daemon.linux.ipv6 import address_generation, ipv6_disabled, set_ipv6_disabled
from agr.daemon.linux.packet import STACK_GUARD, Program

log = logging.getLogger("agrd")


async def named(interfaces: Interfaces, name: str) -> Interface:
    """The Ethernet interface that is to become a port.

    Raises Refusal as agr(4) does: ENOENT, EPROTONOSUPPORT. An alternative name (ip link property) is EINVAL:
    ports are known by the one name that events bear.
    """
    try:
        interface = await interfaces.find(name)
    except UnicodeEncodeError:
        raise Refusal(errno.EINVAL, f"{name!a}: agrd takes no interface whose name is not UTF-8") from None
    if interface is None:
        raise Refusal(errno.ENOENT, f"there is no interface {name} in this network namespace")
    if interface.name != name:
        raise Refusal(errno.EINVAL, f"{name} is another name of {interface.name}: say that one")
    if interface.hardware != ARPHRD_ETHER:
        raise Refusal(errno.EPROTONOSUPPORT, f"{name} is not an Ethernet interface")
    return interface


async def examine(interfaces: Interfaces, interface: Interface, least_mtu: int) -> None:
    """Refuse an interface that cannot be a port of an aggregate with an MTU of ``least_mtu`` octets.

    Raises Refusal as agr(4) does: EBUSY (an address, a master), EINVAL (MTU).
    """
    name = interface.name
    if interface.master is not None:
        master = await interfaces.find_index(interface.master)
        whose = master.name if master else f"interface {interface.master}"
        raise Refusal(
            errno.EBUSY, f"{name} belongs to {whose}: take it out first (ip link set dev {name} nomaster)"
        )
    addresses = await interfaces.addresses(interface.index)
    if addresses:
        all_of_them = " and ".join(addresses)
        raise Refusal(
            errno.EBUSY,
            f"{name} has the address {all_of_them}: remove it first (ip address flush dev {name})",
        )
    if interface.mtu < least_mtu:
        raise Refusal(
            errno.EINVAL, f"the MTU of {name}, {interface.mtu}, is smaller than {least_mtu}, the aggregate's"
        )


async def found_port(interfaces: Interfaces, interface: Interface, aggregate: str) -> FoundPort:
    """The settings of the interface that `prepare` is going to change."""
    return FoundPort(
        name=interface.name,
        aggregate=aggregate,
        index=interface.index,
        mac=interface.mac.hex(":"),
        mtu=interface.mtu,
        up=interface.up,
        ipv6_disabled=ipv6_disabled(interface.index),
        address_generation=address_generation(interface.index),
        ingress_queue=not await interfaces.kernel.do(rtnetlink.has_ingress_queue, interface.index),
        promiscuous=interface.promiscuous,
        lro=await interfaces.kernel.do(lro, interface.index),
    )


async def prepare(interfaces: Interfaces, found: FoundPort) -> None:
    """Set a port up, and keep the host's own stack from sending and receiving on it. Raises OSError.

    Frames of a port reach agrd's sockets before the guard, and the host through agr0 only: without it
    the host would answer twice, once from the port.
    """
    if found.ipv6_disabled is False:
        await interfaces.kernel.do(set_ipv6_disabled, found.index, True)
    await interfaces.kernel.do(guard, found.index, STACK_GUARD, make_queue=found.ingress_queue)
    await reception.prepare(interfaces, found)
    await interfaces.set_up(found.index, True)


async def set_mtu(interfaces: Interfaces, found: FoundPort, mtu: int) -> None:
    """Give a port an MTU, in octets; `restore` undoes it. Raises OSError.

    The kernel makes IPv6 anew, switched on, where the MTU was too small for it before.
    """
    await interfaces.set_mtu(found.index, mtu)
    if found.ipv6_disabled is False and ipv6_disabled(found.index) is False:
        await interfaces.kernel.do(set_ipv6_disabled, found.index, True)


def guard(index: int, program: Program, *, make_queue: bool = True) -> None:
    """Let ``program`` drop frames that arrive on an interface before the host's own stack sees them.

    Waits for the kernel's locks. Raises OSError.
    """
    try:
        if make_queue:
            rtnetlink.add_ingress_queue(index)
        rtnetlink.add_ingress_program(index, program)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EOPNOTSUPP):
            raise
        needed = "the kernel has no clsact or no cls_bpf (CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_BPF)"
        raise OSError(error.errno, needed) from None


async def restore(interfaces: Interfaces, found: FoundPort) -> bool:
    """Restore the settings that an interface had before it was a port; log what the kernel refuses.

    It is known by its index, whatever others have made of its name and its address meanwhile. Returns False
    when the interface is not there any more.
    """
    interface = await interfaces.find_index(found.index)
    if interface is None:
        return False
    for step in (_stop_programs, _remove_guard, reception.restore, _restore_link, _restore_ipv6):
        try:
            await step(interfaces, found)
        except OSError as error:
            log.error("%s could not be restored: %s", found.name, error.strerror)
    return True


async def is_left(interfaces: Interfaces, found: FoundPort) -> bool:
    """Whether the interface that an agrd has left as a port is there still. Raises OSError.

    While nobody watched it may have been deleted, and its index given to another one, on demand or by a move
    to this namespace. That one does not have the guard; and before there was a guard the name was still so.
    """
    interface = await interfaces.find_index(found.index)
    if interface is None:
        return False
    guarded = await interfaces.kernel.do(rtnetlink.has_ingress_program, found.index)
    return guarded or interface.name == found.name or interface.mac.hex(":") == found.mac


async def _stop_programs(interfaces: Interfaces, found: FoundPort) -> None:
    """Stop the programs of the data path in the kernel, which outlive a killed agrd. Raises OSError."""
    await interfaces.kernel.do(remove_left_programs, found.index)


async def _remove_guard(interfaces: Interfaces, found: FoundPort) -> None:
    """Undo `guard`, also where a killed agrd came only half way. Raises OSError."""
    undo = [rtnetlink.remove_ingress_program]
    if found.ingress_queue:
        undo.append(rtnetlink.remove_ingress_queue)
    for step in undo:
        try:
            await interfaces.kernel.do(step, found.index)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EINVAL):  # neither filter nor qdisc is there
                raise


async def _restore_link(interfaces: Interfaces, found: FoundPort) -> None:
    """Also undo what others have changed; an interface with a master is left as it is. Raises OSError."""
    now = await interfaces.find_index(found.index)
    if now is not None and now.master is not None:
        return
    await interfaces.set_up(found.index, found.up)
    if now is not None and now.mtu != found.mtu:
        await interfaces.set_mtu(found.index, found.mtu)
    if now is not None and now.mac.hex(":") != found.mac:
        await interfaces.set_mac(found.index, bytes.fromhex(found.mac.replace(":", "")))


async def _restore_ipv6(interfaces: Interfaces, found: FoundPort) -> None:
    """Switch IPv6 on without the link-local address that it would make: the port had none. Raises OSError."""
    if found.ipv6_disabled is not False:
        return
    if found.address_generation is None:
        await interfaces.kernel.do(set_ipv6_disabled, found.index, False)
        return
    await interfaces.set_address_generation(found.index, ADDRESS_GENERATION_NONE)
    await interfaces.kernel.do(set_ipv6_disabled, found.index, False)
    await interfaces.set_address_generation(found.index, found.address_generation)
