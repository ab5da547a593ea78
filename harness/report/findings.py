"""What concerns several testcases, a result of its own each: broken rules, premises that were not reached.

Their node ids are "monitor::ROW" and "premise::ROW".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.report.summary import MONITOR, PREMISES, count, titled
from harness.verdict import Verdict
from harness.verdict.failure import Failure, Kind
from harness.verdict.result import Attachment, Result, RuleFinding

CAPTURES = 5
"""Testcases whose captures stand with such a result; the others have theirs themselves."""

Found = tuple[Result, RuleFinding]
"""A testcase, and what a rule found in it."""

Met = tuple[Result, Failure]
"""A testcase, and the premise that it met."""


def broken_rules(results: Sequence[Result]) -> list[Result]:
    """A result for each rule that was broken: FAIL, or INCONCLUSIVE where the bench could not be trusted."""
    return [
        _rule(found) for _, found in sorted(_rules(results).items()) if any(one.wrong for _, one in found)
    ]


def unmet_premises(results: Sequence[Result]) -> list[Result]:
    """A FAIL for each row that testcases needed before they could judge their own, and that was not reached.

    It names them. Where a testcase of that row itself has failed, that one gets their names instead.
    """
    met: dict[str, list[Met]] = {}
    for result in results:
        for failure in result.failures:
            if failure.is_premise and not failure.doubt:
                met.setdefault(failure.row, []).append((result, failure))
    found = []
    for row, waiting in sorted(met.items()):
        broken = (one for one in results if one.judged.get(row) in (Verdict.FAIL, Verdict.DEVIATION))
        own = next(broken, None)
        if own is None:
            found.append(_premise(row, waiting))
        else:
            own.shown_by = [one.nodeid for one, _ in waiting]
    return found


def _premise(row: str, waiting: Sequence[Met]) -> Result:
    """The row's own result: what the first testcase saw that needed it, one to which no deviation applies."""
    told = min((failure for _, failure in waiting), key=lambda failure: failure.known is not None)
    cases = [case for case, _ in waiting]
    return Result(
        nodeid=f"premise::{row}",
        rows=[row],
        clause=told.clause,
        title=f"What {count(len(cases))} wait{'s' if len(cases) == 1 else ''} for",
        verdict=Verdict.FAIL,
        seconds=0.0,
        bench=PREMISES,
        failures=[replace(told, kind=Kind.CHECK)],
        checks=len(cases),
        attachments=_captures(cases),
        shown_by=[case.nodeid for case in cases],
    )


def words(results: Sequence[Result]) -> str:
    """What was held against how many rules, in a sentence; "" where nothing was."""
    rules = _rules(results)
    held = sum(one.held for found in rules.values() for _, one in found)
    return f"{len(rules)} rules, held against frames {held} times" if rules else ""


def _rules(results: Sequence[Result]) -> dict[str, list[Found]]:
    """What each rule found, by its row."""
    rules: dict[str, list[Found]] = {}
    for result in results:
        for one in result.watched:
            rules.setdefault(one.row, []).append((result, one))
    return rules


def _rule(found: Sequence[Found]) -> Result:
    """A broken rule: FAIL where it was broken on a bench that was well, else INCONCLUSIVE.

    It is unsteady where each testcase in which it was doubted was run again, and then kept it.
    """
    broken = [one for one in found if one[1].wrong and not one[1].doubt]
    doubted = [one for one in found if one[1].doubt]
    kept = {case.nodeid for case, one in found if case.attempts and not one.wrong}
    taken_back = all(case.nodeid in kept for case, _ in doubted)
    held, number = sum(one.held for _, one in found), len({case.nodeid for case, _ in found})
    troubled = broken or doubted
    told = troubled[0][1]
    cases = list({case.nodeid: case for case, _ in troubled}.values())
    failure = Failure(told.row, told.clause, f"always: {told.title}", _seen(troubled), Kind.RULE,
                      frames=told.frames, origin="the frame that broke it", doubt=told.doubt)  # fmt: skip
    return Result(
        nodeid=f"monitor::{told.row}",
        rows=[told.row],
        clause=told.clause,
        title=f"Always: {told.title}",
        verdict=Verdict.FAIL if broken else Verdict.UNSTEADY if taken_back else Verdict.INCONCLUSIVE,
        seconds=0.0,
        bench=MONITOR,
        cause=told.doubt,
        failures=[failure],
        checks=held,
        notes=[f"{held} frames of {number} testcases were held against this"],
        attachments=_captures(cases),
        shown_by=[case.nodeid for case in cases],
    )


def _seen(found: Sequence[Found]) -> str:
    case, one = found[0]
    wrong = sum(one.wrong for _, one in found)
    more = f"; in all {wrong} frames in {count(len(found))}" if wrong > 1 else ""
    return f"{one.seen}, during {case.rows[0]} {titled(case)}{more}"


def _captures(cases: Sequence[Result]) -> list[Attachment]:
    files = [file for case in cases[:CAPTURES] for file in case.attachments]
    return list(dict.fromkeys(files))
