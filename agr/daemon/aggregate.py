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
from agr.daemon.datapath import DataPath

log = logging.getLogger("agrd")

_REPORTS = 20  # as many as the status keeps


@dataclass(frozen=True)
class Report:
    """Something that the operator should know: ``time`` in seconds since 1970."""

    time: float
    text: str


@dataclass
class Member:
    """A port of an aggregate. ``departure`` is under way from the request to leave until it is given back.

    ``mac``, ``up`` and ``addresses`` are what is known of its interface.
    """

    name: str
    index: int
    mac: bytes
    up: bool = True
    addresses: set[str] = field(default_factory=set)
    collecting: bool = False
    delivers: bool = False  # what it receives while Collecting: when agr0 can take it
    departure: asyncio.Task[None] | None = None
    warnings: list[str] = field(default_factory=list)  # of its departure, for whoever asked for it
    left: asyncio.Event = field(default_factory=asyncio.Event)  # the core has forgotten it


@dataclass
class Aggregate:
    """An agr interface and its ports, in the order in which they came.

    ``reason`` tells why its data path is not the one that is tried first. ``mtu`` is agr0's as the ports have
    it, ``mac`` is agr0's as agrd knows it. Whoever holds ``lock`` alone changes which ports there are, or
    their settings.
    """

    device: ClientDevice
    path: DataPath
    reason: str | None
    distributor: Distributor
    mtu: int
    mac: bytes
    members: dict[str, Member] = field(default_factory=dict)
    link: ClientLink = ClientLink.OFF
    shown: ClientLink = ClientLink.OFF  # what agr0 shows already
    gone: bool = False  # its interface was deleted behind agrd's back
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    reports: deque[Report] = field(default_factory=lambda: deque(maxlen=_REPORTS))
    _changes: int = 0  # of ``link``

    @property
    def name(self) -> str:
        """As agr0."""
        return self.device.name

    @property
    def index(self) -> int:
        """Of its interface."""
        return self.device.index

    def report(self, text: str) -> None:
        """Tell the operator, in the log and in the status; ``text`` names the interface that it is about."""
        log.warning("%s: %s", self.name, text)
        self.reports.append(Report(time.time(), text))

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
        self._changes += 1
        if wanted is ClientLink.OFF:
            self.shown = wanted
        showing = self.device.kernel.do(self._show, wanted, self._changes)
        showing.add_done_callback(partial(self._has_shown, wanted, self._changes))

    def _show(self, link: ClientLink, change: int) -> None:
        """In the kernel's thread: nothing where a later change has overtaken this one."""
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
        """Let the client have what its Collecting ports receive, if it can take it already."""
        if self.shown is ClientLink.OFF:
            return
        for member in self.members.values():
            if member.collecting and not member.delivers:
                member.delivers = True
                self.path.set_collecting(member.name, True)
