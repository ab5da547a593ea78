"""A testcase that is run more than once: which ones, and what its attempts come to together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.report.sentences import message
from harness.run.lab_results import LabResults
from harness.verdict import WORST_FIRST, Verdict
from harness.verdict.result import Attempt, Result

MOST = 30
"""Testcases that are run once more, alone; a run with more that did not pass says so."""

AGAIN = 1
"""Times that an inconclusive testcase is run again beside others, when fewer benches are at work."""


def attempt(result: Result, *, alone: bool = False) -> Attempt:
    """What is kept of one of several runs of a testcase."""
    failures = tuple(result.failures)
    return Attempt(result.verdict, result.cause, result.bench, result.seconds, alone, failures)


def settled(runs: Sequence[tuple[Result, bool]]) -> Result:
    """What a testcase comes to by its runs, in turn; each with whether nothing ran beside it.

    A FAIL stays one, whatever a later run says: a race of the implementation must not turn green. So does a
    premise that was not reached. One that the bench's own measurements forbade (INCONCLUSIVE, without that a
    FAIL) is unsteady where a later run passes. What had no verdict at all has that of the last run.
    """
    if len(runs) == 1:
        return runs[0][0]
    results = [result for result, _ in runs]
    together: dict[str, Any] = {
        "attempts": [attempt(result, alone=alone) for result, alone in runs],
        "watched": [one for result in results for one in result.watched],
        "attachments": list(dict.fromkeys(file for result in results for file in result.attachments)),
    }
    last = results[-1]
    for failed in results:
        if failed.verdict in (Verdict.FAIL, Verdict.NOT_JUDGED):
            note = "run again: " + ", ".join(r.verdict.upper() for r in results if r is not failed)
            return replace(failed, notes=[*failed.notes, note], **together)
    doubted = [result for result in results if result.would_fail]
    if doubted and last.verdict is Verdict.PASS:
        first = doubted[0]
        judged = {
            row: Verdict.UNSTEADY if first.judged[row] is Verdict.INCONCLUSIVE else verdict
            for row, verdict in last.judged.items()
        }
        told: dict[str, Any] = {"cause": first.cause, "failures": first.failures, "details": first.details}
        return replace(last, verdict=Verdict.UNSTEADY, judged=judged, **told, **together)
    return replace(last, **together)


def repeated(results: Sequence[Result]) -> Result:
    """What a testcase comes to that was run several times: its worst result, with all attempts."""
    worst = min(results, key=lambda result: WORST_FIRST.index(result.verdict))
    if len(results) == 1:
        return worst
    watched = [one for result in results for one in result.watched]
    return replace(worst, attempts=[attempt(result) for result in results], watched=watched)


_OUTCOMES = {
    Verdict.PASS: "passed",
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.NOT_JUDGED: "skipped",
}
"""Pytest's words for verdicts; "failed" for the others."""


def report_of(item: pytest.Item, result: Result) -> pytest.TestReport:
    """A final result, for pytest's own count and for whoever else listens."""
    outcome = _OUTCOMES.get(result.verdict, "failed")
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=None if outcome == "passed" else f"{result.verdict.upper()}: {message(result)}",
        when="call",
        duration=result.seconds,
    )


class Attempts:
    """The runs of each testcase of a lab, by its index in the session; what it comes to is told once.

    ``alone``: nothing is run beside what is run now.
    """

    def __init__(self, session: pytest.Session, results: LabResults) -> None:
        self.alone = False
        self._session = session
        self._results = results
        self._runs: dict[int, list[tuple[Result, bool]]] = defaultdict(list)

    def made(self, index: int) -> int:
        """How often a testcase has been run."""
        return len(self._runs.get(index, ()))

    def add(self, index: int, result: Result) -> bool:
        """Keep a result, and tell it where no other run of its testcase is to come.

        True where it is to be run again now; what is to be run once more alone is `unconfirmed`.
        """
        runs = self._runs[index]
        runs.append((result, self.alone))
        if self._results.repeats > 1:
            if len(runs) == self._results.repeats:
                self._tell(index, repeated([run for run, _ in runs]))
            return False
        if self.alone or not self._results.lab.confirms or not self._results.is_troubled(result):
            self._tell(index, settled(runs))
            return False
        again = result.verdict is Verdict.INCONCLUSIVE and len(runs) <= AGAIN
        self._results.provisional(result, again=again)
        return again

    @property
    def unconfirmed(self) -> list[int]:
        """What did not pass beside others, and is to be run once more with nothing beside it."""
        once = self._results.repeats == 1
        return [index for index in self._runs if not self._is_told(index)] if once else []

    def begin_alone(self) -> tuple[list[int], int]:
        """What is run once more now; and how many are too many, and have the verdict that they have."""
        self.alone = True
        left = self.unconfirmed
        for index in left[MOST:]:
            self._tell(index, settled(self._runs[index]))
        return left[:MOST], len(left[MOST:])

    def tell_all(self) -> None:
        """What waits for another run has the verdict that it has."""
        for index, runs in self._runs.items():
            if not self._is_told(index):
                told = repeated([run for run, _ in runs]) if self._results.repeats > 1 else None
                self._tell(index, told or settled(runs))

    def _is_told(self, index: int) -> bool:
        return self._session.items[index].nodeid in self._results.recorded

    def _tell(self, index: int, result: Result) -> None:
        """The result is final."""
        item = self._session.items[index]
        self._results.final(result)
        item.ihook.pytest_runtest_logreport(report=report_of(item, result))
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
