"""Watches the carrier of the ports.

rtnetlink alone is not enough: the kernel holds carrier events back for up to a second. So a timer in the
kernel looks each millisecond and wakes agrd where something has changed (`agr.daemon.bpf.links`). Where that
cannot be had agrd asks by itself, at a pace that costs no more with many ports. Every rtnetlink message of a
port is a reason to look at once.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from agr.daemon.bpf.libbpf import Unavailable
from agr.daemon.bpf.links import KernelLinks
from agr.daemon.ioctls import CarrierQuery, LinkSettings, link_settings

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
        self.index = index
        self.query = CarrierQuery(interface)
        self.state = _DOWN


class CarrierWatch:
    """Calls ``changed(interface, state)`` at each change, ``gone(interface)`` when there is none any more.

    ``kernel`` does the watching; None: agrd polls.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        changed: Callable[[str, LinkState], None],
        gone: Callable[[str], None],
        kernel: KernelLinks | None,
    ) -> None:
        self._loop = loop
        self._changed = changed
        self._gone = gone
        self._kernel = kernel
        self._watched: dict[str, _Watched] = {}
        self._names: dict[int, str] = {}
        self._turns: deque[str] = deque()
        self._timers: list[asyncio.TimerHandle] = []
        if kernel is not None:
            loop.add_reader(kernel.fileno(), self._take)

    def add(self, interface: str, index: int) -> None:
        """Watch an interface that counts as down; reports at once when it is up."""
        self._watched[interface] = _Watched(interface, index)
        self._names[index] = interface
        self._turns.append(interface)
        if self._kernel is not None:
            self._watch_in_kernel(self._kernel, interface, index)
        self.check(interface)
        if not self._timers:
            self._start()

    def _watch_in_kernel(self, kernel: KernelLinks, interface: str, index: int) -> None:
        try:
            kernel.add(index)
        except OSError as error:
            log.warning("%s: a loss of carrier is noticed late: %s", interface, error.strerror)

    def remove(self, interface: str) -> None:
        """Stop watching; unknown names are no error."""
        watched = self._watched.pop(interface, None)
        if watched is None:
            return
        del self._names[watched.index]
        self._turns.remove(interface)
        if self._kernel is not None:
            self._kernel.remove(watched.index)
        if not self._watched:
            self._stop()

    def check(self, interface: str, *, settings: bool = False) -> None:
        """Look now, at speed and duplex of a link that stays up only with ``settings``.

        Nothing happens for interfaces that are not watched.
        """
        watched = self._watched.get(interface)
        if watched is None:
            return
        try:
            up = watched.query()
            if up == watched.state.up and not (up and settings):
                return
            state = LinkState(True, link_settings(interface)) if up else _DOWN
        except OSError as error:
            if error.errno != errno.ENODEV:
                raise
            self.remove(interface)
            self._gone(interface)
            return
        self._report(interface, watched, state)

    def close(self) -> None:
        """Stop."""
        self._watched.clear()
        self._stop()
        if self._kernel is not None:
            self._loop.remove_reader(self._kernel.fileno())
            self._kernel.close()

    def _report(self, interface: str, watched: _Watched, state: LinkState) -> None:
        if state != watched.state:
            watched.state = state
            self._changed(interface, state)

    def _take(self) -> None:
        """What the kernel tells. A loss needs no question, which might wait for the kernel's locks."""
        assert self._kernel is not None
        for change in self._kernel.take():
            interface = self._names.get(change.ifindex)
            if interface is None:
                continue
            if change.lost:
                self._report(interface, self._watched[interface], _DOWN)
            if change.up:
                self.check(interface, settings=True)

    def _start(self) -> None:
        self._timers = [self._loop.call_later(_TURN_SECONDS, self._turn)]
        if self._kernel is None:
            self._timers.append(self._loop.call_later(_POLL_SECONDS, self._poll))

    def _stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers = []

    def _turn(self) -> None:
        """Look at the ports whose turn it is, with all their settings."""
        self._timers[0] = self._loop.call_later(_TURN_SECONDS, self._turn)
        count = -(-len(self._turns) * _TURN_SECONDS // _ROUND_SECONDS)
        for _ in range(int(count)):
            if self._turns:  # a port that is gone leaves
                interface = self._turns[0]
                self._turns.rotate(-1)
                self.check(interface, settings=True)

    def _poll(self) -> None:
        pause = max(_POLL_SECONDS, _POLL_SECONDS_A_PORT * len(self._watched))
        self._timers[1] = self._loop.call_later(pause, self._poll)
        for interface in tuple(self._watched):
            self.check(interface)


def open_kernel_links() -> KernelLinks | None:
    """What watches in the kernel; None, and the log tells why, where it cannot be had."""
    try:
        return KernelLinks()
    except Unavailable as unavailable:
        log.warning("agrd polls the carrier of its ports, a loss is noticed later: %s", unavailable)
        return None
