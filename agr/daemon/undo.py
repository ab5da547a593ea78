"""Undoing what an agrd left that was killed."""

from __future__ import annotations

import logging

from agr.daemon.interfaces import Interfaces
from agr.daemon.journal import Journal
from agr.daemon.members import give_back
from agr.daemon.service import undo_aggregate

log = logging.getLogger("agrd")


async def undo_all(interfaces: Interfaces, journal: Journal) -> list[str]:
    """Give all ports of the journal back, delete its interfaces. Returns the names of the aggregates."""
    names = list(journal.aggregates)
    for found in tuple(journal.ports.values()):
        there = await give_back(interfaces, found)
        log.warning("%s: %s", found.name, "made what it was" if there else "is gone meanwhile")
        del journal.ports[found.name]
        journal.save()
    for name in names:
        await undo_aggregate(interfaces, journal, name)
        log.warning("%s: removed what a killed agrd left", name)
    return names
