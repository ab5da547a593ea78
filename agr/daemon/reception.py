"""The settings of a port by which it receives all frames, each as it was sent: promiscuous, without LRO."""

from __future__ import annotations

import logging

from agr.daemon.journal import FoundPort
from agr.daemon.linux.interfaces import Interfaces
from agr.daemon.linux.ioctls import set_lro

log = logging.getLogger("agrd")


async def prepare(interfaces: Interfaces, found: FoundPort) -> None:
    """Make a port promiscuous, and switch large receive offload off. Raises OSError.

    Promiscuous: the port keeps its own address, and agr0's is another one; drivers open their VLAN filter
    then as well. By the interface's flag, which outlives a killed agrd, as does the data path in the kernel.
    LRO joins frames in a way that cannot be undone for those that go on through a bridge or a router behind
    agr0. A VLAN tag that the hardware takes out of the frame needs nothing: data paths look for it beside it.
    """
    await interfaces.set_promiscuous(found.index, True)
    if found.lro:
        try:
            await interfaces.kernel.do(set_lro, found.index, False)
        except OSError as error:
            log.warning("%s: large receive offload stays on: %s", found.name, error.strerror)


async def restore(interfaces: Interfaces, found: FoundPort) -> None:
    """Undo `prepare`; where a port has a master now LRO stays off, as bridges want it. Raises OSError."""
    if not found.promiscuous:
        await interfaces.set_promiscuous(found.index, False)
    now = await interfaces.find_index(found.index)
    if found.lro and now is not None and now.master is None:
        await interfaces.kernel.do(set_lro, found.index, True)
