"""Who is told while a suite runs."""

from __future__ import annotations

from typing import Protocol

from harness.verdict.result import Key, Result


class Progress(Protocol):
    """Who is told while the suite runs."""

    def began(self, key: Key, title: str, bench: str) -> None:
        """A testcase starts."""

    def finished(self, result: Result) -> None:
        """A testcase has its verdict."""

    def again(self, total: int, lab: str) -> None:
        """What follows is run once more with nothing beside it, on this of several labs."""

    def parked(self, bench: str, cause: str) -> None:
        """A bench does no more in this run."""

    def say(self, text: str) -> None:
        """Something else is to be known."""

    def ask(self, text: str) -> None:
        """The operator is asked something; nothing may be drawn over it."""

    def answered(self) -> None:
        """He has answered, or will not."""

    def refresh(self) -> None:
        """Time passes."""

    def benches(self, working: int, wanted: int, called: str = "benches") -> None:
        """How many benches work, or what they are ``called``, and how many may."""
