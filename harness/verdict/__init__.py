"""Verdicts, and the exceptions that carry them out of a testcase.

A failure is always the implementation's; an error is never the implementation's (rule 4 of the design).
"""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a testcase can end with."""

    PASS = "pass"
    FAIL = "fail"
    UNSTEADY = "unsteady"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    DEVIATION = "known deviation"
    NOT_APPLICABLE = "not applicable"


class ConformanceFailure(Exception):
    """The implementation broke a requirement.

    ``row`` is the catalogue's id, ``clause`` the standard's, ``expected`` and ``seen`` say in words what the
    requirement is and what was on the wire. ``window`` is the time that was judged, from and to in bench
    seconds; None where that is the whole testcase. ``granted`` are seconds of it that the implementation got
    beyond its time, because it was held up so long.
    """

    def __init__(
        self,
        row: str,
        clause: str,
        expected: str,
        seen: str,
        window: tuple[float, float] | None = None,
        granted: float = 0.0,
    ) -> None:
        super().__init__(row, clause, expected, seen)
        self.row = row
        self.clause = clause
        self.expected = expected
        self.seen = seen
        self.window = window
        self.granted = granted

    def __str__(self) -> str:
        return f"{self.row} (clause {self.clause}): expected {self.expected}; seen {self.seen}"


class ImplementationRefused(Exception):
    """The implementation did not do what its own command line was asked to.

    ``request`` is the command, ``answer`` what it said (or that it said nothing in time). Unless a testcase
    expects it, this is a FAIL: never an ERROR. ``seconds`` are those that it took, where that is known;
    ``granted`` are those of them that are more than any command needs.
    """

    def __init__(self, request: str, answer: str, seconds: float | None = None, granted: float = 0.0) -> None:
        super().__init__(request, answer)
        self.request = request
        self.answer = answer
        self.seconds = seconds
        self.granted = granted

    def __str__(self) -> str:
        return f"{self.request}: {self.answer}"


class ImplementationBroke(Exception):
    """An implementation that runs in this process raised what it may not: a FAIL, as a crash would be."""


class BenchError(Exception):
    """The bench, the lab file or the switch is at fault: a dead console, a wrong cable, missing rights.

    The message is for a person: it names the file, the key or the port, and what to do.
    """


class BenchBroken(BenchError):
    """A bench that will not do any more: a port that is gone, a loop that hangs. It is taken down."""


class UsageError(BenchError):
    """Wrong arguments or a wrong lab file (exit code 3)."""


class Inconclusive(Exception):
    """The bench's own measurements forbid a verdict; the message says which, and its limit."""
