"""agr0's MAC address: the first port's, or one of its own (AG-05, AG-06).

An address that two interfaces have is reported, to the operator who set it and in the status. agr0 and its
ports may have the same one: agr(4) wants it so.
"""

from __future__ import annotations

import errno
import logging
import os

from agr.control.protocol import Refusal
from agr.daemon.aggregate import Aggregate
from agr.daemon.journal import FoundPort
from agr.daemon.linux.interfaces import refusal
from agr.daemon.world import World

log = logging.getLogger("agrd")


async def set_own(world: World, aggregate: Aggregate, value: str) -> list[str]:
    """Set agr0's address, which its system identifier follows; "auto": the first port's again.

    Returns warnings for the operator. Raises Refusal, and then nothing has changed.
    """
    async with aggregate.lock:
        world.registry.aggregate(aggregate.name)  # it may have been destroyed meanwhile
        before = world.system.address(aggregate.name)
        _configure(world, aggregate, value)
        mac = world.system.mac(aggregate.name)
        try:
            await assign(aggregate, aggregate.mac if mac == bytes(6) else mac)
        except OSError as error:
            _configure(world, aggregate, "auto" if before is None else before.hex(":"))
            raise refusal(error, f"address {value}") from None
        log.info("%s: address %s", aggregate.name, value)
        return await _warn_of_others(world, aggregate)


def _configure(world: World, aggregate: Aggregate, value: str) -> None:
    try:
        world.system.configure(world.runner.now(), aggregate.name, "address", value)
    except ValueError as error:
        raise Refusal(errno.EINVAL, str(error)) from None
    world.runner.settle()
    world.note_change()


async def assign(aggregate: Aggregate, mac: bytes) -> None:
    """Set agr0's address as agrd decides, not the operator. Raises OSError."""
    before, aggregate.mac = aggregate.mac, mac
    try:
        await aggregate.device.set_mac(mac)
    except OSError:
        aggregate.mac = before
        raise


async def follow(world: World, aggregate: Aggregate, mac: bytes) -> None:
    """Take over the address ``mac``, which was set on agr0 with another command than agrconfig.

    The caller has the aggregate's lock.
    """
    if mac == aggregate.mac:
        return
    aggregate.mac = mac
    try:
        _configure(world, aggregate, mac.hex(":"))
    except Refusal as refused:
        aggregate.report(f"{aggregate.name} was given the address {mac.hex(':')}: {refused.message}")
        return
    log.info("%s: has an address of its own: %s", aggregate.name, mac.hex(":"))
    await _warn_of_others(world, aggregate)


async def after_detach(world: World, aggregate: Aggregate, found: FoundPort) -> list[str]:
    """Warn that agr0 has the address of a port that was detached. Returns warnings for the operator.

    Without ports agr0 gets a random address.
    """
    if not world.registry.has(aggregate):
        return []
    if not aggregate.members and world.system.address(aggregate.name) is None:
        try:
            await assign(aggregate, b"\x02" + os.urandom(5))
        except OSError as error:
            log.error("%s: its address could not be changed: %s", aggregate.name, error.strerror)
    staying = [member for member in aggregate.members.values() if member.detach is None]
    if not staying or found.mac != aggregate.mac.hex(":"):
        return []
    text = (
        f"{aggregate.name} keeps the address {found.mac} of {found.name}, which is no port any more: "
        f"agrconfig {aggregate.name} address MAC gives it another"
    )
    aggregate.report(text)
    return [text]


async def _warn_of_others(world: World, aggregate: Aggregate) -> list[str]:
    own = {aggregate.index, aggregate.device.mate_index}
    own |= {member.index for member in aggregate.members.values()}
    others = [
        interface.name
        for interface in await world.interfaces.all()
        if interface.mac == aggregate.mac and interface.index not in own
    ]
    if not others:
        return []
    text = f"{aggregate.name} has the address {aggregate.mac.hex(':')}, and {' and '.join(others)} has it too"
    aggregate.report(text)
    return [text]
