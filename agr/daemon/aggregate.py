"""One agr interface: the veth pair, its data path, and its carrier."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from enum import Enum

from agr.core.distribution import Distributor
from agr.daemon import ioctls, rtnetlink
from agr.daemon.datapath import DataPath

log = logging.getLogger("agrd")


class ClientLink(Enum):
    """What agr0 shows its users: NO-CARRIER, able to receive only, or running."""

    OFF = "no carrier"
    DORMANT = "dormant: ports collect, none distributes"
    RUNNING = "running"


@dataclass
class Member:
    """A port of an aggregate."""

    name: str
    index: int
    mac: bytes
    collecting: bool = False


@dataclass
class Aggregate:
    """An agr interface and its ports, in the order in which they came."""

    name: str
    index: int
    mate: str
    path: DataPath
    distributor: Distributor
    members: dict[str, Member] = field(default_factory=dict)
    link: ClientLink = ClientLink.OFF

    def refresh_link(self) -> None:
        """Carrier exactly while a port distributes (AG-20).

        veth has carrier while both ends are up, but delivers nothing without; a port that only collects
        delivers all the same. In that state the interface is DORMANT instead, which takes away RUNNING.
        """
        if self.distributor.ports:
            wanted = ClientLink.RUNNING
        elif any(member.collecting for member in self.members.values()):
            wanted = ClientLink.DORMANT
        else:
            wanted = ClientLink.OFF
        if wanted is self.link:
            return
        log.info("%s: %s", self.name, wanted.value)
        self.link = wanted
        try:
            if wanted is not ClientLink.OFF:
                rtnetlink.set_running(self.index, wanted is ClientLink.RUNNING)
            ioctls.set_up(self.mate, wanted is not ClientLink.OFF)
        except OSError as error:
            log.warning("%s: its carrier could not be set: %s", self.name, error.strerror)
