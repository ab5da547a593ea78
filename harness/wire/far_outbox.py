"""Frames on their way to a tester's port that is elsewhere, and how late they leave there."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from harness.pdu import Frame
from harness.verdict import BenchError
from harness.wire.loop import Loop
from harness.wire.outbox import Delay

SHOWN = 0.02
"""Seconds up to which a frame is not late: any bench is."""

MOST = 4096
"""Frames under way that are remembered."""

_SHORTEST = 60  # octets of a frame: a driver may have filled it up


class UnderWay(NamedTuple):
    """A frame that was handed over at a bench time, when frames from there came so many seconds late."""

    frame: bytes
    since: float
    behind: float


class FarOutbox:
    """Hands frames over in order. ``offer`` sends one there, ``discard`` drops what waits there; ``where`` is
    the port in words.

    That a frame has left, and when, is known by the capture there (`left`). It is late by the time since it
    was handed over and by that of the last frame on its way here (`came`), which it may have answered: what
    a station here says is so much later on the wire than that of one there. A frame that the capture does
    not show for ``patience`` seconds is not waited for any more.
    """

    def __init__(
        self,
        loop: Loop,
        offer: Callable[[bytes], object],
        discard: Callable[[], object],
        where: str,
        patience: float,
    ) -> None:
        self._loop = loop
        self._offer = offer
        self._discard = discard
        self._patience = patience
        self._guard = threading.Lock()  # never held while the loop's lock is waited for
        self._under_way: deque[UnderWay] = deque(maxlen=MOST)
        self._behind = 0.0
        self._nothing = Delay(where, why="the way there and back")
        self._delay = replace(self._nothing)

    @property
    def waiting(self) -> bool:
        """Whether frames are under way."""
        with self._guard:
            return bool(self._under_way) and self._loop.now() - self._under_way[-1].since < self._patience

    @property
    def delay(self) -> Delay:
        """The frames that left late since `forget`, and those that would if they left now."""
        with self._guard:
            found = replace(self._delay)
            now = self._loop.now()
            for each in self._under_way:
                _count(found, now - each.since + each.behind)
            return found

    def send(self, frame: bytes) -> None:
        """Send it there. Raises BenchError where that cannot be."""
        with self._guard:
            self._under_way.append(UnderWay(frame, self._loop.now(), self._behind))
            try:
                self._offer(frame)
            except BenchError:
                self._under_way.pop()
                raise

    def came(self, frame: Frame) -> None:
        """A frame that came in there is known here now."""
        with self._guard:
            self._behind = max(0.0, self._loop.now() - float(frame.time))

    def left(self, frame: Frame) -> None:
        """A frame has left the port. What was handed over before it never will."""
        with self._guard:
            for number, each in enumerate(self._under_way):
                if frame.data in (each.frame, each.frame.ljust(_SHORTEST, b"\0")):
                    _count(self._delay, float(frame.time) - each.since + each.behind)
                    for _ in range(number + 1):
                        self._under_way.popleft()
                    return

    @contextmanager
    def unqueued(self) -> Iterator[None]:
        """What waits there when the block begins, or ends, is dropped; `delay` tells of what left between."""
        self.discard()
        try:
            yield
        finally:
            self.discard()

    def discard(self) -> None:
        """Drop the frames that wait there."""
        with self._guard:
            self._under_way.clear()
        self._discard()

    def forget(self) -> None:
        """Drop the frames that wait, and the delay so far: a new testcase begins."""
        self.discard()
        with self._guard:
            self._delay = replace(self._nothing)
            self._behind = 0.0


def _count(delay: Delay, late: float) -> None:
    if late > SHOWN:
        delay.frames += 1
        delay.longest = max(delay.longest, late)
