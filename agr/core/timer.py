"""Timers (43.4.10) and rate limits with exact deadlines instead of ticks."""

from __future__ import annotations

from collections import deque


class Timer:
    """One timer of clause 43: runs until its deadline, then is expired until it is started or stopped."""

    __slots__ = ("deadline", "expired")

    def __init__(self) -> None:
        self.deadline: float | None = None
        self.expired = False

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
        if self.deadline is None or self.deadline > now:
            return False
        self.deadline = None
        self.expired = True
        return True


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
        """A Marker is sent."""
        self._frames.count(now)
        self._markers.count(now)

    def response_allowed(self, now: float, marker_waits: bool) -> bool:
        """Whether a Response may be sent now."""
        limits = (self._frames, self._responses) if marker_waits else (self._frames,)
        return all(limit.allowed_at(now) <= now for limit in limits)

    def count_response(self, now: float) -> None:
        """A Response is sent."""
        self._frames.count(now)
        self._responses.count(now)

    def is_idle(self, now: float) -> bool:
        """Whether nothing that was counted matters any more."""
        return self._frames.is_idle(now)


class RateLimit:
    """No more than ``count`` events in any ``seconds``."""

    def __init__(self, count: int, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=count)

    def allowed_at(self, now: float) -> float:
        """The earliest time, not before ``now``, at which one more event keeps the limit."""
        if len(self._times) != self._times.maxlen:
            return now
        return max(now, self._times[0] + self._seconds)

    def count(self, now: float) -> None:
        """An event happens at ``now``."""
        self._times.append(now)

    def is_idle(self, now: float) -> bool:
        """Whether nothing that was counted matters any more."""
        return not self._times or self._times[-1] + self._seconds <= now

    def postpone(self, now: float) -> None:
        """The last event that was counted has happened at ``now`` only."""
        if self._times:
            self._times[-1] = max(self._times[-1], now)
