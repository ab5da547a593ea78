"""A command that the switch does not do; apart from the session, which loads netmiko."""

from __future__ import annotations

from harness.verdict import BenchError


class Refusal(BenchError):
    """The switch understood the session, but does not do the command; the session goes on.

    ``unknown``: it has no such command, as it says.
    """

    def __init__(self, words: str, unknown: bool = False) -> None:
        super().__init__(words)
        self.unknown = unknown
