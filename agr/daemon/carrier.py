"""Watches the carrier of the ports.

rtnetlink alone is not enough: the kernel holds carrier events back for up to a second. So the carrier is
polled, and every rtnetlink message of a port is a reason to look at once.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from typing import NamedTuple

from agr.daemon.ioctls import CarrierQuery, LinkSettings, link_settings

POLL_SECONDS = 0.01
_POLLS_A_SETTINGS_CHECK = 100  # speed and duplex seldom change without the carrier


class LinkState(NamedTuple):
    """Carrier, and with it speed and duplex."""

    up: bool
    settings: LinkSettings


_DOWN = LinkState(False, LinkSettings(None, True))


class _Watched:
    def __init__(self, interface: str) -> None:
        self.query = CarrierQuery(interface)
        self.state = _DOWN


class CarrierWatch:
    """Calls ``changed(interface, state)`` at each change, ``gone(interface)`` when there is none any more."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        changed: Callable[[str, LinkState], None],
        gone: Callable[[str], None],
    ) -> None:
        self._loop = loop
        self._changed = changed
        self._gone = gone
        self._watched: dict[str, _Watched] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._polls = 0

    def add(self, interface: str) -> None:
        """Watch an interface that counts as down; reports at once when it is up."""
        self._watched[interface] = _Watched(interface)
        self.check(interface)
        if self._timer is None:
            self._timer = self._loop.call_later(POLL_SECONDS, self._poll)

    def remove(self, interface: str) -> None:
        """Stop watching; unknown names are no error."""
        self._watched.pop(interface, None)

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
        if state != watched.state:
            watched.state = state
            self._changed(interface, state)

    def close(self) -> None:
        """Stop."""
        self._watched.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _poll(self) -> None:
        self._timer = self._loop.call_later(POLL_SECONDS, self._poll) if self._watched else None
        self._polls += 1
        settings = self._polls % _POLLS_A_SETTINGS_CHECK == 0
        for interface in tuple(self._watched):
            self.check(interface, settings=settings)
