"""Why a switch does not do something: it declines, or its driver has no words for it."""

from __future__ import annotations

from harness.verdict import BenchError


class Refusal(BenchError):
    """The switch does not do a command, or has not done it; the session goes on.

    ``unknown``: it has no such command, as it says. ``where``: by which way it was told, which stands before
    ``words`` in the message; not among them, for reasons that several testcases share.
    """

    def __init__(self, words: str, unknown: bool = False, *, where: str = "") -> None:
        super().__init__(f"{where}: {words}" if where else words)
        self.words = words
        self.unknown = unknown


class DriverLacks(BenchError):
    """The driver has no words for a setting: the switch was not even told."""
