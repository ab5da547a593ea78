"""One agr interface: its device, its data path, its ports, and its carrier."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from agr.core.distribution import Distributor
from agr.daemon.client import ClientDevice, ClientLink
from agr.daemon.datapath import DataPath

log = logging.getLogger("agrd")


@dataclass
class Member:
    """A port of an aggregate."""

    name: str
    index: int
    mac: bytes
    collecting: bool = False


@dataclass
class Aggregate:
    """An agr interface and its ports, in the order in which they came.

    ``reason`` tells why its data path is not the one that is tried first.
    """

    device: ClientDevice
    path: DataPath
    reason: str | None
    distributor: Distributor
    members: dict[str, Member] = field(default_factory=dict)
    link: ClientLink = ClientLink.OFF

    @property
    def name(self) -> str:
        """As agr0."""
        return self.device.name

    @property
    def index(self) -> int:
        """Of its interface."""
        return self.device.index

    def refresh_link(self) -> None:
        """Carrier exactly while a port distributes (AG-20), dormant while ports only collect."""
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
            self.device.set_carrier(wanted)
        except OSError as error:
            log.warning("%s: its carrier could not be set: %s", self.name, error.strerror)
