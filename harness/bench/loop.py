"""The bench's time: who wants it, waits through it (rule 3 of the design)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

T = TypeVar("T")


class Timer:
    """A call that is due; `cancel` makes it never happen."""

    __slots__ = ("action", "when")

    def __init__(self, when: float, action: Callable[[], None]) -> None:
        self.when = when
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Forget the call; harmless when it has happened."""
        self.action = None

    def __lt__(self, other: Timer) -> bool:
        return self.when < other.when


class Loop(ABC):
    """Seconds on one clock for frames, timers and deadlines."""

    @property
    @abstractmethod
    def lock(self) -> AbstractContextManager[object]:
        """Held while a station is read or changed; the loop's own calls hold it."""

    @abstractmethod
    def now(self) -> float:
        """Bench seconds: the clock that stamps frames."""

    @abstractmethod
    def call_at(self, when: float, action: Callable[[], None]) -> Timer:
        """Call `action` at bench time `when`, at once if that has passed."""

    @abstractmethod
    def run(self, until: Callable[[], T | None], deadline: float) -> T | None:
        """Let time pass until `until()` gives something true, or the deadline is reached.

        At the deadline every frame that passed a wire before it has been seen, and `until` is asked
        once more.
        """

    def run_for(self, seconds: float) -> None:
        """Let time pass."""
        self.run(lambda: None, self.now() + seconds)
