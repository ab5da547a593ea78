"""Timers (43.4.10) and rate limits with exact deadlines instead of ticks."""

from __future__ import annotations

from collections import deque


class Timer:
    """One timer of clause 43: runs until its deadline, then is expired until it is started or stopped."""

    __slots__ = ("deadline", "expired")

    deadline: float | None
    expired: bool

    def __init__(self) -> None:
        self.stop()

    def start(self, now: float, seconds: float) -> None:
        """Run for ``seconds`` from ``now``."""
        self.deadline = now + seconds
        self.expired = False

    def stop(self) -> None:
        """Neither running nor expired."""
        self.deadline = None
        self.expired = False

    def fire(self, now: float) -> bool:
        """Expire where the deadline is reached. Returns whether it was."""
        due = self.deadline is not None and self.deadline <= now
        if due:
            self.deadline = None
            self.expired = True
        return due


class MarkerRate:
    """Frames of the Marker Protocol on one port: no more than ``count`` in any ``seconds``, in fair shares.

    ``own`` of them at most are Markers; while one waits, the Responses leave it that many.
    """

    def __init__(self, count: int, own: int, seconds: float) -> None:
        self._frames = RateLimit(count, seconds)
        self._markers = RateLimit(own, seconds)
        self._responses = RateLimit(count - own, seconds)

    def marker_allowed_at(self, now: float) -> float:
        """The earliest time, not before ``now``, for a Marker."""
        return max(self._frames.allowed_at(now), self._markers.allowed_at(now))

    def count_marker(self, now: float) -> None:
        """A Marker is to be sent; `marker_left` follows."""
        self._frames.decide(now)
        self._markers.decide(now)

    def marker_left(self, now: float) -> None:
        """The oldest Marker that is to be sent has left."""
        self._frames.left(now)
        self._markers.left(now)

    def response_allowed(self, now: float, marker_waits: bool) -> bool:
        """Whether a Response may be sent now."""
        limit = self._responses if marker_waits else self._frames  # with the Markers these are no more frames
        return limit.allowed_at(now) <= now

    def count_response(self, now: float) -> None:
        """A Response is to be sent; `response_left` follows."""
        self._frames.decide(now)
        self._responses.decide(now)

    def response_left(self, now: float) -> None:
        """The oldest Response that is to be sent has left."""
        self._frames.left(now)
        self._responses.left(now)

    def is_idle(self, now: float) -> bool:
        """Whether nothing that was counted matters any more."""
        return self._frames.is_idle(now)


class RateLimit:
    """No more than ``count`` events in any ``seconds``.

    A frame counts by the time at which it left, not by that of the decision: a host that is busy may need a
    while in between. Until then the frame keeps its place. A snapshot has none of these: what a killed host
    had not sent is not sent any more.
    """

    saved = ("_seconds", "_times")
    _under_way = 0  # so many have been decided and have not left: the latest of ``_times``, and more before

    def __init__(self, count: int, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=count)

    def allowed_at(self, now: float) -> float:
        """The earliest time, not before ``now``, at which one more event keeps the limit.

        Infinity where that depends on when a frame leaves that has not left yet.
        """
        if len(self._times) != self._times.maxlen:
            return now
        if self._under_way >= len(self._times):
            return float("inf")
        return max(now, self._times[0] + self._seconds)

    def count(self, now: float) -> None:
        """An event happens at ``now``."""
        self._times.append(now)

    def decide(self, now: float) -> None:
        """A frame is to leave, at ``now`` or later; `left` follows."""
        self._times.append(now)
        self._under_way += 1

    def left(self, now: float) -> None:
        """The oldest frame that was to leave has left, at ``now``."""
        if 0 < self._under_way <= len(self._times):
            self._times[-self._under_way] = max(self._times[-self._under_way], now)
        self._under_way = max(self._under_way - 1, 0)

    def is_idle(self, now: float) -> bool:
        """Whether nothing that was counted matters any more."""
        return not self._times or self._times[-1] + self._seconds <= now
