"""Transmit queue of a tester's port: frames that the interface does not take now are sent when it does."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness.net.packet_socket import PASSING
from harness.verdict import BenchBroken, BenchError
from harness.wire.loop import Loop

RETRY_TIME = 0.001
"""Seconds until a port that did not take a frame is asked again."""

FRAMES_AT_ONCE = 64
"""Frames that waited and are sent in one call of the loop."""


@dataclass
class Delay:
    """Frames that were sent late: how many, the longest delay in seconds, and errno's words on why."""

    where: str = ""
    frames: int = 0
    longest: float = 0.0
    why: str = ""

    def text(self) -> str:
        """One line for messages."""
        late = f"up to {self.longest * 1e3:.0f} ms late"
        return f"{self.where}: frames sent {late}: {self.frames} ({self.why})"


class Outbox:
    """Sends in order. ``offer`` hands a frame to the port and raises OSError; ``where`` names the port.

    A frame that a passing fault keeps waits here, and those behind it; the loop's timer tries again without
    holding the lock in between. One that has waited for ``patience`` seconds breaks the bench. While it is
    `unqueued` none waits.
    """

    def __init__(self, loop: Loop, offer: Callable[[bytes], object], where: str, patience: float) -> None:
        self._loop = loop
        self._offer = offer
        self._where = where
        self._patience = patience
        self._guard = threading.Lock()  # never held while the loop's lock is waited for
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._due = False
        self._queues = True
        self._delay = Delay(where)
        self._broken: BenchBroken | None = None

    @property
    def waiting(self) -> bool:
        """Whether frames wait."""
        return bool(self._waiting)

    @property
    def delay(self) -> Delay:
        """The frames sent late since `forget`, those that still wait included."""
        with self._guard:
            found = self._delay
            if not self._waiting:
                return found
            age = self._loop.now() - self._waiting[0][0]
            frames = found.frames + len(self._waiting)
            return Delay(self._where, frames, max(found.longest, age), found.why)

    def send(self, frame: bytes) -> None:
        """Send it now, or as soon as the port takes it.

        Raises BenchError for a fault that does not pass, and for any while `unqueued`; BenchBroken where one
        did not pass in time.
        """
        with self._guard:
            if self._broken is not None:
                raise self._broken
            if not self._waiting and self._taken(frame):
                return
            if not self._queues:
                raise BenchError(f"{self._where}: cannot send: {self._delay.why}")
            self._waiting.append((self._loop.now(), frame))
            due, self._due = self._due, True
        if not due:
            self._loop.call_at(self._loop.now() + RETRY_TIME, self._try_again)

    @contextmanager
    def unqueued(self) -> Iterator[None]:
        """While the block runs nothing waits; what waited before is dropped."""
        with self._guard:
            self._queues = False
            self._waiting.clear()
        try:
            yield
        finally:
            with self._guard:
                self._queues = True

    def discard(self) -> None:
        """Drop the frames that wait."""
        with self._guard:
            self._waiting.clear()

    def forget(self) -> None:
        """Drop the frames that wait, and the delay so far: a new testcase begins."""
        with self._guard:
            self._waiting.clear()
            self._delay = Delay(self._where)

    def _try_again(self) -> None:
        try:
            with self._guard:
                self._send_waiting()
                self._check_age()
        finally:
            with self._guard:
                self._due = bool(self._waiting)
            if self._due:
                self._loop.call_at(self._loop.now() + RETRY_TIME, self._try_again)

    def _send_waiting(self) -> None:
        for _ in range(FRAMES_AT_ONCE):
            if not self._waiting:
                return
            since, frame = self._waiting[0]
            try:
                if not self._taken(frame):
                    return
            except BenchError:
                self._waiting.popleft()
                raise
            self._waiting.popleft()
            self._delay.frames += 1
            self._delay.longest = max(self._delay.longest, self._loop.now() - since)

    def _check_age(self) -> None:
        if self._waiting and self._loop.now() - self._waiting[0][0] > self._patience:
            self._waiting.clear()
            self._broken = BenchBroken(
                f"{self._where}: cannot send for {self._patience:g} s (limits.link_up): {self._delay.why}"
            )
            raise self._broken

    def _taken(self, frame: bytes) -> bool:
        try:
            self._offer(frame)
        except OSError as error:
            words = os.strerror(error.errno or 0)
            if error.errno not in PASSING:
                raise BenchError(f"{self._where}: cannot send: {words}") from None
            self._delay.why = words
            return False
        return True
