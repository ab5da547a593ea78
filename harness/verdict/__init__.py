"""Verdicts, and the exceptions that carry them out of a testcase.

A failure is always the implementation's; an error is never the implementation's (docs/design.md, rule 4).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from harness.verdict.failure import Failure


class Verdict(StrEnum):
    """What a testcase, and each row that it claims, can end with.

    NOT_JUDGED: what it needs before it can judge (its premise, the preamble of ISO 9646-1) was not reached,
    or the implementation, within its freedom, did nothing that could be judged.
    """

    PASS = "pass"
    FAIL = "fail"
    UNSTEADY = "unsteady"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    DEVIATION = "known deviation"
    NOT_JUDGED = "not judged"
    NOT_APPLICABLE = "not applicable"


WORST_FIRST = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.UNSTEADY,
    Verdict.DEVIATION,
    Verdict.NOT_JUDGED,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)
"""From what a reader must see first to what may be skipped."""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The one of them that comes first in `WORST_FIRST`; at least one is given."""
    return min(verdicts, key=WORST_FIRST.index)


class ConformanceFailure(Exception):
    """The implementation broke a requirement, which ends the testcase."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure

    def __str__(self) -> str:
        failure = self.failure
        return f"{failure.kind} of {failure.row}: expected {failure.expected}; seen {failure.seen}"


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


class AdapterLacks(BenchError):
    """The adapter has no words for what it is asked: an ERROR, for the implementation was not even told."""


class BenchBroken(BenchError):
    """A bench that will not do any more: a port that is gone, a loop that hangs. It is taken down."""


class UsageError(BenchError):
    """Wrong arguments or a wrong lab file (exit code 3)."""


class NotJudged(Exception):
    """What a row is about did not come about, and no requirement is broken by that; the message says what.

    A distribution that puts no conversation on a link leaves nothing to judge there.
    """


class NotApplicable(Exception):
    """A part of the bench has not what a testcase is about, which shows only when it is asked for it.

    A switch may not know a command that its driver knows. The message says what.
    """


class Inconclusive(Exception):
    """The bench's own measurements forbid a verdict; the message says which, and its limit."""
