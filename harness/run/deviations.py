"""Known deviations: failures that an implementation's list names, with a reason and until a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from harness.lab.pics import Deviation, Deviations
from harness.profile import Edition
from harness.report.summary import broken, node
from harness.verdict import Verdict
from harness.verdict.result import Gone, Known, Result


def under(edition: Edition, listed: Deviations) -> Deviations:
    """Those of a list that are known where this edition judges."""
    known = [one for one in listed.known if not one.editions or edition in one.editions]
    return listed.model_copy(update={"known": known})


def mark(result: Result, listed: Deviations, today: date) -> None:
    """Make a FAIL that the list names a known deviation; after its day it stays a FAIL, and says so."""
    if result.verdict is not Verdict.FAIL:
        return
    row = broken(result)[0]
    covering = [one for one in listed.known if row in one.rows and _named(one, result)]
    if not covering:
        return
    one = max(covering, key=lambda deviation: deviation.expires)
    if one.expires < today:
        result.message += f" (a known deviation until {one.expires}: {one.reason})"
        return
    result.verdict = Verdict.DEVIATION
    result.deviation = Known(row, one.reason, one.reference, one.expires.isoformat())


def gone(results: Sequence[Result], listed: Deviations, claims: Mapping[str, Sequence[str]]) -> list[Gone]:
    """What the list names and this run does not show: testcases of the row passed, and none broke it.

    ``claims`` are node ids by row. Nothing is said of a run that left any out: there it may have shown.
    """
    tried = {result.nodeid for result in results}
    if any(nodeid not in tried for claiming in claims.values() for nodeid in claiming):
        return []
    found = []
    for one in (one for one in listed.known if not one.sometimes):
        for row in one.rows:
            passed = [result for result in _of(one, row, results) if result.verdict is Verdict.PASS]
            if passed and not any(_breaks(result, row) for result in _failed(one, row, results)):
                found.append(Gone(row, one.reason, one.reference, [node(result.nodeid) for result in passed]))
    return found


def _named(one: Deviation, result: Result) -> bool:
    """Whether it covers this testcase: all of its rows' where it names none."""
    file, _, test = node(result.nodeid).partition("::")
    name = f"{file.rpartition('/')[2]}::{test}"
    return not one.testcases or any(
        name == word or name.startswith((f"{word}[", f"{word}::")) for word in one.testcases
    )


def _of(one: Deviation, row: str, results: Iterable[Result]) -> list[Result]:
    return [result for result in results if row in result.rows and _named(one, result)]


def _breaks(result: Result, row: str) -> bool:
    return result.verdict is Verdict.UNSTEADY or broken(result)[0] == row


def _failed(one: Deviation, row: str, results: Iterable[Result]) -> list[Result]:
    """Those that broke it, for certain or (unsteady) perhaps."""
    broke = (Verdict.FAIL, Verdict.DEVIATION, Verdict.UNSTEADY)
    return [r for r in _of(one, row, results) if r.verdict in broke]
