"""The bench's clock and timers; every wait goes through it (docs/design.md, rule 3)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from harness.verdict import (
    BenchBroken,
    BenchError,
    ConformanceFailure,
    ImplementationBroke,
    ImplementationRefused,
    Inconclusive,
)

T = TypeVar("T")

_TELLING = BenchError, ConformanceFailure, ImplementationBroke, ImplementationRefused, Inconclusive


class Timer:
    """A call that is to be made at a bench time; `cancel` takes it back."""

    __slots__ = ("action", "when")

    def __init__(self, when: float, action: Callable[[], None]) -> None:
        self.when = when
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Forget the call; harmless when it has happened."""
        self.action = None


class Loop(ABC):
    """One clock, in seconds, for frames, timers and deadlines, and the waits on it.

    What a call raises that was made for the bench (a timer's, a listener's) ends nothing but its testcase:
    the first is kept, and raised by every `run` until it is taken. A bench that is broken stays so.
    """

    def __init__(self) -> None:
        self._failure: Exception | None = None
        self._broken: BenchBroken | None = None

    @property
    @abstractmethod
    def lock(self) -> AbstractContextManager[object]:
        """Held while a station is read or changed; the loop's own calls hold it."""

    @abstractmethod
    def now(self) -> float:
        """Bench seconds: the clock that stamps frames."""

    @abstractmethod
    def call_at(self, when: float, action: Callable[[], None]) -> Timer:
        """Call `action` at bench time `when`, at once if that has passed.

        "At once" is after what is due already, and after whoever waits for the lock.
        """

    @abstractmethod
    def run(self, until: Callable[[], T | None], deadline: float) -> T | None:
        """Let time pass until `until()` gives something true, or the deadline is reached.

        At the deadline every frame that passed a wire before it has been seen, and `until` is asked
        once more. The caller does not hold the lock, nor does `until`. Raises what a call of the bench's
        raised, as it is where it tells a verdict, otherwise as a BenchError; see `take_failure`.
        """

    def run_for(self, seconds: float) -> None:
        """Let time pass."""
        self.run(lambda: None, self.now() + seconds)

    def call(self, action: Callable[[], object]) -> None:
        """Make a call of a timer or a listener; an exception of it is kept for `run`."""
        try:
            action()
        except Exception as error:
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Keep the first exception of a call; BenchBroken means that the bench is broken for good."""
        if isinstance(error, BenchBroken):
            self._broken = self._broken or error
            return
        if self._failure is not None:
            return
        if isinstance(error, _TELLING):
            self._failure = error
            return
        said = str(error).strip().partition("\n")[0]
        self._failure = BenchError(f"a call of the bench's loop broke: {type(error).__name__}: {said}")
        self._failure.__cause__ = error

    def take_failure(self) -> Exception | None:
        """The exception that a call raised since the last time; None where none did.

        BenchBroken is given again each time: such a bench is taken down.
        """
        failure, self._failure = self._failure, None
        return failure or self._broken

    def _raise_failure(self) -> None:
        failure = self._failure or self._broken
        if failure is not None:
            raise failure
