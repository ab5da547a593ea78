"""The interfaces of a killed agrd: aggregates deleted, ports restored."""

from __future__ import annotations

import logging
from collections.abc import Container

from agr.daemon.client import ClientDevice
from agr.daemon.journal import FoundPort, Journal
from agr.daemon.linux.interfaces import Interfaces
from agr.daemon.members import is_left, restore

log = logging.getLogger("agrd")


async def undo_aggregates(
    interfaces: Interfaces, journal: Journal, names: Container[str] | None = None
) -> list[str]:
    """Restore the ports of these aggregates (None: all) and delete their interfaces.

    Returns the names of those that a killed agrd left.
    """
    for found in tuple(journal.ports.values()):
        if names is None or found.aggregate in names:
            await undo_port(interfaces, journal, found)
    undone = [name for name in journal.aggregates if names is None or name in names]
    for name in undone:
        await undo_aggregate(interfaces, journal, name)
        log.warning("%s: removed what a killed agrd left", name)
    return undone


async def undo_port(interfaces: Interfaces, journal: Journal, found: FoundPort) -> None:
    """Restore a port that a killed agrd left."""
    there = await is_left(interfaces, found) and await restore(interfaces, found)
    log.warning("%s: %s", found.name, "restored" if there else "is not there any more")
    journal.forget_port(found.name)


async def undo_aggregate(interfaces: Interfaces, journal: Journal, name: str) -> None:
    """Delete the interfaces of an aggregate, and its entry in the journal."""
    await ClientDevice.delete(interfaces, journal.aggregates[name])
    journal.forget_aggregate(name)
