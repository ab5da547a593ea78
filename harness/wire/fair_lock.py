"""A re-entrant lock that waiting threads get in turn; Python's own may starve one of them."""

from __future__ import annotations

import sys
import threading
from collections import deque
from pathlib import Path
from types import TracebackType

from harness.verdict import BenchBroken

LOCK_TIME = 30.0
"""Seconds of waiting for the lock after which whoever holds it counts as hung."""

_CALLS = 4  # that are told of a thread
_LOOK = 1.0  # a process that was stopped for long has waited for one look


class FairLock:
    """A re-entrant lock, handed over in the order in which threads have asked for it.

    Who lets go of it and asks again stands behind all who wait by then. As a context it waits for
    `LOCK_TIME` at most, and raises BenchBroken.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._owner: int | None = None
        self._depth = 0
        self._waiting: deque[tuple[int, threading.Lock]] = deque()

    @property
    def wanted(self) -> bool:
        """Whether a thread waits for it."""
        return bool(self._waiting)

    def owned(self) -> bool:
        """Whether the calling thread holds it."""
        return self._owner == threading.get_ident()

    def acquire(self, seconds: float | None = None) -> bool:
        """Wait for it, for so many seconds at most; gives whether the caller has it."""
        me = threading.get_ident()
        with self._guard:
            if self._owner in (None, me):
                self._owner = me
                self._depth += 1
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append((me, turn))
        try:
            if _wait(turn, seconds):
                return True
        except BaseException:  # an interrupt: nobody is to be waited for who has left
            if self._stand_back(turn):
                self.release()
            raise
        return self._stand_back(turn)

    def release(self) -> None:
        """Release it to the thread that has waited longest."""
        with self._guard:
            if not self.owned():
                raise RuntimeError("a lock is let go of by a thread that does not hold it")
            self._depth -= 1
            if self._depth:
                return
            self._owner = None
            if self._waiting:
                self._owner, turn = self._waiting.popleft()
                self._depth = 1
                turn.release()

    def _stand_back(self, turn: threading.Lock) -> bool:
        """Leave the queue. True where the lock was handed to this thread already."""
        with self._guard:
            left = [one for one in self._waiting if one[1] is not turn]
            given = len(left) == len(self._waiting)
            self._waiting = deque(left)
            return given

    def __enter__(self) -> None:
        if not self.acquire(LOCK_TIME):
            holder = whereabouts(self._owner)
            raise BenchBroken(f"the lock of the bench's loop is held for {LOCK_TIME:g} s already, {holder}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _wait(turn: threading.Lock, seconds: float | None) -> bool:
    if seconds is None:
        return turn.acquire()
    while seconds > 0:
        if turn.acquire(timeout=min(seconds, _LOOK)):
            return True
        seconds -= _LOOK
    return False


def whereabouts(thread: int | None) -> str:
    """Where a thread is at work, by its identifier: the function and those that called it."""
    frame = sys._current_frames().get(thread or 0)
    calls: list[str] = []
    while frame is not None and len(calls) < _CALLS:
        code = frame.f_code
        calls.append(f"{code.co_qualname} ({Path(code.co_filename).name}:{frame.f_lineno})")
        frame = frame.f_back
    return "in " + ", called by ".join(calls) if calls else "by a thread that has ended"
