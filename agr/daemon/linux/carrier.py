"""The carrier, speed and duplex of interfaces, watched.

rtnetlink alone is not enough: the kernel holds carrier events back for up to a second. So a timer in the
kernel looks each millisecond and wakes agrd where something has changed (`agr.daemon.linux.links`). Where
that cannot be had agrd polls, at a pace that costs no more with many ports. Every rtnetlink message of a
port is a reason to look at once.

A query may have to wait, so it is made in the kernel's thread. A loss that the timer reports is handled at
once, and the answer to an earlier query is dropped.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from agr.daemon.linux.ioctls import CarrierQuery, LinkSettings, is_called, link_settings
from agr.daemon.linux.kernelthread import KernelThread
from agr.daemon.linux.libbpf import Unavailable
from agr.daemon.linux.links import KernelLinks

log = logging.getLogger("agrd")

# Speed and duplex seldom change without the carrier: they are queried as often as this, port by port.
_ROUND_SECONDS = 1.0
_TURN_SECONDS = 0.1
# agrd's own poll of the carrier: a round of all ports costs about a hundredth of a processor.
_POLL_SECONDS = 0.005
_POLL_SECONDS_A_PORT = 0.0015


class LinkState(NamedTuple):
    """Carrier, and with it speed and duplex."""

    up: bool
    settings: LinkSettings


_DOWN = LinkState(False, LinkSettings(None, True))


class _Link:
    """An interface that is watched."""

    def __init__(self, interface: str, index: int) -> None:
        self.interface = interface
        self.index = index
        self.query, self.poll = CarrierQuery(interface), CarrierQuery(interface)  # one a thread
        self.state = _DOWN
        self.waits = False  # a query waits already: its answer is new enough for whoever wants one meanwhile
        self.losses = 0  # reported by the timer in the kernel

    def seems_new(self) -> bool:
        """Whether the carrier differs from the last state. Waits for the kernel's locks."""
        try:
            return self.poll() != self.state.up
        except OSError:
            return True

    def ask(self) -> _Answer:
        """The state now. Waits for the kernel's locks."""
        self.waits = False
        losses = self.losses
        try:
            state = LinkState(True, link_settings(self.interface)) if self.query() else _DOWN
        except OSError:
            state = None
        if not is_called(self.index, self.interface):
            state = None  # what was said is of another interface, if of any
        return _Answer(self, losses, state)


class _Answer(NamedTuple):
    """The answer to a query: ``state`` is None where the interface is gone, or has another name.

    ``losses`` are those reported before the query.
    """

    link: _Link
    losses: int
    state: LinkState | None


def _ask(some: Sequence[_Link]) -> list[_Answer]:
    return [link.ask() for link in some]


class CarrierWatch:
    """Calls ``changed(interface, state)`` at changes, ``missing(interface)`` at each query that finds none.

    An interface that is missing may be back a moment later, and is watched until it is removed.

    ``links`` is the timer in the kernel; None: agrd polls. Queries are made in the thread ``kernel``.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        changed: Callable[[str, LinkState], None],
        missing: Callable[[str], None],
        links: KernelLinks | None,
        kernel: KernelThread,
    ) -> None:
        self._loop = loop
        self._changed = changed
        self._missing = missing
        self._links = links
        self._kernel = kernel
        self._watched: dict[str, _Link] = {}
        self._names: dict[int, str] = {}
        self._turns: deque[str] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._polling: threading.Thread | None = None
        self._ended = threading.Event()
        if links is not None:
            loop.add_reader(links.fileno(), self._take)

    def add(self, interface: str, index: int) -> None:
        """Watch an interface; it counts as down, until a change is reported."""
        self._watched[interface] = _Link(interface, index)
        self._names[index] = interface
        self._turns.append(interface)
        if self._links is not None:
            self._watch_in_kernel(self._links, interface, index)
        self.check(interface)
        if self._timer is None:
            self._timer = self._loop.call_later(_TURN_SECONDS, self._turn)
        if self._links is None and self._polling is None:
            self._polling = threading.Thread(target=self._poll, name="carrier", daemon=True)
            self._polling.start()

    def _watch_in_kernel(self, links: KernelLinks, interface: str, index: int) -> None:
        try:
            links.add(index)
        except OSError as error:
            log.warning("%s: a loss of carrier is noticed late: %s", interface, error.strerror)

    def remove(self, interface: str) -> None:
        """Stop watching; unknown names are no error."""
        link = self._watched.pop(interface, None)
        if link is None:
            return
        del self._names[link.index]
        self._turns.remove(interface)
        if self._links is not None:
            self._links.remove(link.index)
        if not self._watched:
            self._stop()

    def check(self, interface: str) -> None:
        """Query an interface soon. Nothing happens for interfaces that are not watched."""
        link = self._watched.get(interface)
        if link is not None:
            self._look([link])

    def _look(self, some: Iterable[_Link]) -> None:
        new = [link for link in some if not link.waits]
        if new:
            for link in new:
                link.waits = True
            self._kernel.do(_ask, new).add_done_callback(self._found)

    def _found(self, asking: asyncio.Future[list[_Answer]]) -> None:
        for link, losses, state in asking.result():
            if self._watched.get(link.interface) is not link or losses != link.losses:
                continue  # it is not watched any more, or was lost meanwhile: then its return is reported
            if state is None:
                self._missing(link.interface)
            else:
                self._report(link, state)

    def close(self) -> None:
        """Stop."""
        self._watched.clear()
        self._stop()
        self._ended.set()
        if self._polling is not None:
            self._polling.join()
        if self._links is not None:
            self._loop.remove_reader(self._links.fileno())
            self._links.close()

    def _report(self, link: _Link, state: LinkState) -> None:
        if state != link.state:
            link.state = state
            self._changed(link.interface, state)

    def _take(self) -> None:
        """Handle what the timer in the kernel reports. A loss needs no query."""
        assert self._links is not None
        for change in self._links.take():
            interface = self._names.get(change.ifindex)
            if interface is None:
                continue
            link = self._watched[interface]
            if change.lost:
                link.losses += 1
                self._report(link, _DOWN)
            if change.up:
                self.check(interface)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _turn(self) -> None:
        """Query the interfaces whose turn it is."""
        self._timer = self._loop.call_later(_TURN_SECONDS, self._turn)
        count = int(-(-len(self._turns) * _TURN_SECONDS // _ROUND_SECONDS))
        some = [self._watched[interface] for interface in islice(self._turns, count)]
        self._turns.rotate(-count)
        self._look(some)

    def _poll(self) -> None:
        """Poll all interfaces, in a thread of its own; the loop is told of those that may have changed."""
        while not self._ended.wait(max(_POLL_SECONDS, _POLL_SECONDS_A_PORT * len(self._watched))):
            for link in tuple(self._watched.values()):
                if link.seems_new():
                    self._loop.call_soon_threadsafe(self.check, link.interface)


def open_kernel_links() -> KernelLinks | None:
    """The timer in the kernel; None, and the log tells why, where it cannot be had."""
    try:
        return KernelLinks()
    except Unavailable as unavailable:
        log.warning("agrd polls the carrier of its ports, a loss is noticed later: %s", unavailable)
        return None
