"""Known deviations: failures that an implementation's list names, with a reason and until a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from harness.lab.pics import Deviation, Deviations
from harness.profile import Edition
from harness.report.summary import short_id
from harness.verdict import Verdict, worst
from harness.verdict.failure import Failure, KnownDeviation
from harness.verdict.result import Result, StaleDeviation


def under(edition: Edition, listed: Deviations) -> Deviations:
    """Those of a list that are known where this edition judges."""
    known = [one for one in listed.known if not one.editions or edition in one.editions]
    return listed.model_copy(update={"known": known})


def mark(result: Result, listed: Deviations, today: date) -> None:
    """Make failures that the list names known deviations, each by its own row.

    After its day one stays a FAIL, and says so. The testcase has the worst verdict of its rows.
    """
    result.failures = [_marked(one, result, listed, today) for one in result.failures]
    known = {one.row for one in result.deviations}
    result.judged = {
        row: Verdict.DEVIATION if row in known and verdict is Verdict.FAIL else verdict
        for row, verdict in result.judged.items()
    }
    if result.verdict is Verdict.FAIL and known:
        result.verdict = worst(result.judged.values())


def _marked(failure: Failure, result: Result, listed: Deviations, today: date) -> Failure:
    covering = [one for one in listed.known if failure.row in one.rows and _named(one, result)]
    if not covering or failure.doubt or result.verdict is Verdict.UNSTEADY:
        return failure
    one = max(covering, key=lambda deviation: deviation.expires)
    known = KnownDeviation(failure.row, one.reason, one.reference, one.expires.isoformat())
    return replace(failure, known=known, expired=one.expires < today)


def gone(
    results: Sequence[Result], listed: Deviations, claims: Mapping[str, Sequence[str]]
) -> list[StaleDeviation]:
    """What the list names and this run does not show: testcases of the row passed, and none broke it.

    ``claims`` are node ids by row. Nothing is said of a run that left any out: there it may have shown.
    """
    tried = {result.nodeid for result in results}
    if any(nodeid not in tried for claiming in claims.values() for nodeid in claiming):
        return []
    found = []
    for one in (one for one in listed.known if not one.sometimes):
        for row in one.rows:
            passed = [result for result in _of(one, row, results) if result.judged[row] is Verdict.PASS]
            if passed and not any(_breaks(result, row) for result in _of(one, row, results)):
                found.append(
                    StaleDeviation(row, one.reason, one.reference, [result.nodeid for result in passed])
                )
    return found


def _named(one: Deviation, result: Result) -> bool:
    """Whether it covers this testcase: all of its rows' where it names none."""
    name = short_id(result.nodeid)
    return not one.testcases or any(
        name == word or name.startswith((f"{word}[", f"{word}::")) for word in one.testcases
    )


def _of(one: Deviation, row: str, results: Iterable[Result]) -> list[Result]:
    return [result for result in results if row in result.rows and _named(one, result)]


def _breaks(result: Result, row: str) -> bool:
    """Whether it broke the row, for certain or (unsteady) perhaps."""
    return result.judged[row] in (Verdict.FAIL, Verdict.DEVIATION, Verdict.UNSTEADY)
