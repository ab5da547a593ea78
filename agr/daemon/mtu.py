"""agr0's MTU, which its ports get too (AG-19)."""

from __future__ import annotations

import logging

from agr.daemon import members
from agr.daemon.aggregate import Aggregate
from agr.daemon.world import World

log = logging.getLogger("agrd")


async def follow(world: World, aggregate: Aggregate, wanted: int) -> None:
    """Set agr0's new MTU, in octets, on all ports.

    Where a port refuses it agr0 and all ports keep the one that they had, and the port is reported.
    The caller has the aggregate's lock.
    """
    if wanted == aggregate.mtu:
        return
    refusal = await _set_all(world, aggregate, wanted)
    if refusal is None:
        log.info("%s: MTU %d, of its ports too", aggregate.name, wanted)
        aggregate.mtu = wanted
        world.note_change()
        return
    aggregate.report(f"{refusal}: the MTU of {aggregate.name} stays {aggregate.mtu}")
    try:
        await aggregate.device.set_mtu(aggregate.mtu)
    except OSError as error:
        log.error("%s: its MTU could not be set back: %s", aggregate.name, error.strerror)
    refusal = await _set_all(world, aggregate, aggregate.mtu)
    if refusal is not None:
        aggregate.report(refusal)


async def _set_all(world: World, aggregate: Aggregate, mtu: int) -> str | None:
    """Returns which port refused it, and why; None when none did."""
    for member in tuple(aggregate.members.values()):
        found = world.journal.ports.get(member.name)
        if found is None or member.detached.is_set():
            continue  # it was detached meanwhile
        try:
            await members.set_mtu(world.interfaces, found, mtu)
        except OSError as error:
            return f"port {member.name} does not take an MTU of {mtu} ({error.strerror})"
    return None
