"""One agr interface: its device, its data path, its ports, and its carrier."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial

from agr.core.distribution import Distributor
from agr.daemon.client import ClientDevice, ClientLink
from agr.daemon.datapath.datapath import DataPath

log = logging.getLogger("agrd")

_REPORTS = 20  # as many as the status keeps


@dataclass(frozen=True)
class Report:
    """Something that the operator should know: ``time`` in seconds since 1970."""

    time: float
    text: str


@dataclass
class Member:
    """A port of an aggregate, with what is known of its interface.

    ``detach`` is the task that detaches it, None before; its interface is restored when the task is done.
    """

    name: str
    index: int
    mac: bytes
    up: bool = True
    addresses: set[str] = field(default_factory=set)
    collecting: bool = False
    delivers: bool = False  # frames that it receives go to agr0: it is Collecting, and agr0 can receive
    detach: asyncio.Task[None] | None = None
    warnings: list[str] = field(default_factory=list)  # of its detach, for whoever asked for it
    detached: asyncio.Event = field(default_factory=asyncio.Event)  # the core has no such port any more


@dataclass
class Aggregate:
    """An agr interface and its ports, in the order in which they were attached.

    ``reason`` tells why its data path is not the one that is tried first. ``mtu`` is agr0's as the ports have
    it, ``mac`` is agr0's as agrd knows it, ``other_name`` one that somebody has given agr0. ``lock``
    is for changes of which ports there are, and of their settings.
    """

    device: ClientDevice
    path: DataPath
    reason: str | None
    distributor: Distributor
    mtu: int
    mac: bytes
    members: dict[str, Member] = field(default_factory=dict)
    link: ClientLink = ClientLink.OFF
    shown: ClientLink = ClientLink.OFF  # as far as agr0 shows it already
    deleted: bool = False  # its interface, behind agrd's back
    other_name: str | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    reports: deque[Report] = field(default_factory=lambda: deque(maxlen=_REPORTS))
    _changes: int = 0  # of ``link``

    @property
    def name(self) -> str:
        """The name of its interface, as agr0."""
        return self.device.name

    @property
    def index(self) -> int:
        """The ifindex of its interface."""
        return self.device.index

    def report(self, text: str) -> None:
        """Tell the operator, in the log and in the status; ``text`` names the interface that it is about."""
        log.warning("%s: %s", self.name, text)
        self.reports.append(Report(time.time(), text))

    def refresh_link(self) -> None:
        """Give agr0 carrier exactly while a port distributes (AG-20): dormant while ports only collect."""
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
        self._changes += 1
        if wanted is ClientLink.OFF:
            self.shown = wanted
        showing = self.device.kernel.do(self._show, wanted, self._changes)
        showing.add_done_callback(partial(self._has_shown, wanted, self._changes))

    def _show(self, link: ClientLink, change: int) -> None:
        """In the kernel's thread. Does nothing where a later change has overtaken this one."""
        if change != self._changes:
            return
        try:
            self.device.set_carrier(link)
        except OSError as error:
            log.warning("%s: its carrier could not be set: %s", self.name, error.strerror)

    def _has_shown(self, link: ClientLink, change: int, _: asyncio.Future[None]) -> None:
        if change == self._changes:
            self.shown = link
            self.collect()

    def collect(self) -> None:
        """Deliver to agr0 what Collecting ports receive, as soon as it has carrier."""
        if self.shown is ClientLink.OFF:
            return
        for member in self.members.values():
            if member.collecting and not member.delivers:
                member.delivers = True
                self.path.set_collecting(member.name, True)
