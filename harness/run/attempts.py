"""A testcase that is run more than once: which ones, and what its attempts come to together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

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
