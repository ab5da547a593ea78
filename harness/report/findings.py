"""What concerns several testcases, a result of its own each: broken rules, premises that were not reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.report.summary import parameters
from harness.verdict import Verdict
from harness.verdict.failure import Failure, Kind
from harness.verdict.result import Result, Watched

MONITOR = "protocol monitor"
"""Stands where a testcase's result names its bench."""

PREMISES = "premises"
"""The same, for what testcases need before they can judge."""

SHOWN_BY = "shown by"
"""Property of such a result: node ids of the testcases in which the rule was broken, one a line."""

TESTCASES_NAMED = 5

Found = tuple[Result, Watched]
"""A testcase, and what a rule found in it."""


def broken_rules(results: Sequence[Result]) -> list[Result]:
    """A result for each rule that was broken: FAIL, or INCONCLUSIVE where the bench could not be trusted."""
    return [
        _result(found) for _, found in sorted(_rules(results).items()) if any(one.wrong for _, one in found)
    ]


def unmet_premises(results: Sequence[Result]) -> list[Result]:
    """A FAIL for each row that testcases needed before they could judge their own, and that was not reached.

    It names them. Where a testcase of that row itself has failed, that one gets their names instead.
    """
    met: dict[str, list[tuple[Result, Failure]]] = {}
    for result in results:
        for failure in result.failures:
            if failure.is_premise and not failure.doubt:
                met.setdefault(failure.row, []).append((result, failure))
    found = []
    for row, cases in sorted(met.items()):
        own = [one for one in results if one.judged.get(row) in (Verdict.FAIL, Verdict.DEVIATION)]
        result = own[0] if own else _premise(row, cases[0][1])
        result.notes.append(f"not judged for want of it: {_names(cases)}")
        result.properties[SHOWN_BY] = "\n".join(
            [*(one.nodeid for one in own), *(one.nodeid for one, _ in cases)]
        )
        found += [] if own else [result]
    return found


def _premise(row: str, failure: Failure) -> Result:
    """The row's own result: what the first testcase saw that needed it."""
    return Result(
        nodeid=f"premise::{row}",
        rows=[row],
        clause=failure.clause,
        title="What other testcases need before they can judge",
        verdict=Verdict.FAIL,
        seconds=0.0,
        bench=PREMISES,
        failures=[replace(failure, kind=Kind.CHECK)],
        checks=1,
    )


def words(results: Sequence[Result]) -> str:
    """What was held against how many rules, in a sentence; "" where nothing was."""
    rules = _rules(results)
    held = sum(one.held for found in rules.values() for _, one in found)
    return f"{len(rules)} rules, held against frames {held} times" if rules else ""


def _rules(results: Sequence[Result]) -> dict[tuple[str, str], list[Found]]:
    rules: dict[tuple[str, str], list[Found]] = {}
    for result in results:
        for one in result.watched:
            rules.setdefault((one.row, one.title), []).append((result, one))
    return rules


def _result(found: Sequence[Found]) -> Result:
    """A broken rule: FAIL where it was broken on a bench that was well, else INCONCLUSIVE.

    It is unsteady where each testcase in which it was doubted was run again, and then kept it.
    """
    rule = found[0][1]
    broken = [one for one in found if one[1].wrong and not one[1].doubt]
    doubted = [one for one in found if one[1].doubt]
    kept = {case.nodeid for case, one in found if case.attempts and not one.wrong}
    taken_back = all(case.nodeid in kept for case, _ in doubted)
    held, cases = sum(one.held for _, one in found), len({case.nodeid for case, _ in found})
    result = Result(
        nodeid=f"monitor::{rule.row}: {rule.title}",
        rows=[rule.row],
        clause=rule.clause,
        title=f"Always: {rule.title}",
        verdict=Verdict.FAIL if broken else Verdict.UNSTEADY if taken_back else Verdict.INCONCLUSIVE,
        seconds=0.0,
        bench=MONITOR,
        checks=held,
        notes=[f"{held} frames of {cases} testcases were held against this"],
    )
    troubled = broken or doubted
    told = troubled[0][1]
    result.failures = [
        Failure(rule.row, rule.clause, f"always: {rule.title}", _seen(troubled), Kind.RULE,
                frames=told.frames, origin="the frame that broke it", doubt=told.doubt)
    ]  # fmt: skip
    result.cause = told.doubt
    result.properties = {SHOWN_BY: "\n".join(case.nodeid for case, _ in troubled)}
    result.attachments = [file for case, _ in troubled[:TESTCASES_NAMED] for file in case.attachments]
    return result


def _seen(found: Sequence[Found]) -> str:
    case, one = found[0]
    wrong = sum(one.wrong for _, one in found)
    more = f"; in all {wrong} frames in {len(found)} testcases: {_names(found)}" if wrong > 1 else ""
    return f"{one.seen}, during {_name(case)}{more}"


def _names(found: Iterable[tuple[Result, object]]) -> str:
    names = [_name(case) for case, _ in found]
    rest = len(names) - TESTCASES_NAMED
    return ", ".join(names[:TESTCASES_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _name(case: Result) -> str:
    given = parameters(case.nodeid)
    return f"{case.rows[0]} {case.title}{f' [{given}]' if given else ''}"
