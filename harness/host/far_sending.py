"""Sends the frames of one interface in order, at the far end of an SSH connection (`harness.host.far_end`).

The queue is there, so that a port which is busy or down for a moment holds up nothing else.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable

from harness.net.packet_socket import PASSING

RETRY_TIME = 0.001
"""Seconds until a port that did not take a frame is asked again."""

Done = Callable[[str], None]
"""Told what the fault was in words, "" where the frame has gone."""


class Sending(threading.Thread):
    """``offer`` hands a frame to the port and raises OSError. A fault that may pass is given ``patience``
    seconds to do so; the frames behind it wait too."""

    def __init__(self, offer: Callable[[bytes], object], patience: float) -> None:
        super().__init__(daemon=True)
        self._offer = offer
        self._patience = patience
        self._waiting: deque[tuple[bytes, Done]] = deque()
        self._changed = threading.Condition()
        self._discards = 0
        self._ended = False
        self.start()

    def put(self, frame: bytes, done: Done) -> None:
        """Send it when those before it have gone."""
        with self._changed:
            self._waiting.append((frame, done))
            self._changed.notify()

    def discard(self) -> None:
        """Drop what waits."""
        with self._changed:
            self._waiting.clear()
            self._discards += 1

    def end(self) -> None:
        """Send nothing more."""
        with self._changed:
            self._ended = True
            self._discards += 1
            self._changed.notify()

    def run(self) -> None:
        """Until it is to end."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                if self._ended:
                    return
                frame, done = self._waiting.popleft()
                discards = self._discards
            done(self._sent(frame, discards))

    def _sent(self, frame: bytes, discards: int) -> str:
        deadline = time.monotonic() + self._patience
        while self._discards == discards:
            try:
                self._offer(frame)
                break
            except OSError as error:
                if error.errno not in PASSING or time.monotonic() >= deadline:
                    return os.strerror(error.errno or 0)
            time.sleep(RETRY_TIME)
        return ""
