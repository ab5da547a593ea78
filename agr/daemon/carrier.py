"""Watches the carrier of the ports.

rtnetlink alone is not enough: the kernel holds carrier events back for up to a second. So a timer in the
kernel looks each millisecond and wakes agrd where something has changed (`agr.daemon.bpf.links`). Where that
cannot be had agrd asks by itself, at a pace that costs no more with many ports. Every rtnetlink message of a
port is a reason to look at once.

Whoever asks may have to wait, so that is done in the kernel's thread. A loss that the timer tells of waits
for nobody, and an answer that it has overtaken is dropped.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from agr.daemon.bpf.libbpf import Unavailable
from agr.daemon.bpf.links import KernelLinks
from agr.daemon.ioctls import CarrierQuery, LinkSettings, link_settings
from agr.daemon.kernelthread import KernelThread

log = logging.getLogger("agrd")

# Speed and duplex seldom change without the carrier: they are asked for as often as this, port by port.
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


class _Watched:
    def __init__(self, interface: str, index: int) -> None:
        self.interface = interface
        self.index = index
        self.query, self.poll = CarrierQuery(interface), CarrierQuery(interface)  # one a thread
        self.state = _DOWN
        self.waits = False  # to be asked about: what is found then is new enough for whoever asks meanwhile
        self.losses = 0  # that the kernel has told of

    def seems_new(self) -> bool:
        """Whether a closer look is worth it. Waits for the kernel's locks."""
        try:
            return self.poll() != self.state.up
        except OSError:
            return True

    def ask(self) -> _Answer:
        """How it is now. Waits for the kernel's locks."""
        self.waits = False
        losses = self.losses
        try:
            state = LinkState(True, link_settings(self.interface)) if self.query() else _DOWN
        except OSError:
            state = None
        return _Answer(self, losses, state)


class _Answer(NamedTuple):
    """``state`` is None where nothing of that name is there; ``losses`` of before the kernel was asked."""

    watched: _Watched
    losses: int
    state: LinkState | None


def _ask(some: Sequence[_Watched]) -> list[_Answer]:
    return [watched.ask() for watched in some]


class CarrierWatch:
    """Calls ``changed(interface, state)`` at each change, ``gone(interface)`` when there is none of that
    name, each time that it looks, until it is removed: it may be back a moment later.

    ``links`` does the watching; None: agrd polls. ``kernel`` is asked.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        changed: Callable[[str, LinkState], None],
        gone: Callable[[str], None],
        links: KernelLinks | None,
        kernel: KernelThread,
    ) -> None:
        self._loop = loop
        self._changed = changed
        self._gone = gone
        self._links = links
        self._kernel = kernel
        self._watched: dict[str, _Watched] = {}
        self._names: dict[int, str] = {}
        self._turns: deque[str] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._polling: threading.Thread | None = None
        self._ended = threading.Event()
        if links is not None:
            loop.add_reader(links.fileno(), self._take)

    def add(self, interface: str, index: int) -> None:
        """Watch an interface that counts as down; reports soon when it is up."""
        self._watched[interface] = _Watched(interface, index)
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
        watched = self._watched.pop(interface, None)
        if watched is None:
            return
        del self._names[watched.index]
        self._turns.remove(interface)
        if self._links is not None:
            self._links.remove(watched.index)
        if not self._watched:
            self._stop()

    def check(self, interface: str) -> None:
        """Look soon. Nothing happens for interfaces that are not watched."""
        watched = self._watched.get(interface)
        if watched is not None:
            self._look([watched])

    def _look(self, some: Iterable[_Watched]) -> None:
        new = [watched for watched in some if not watched.waits]
        if new:
            for watched in new:
                watched.waits = True
            self._kernel.do(_ask, new).add_done_callback(self._found)

    def _found(self, asking: asyncio.Future[list[_Answer]]) -> None:
        for watched, losses, state in asking.result():
            if self._watched.get(watched.interface) is not watched or losses != watched.losses:
                continue  # it is not watched any more, or was lost meanwhile: then its return is told of
            if state is None:
                self._gone(watched.interface)
            else:
                self._report(watched, state)

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

    def _report(self, watched: _Watched, state: LinkState) -> None:
        if state != watched.state:
            watched.state = state
            self._changed(watched.interface, state)

    def _take(self) -> None:
        """What the kernel tells. A loss needs no question."""
        assert self._links is not None
        for change in self._links.take():
            interface = self._names.get(change.ifindex)
            if interface is None:
                continue
            watched = self._watched[interface]
            if change.lost:
                watched.losses += 1
                self._report(watched, _DOWN)
            if change.up:
                self.check(interface)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _turn(self) -> None:
        """Look at the ports whose turn it is."""
        self._timer = self._loop.call_later(_TURN_SECONDS, self._turn)
        count = int(-(-len(self._turns) * _TURN_SECONDS // _ROUND_SECONDS))
        some = [self._watched[interface] for interface in islice(self._turns, count)]
        self._turns.rotate(-count)
        self._look(some)

    def _poll(self) -> None:
        """Look at all of them, again and again: in a thread of its own, the loop is told of news only."""
        while not self._ended.wait(max(_POLL_SECONDS, _POLL_SECONDS_A_PORT * len(self._watched))):
            for watched in tuple(self._watched.values()):
                if watched.seems_new():
                    self._loop.call_soon_threadsafe(self.check, watched.interface)


def open_kernel_links() -> KernelLinks | None:
    """What watches in the kernel; None, and the log tells why, where it cannot be had."""
    try:
        return KernelLinks()
    except Unavailable as unavailable:
        log.warning("agrd polls the carrier of its ports, a loss is noticed later: %s", unavailable)
        return None
