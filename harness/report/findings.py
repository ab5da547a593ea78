"""What the monitor's rules come to over a whole run: a result of its own for each that was broken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.report.summary import node, parameters
from harness.verdict import Verdict
from harness.verdict.result import Result, Watched

MONITOR = "protocol monitor"
"""Stands where a testcase's result names its bench."""

SHOWN_BY = "shown by"
"""Property of such a result: node ids of the testcases in which the rule was broken, one a line."""

TESTCASES_NAMED = 5

Found = tuple[Result, Watched]


def broken_rules(results: Sequence[Result]) -> list[Result]:
    """A result for each rule that was broken: FAIL, or INCONCLUSIVE where the bench could not be trusted."""
    return [
        _result(found) for _, found in sorted(_rules(results).items()) if any(one.wrong for _, one in found)
    ]


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
    if broken:
        result.expected, result.seen = f"always: {rule.title}", _seen(broken)
        result.message = f"{rule.row} (clause {rule.clause}): expected {result.expected}; seen {result.seen}"
    else:
        result.message = f"{doubted[0][1].doubt}; without that: {_seen(doubted)}"
    troubled = broken or doubted
    result.properties = {SHOWN_BY: "\n".join(node(case.nodeid) for case, _ in troubled)}
    result.details = "\n\n".join(f"{_name(case)}\n{one.details}" for case, one in troubled[:TESTCASES_NAMED])
    result.attachments = [file for case, _ in troubled[:TESTCASES_NAMED] for file in case.attachments]
    return result


def _seen(found: Sequence[Found]) -> str:
    case, one = found[0]
    wrong = sum(one.wrong for _, one in found)
    more = f"; in all {wrong} frames in {len(found)} testcases: {_names(found)}" if wrong > 1 else ""
    return f"{one.seen}, during {_name(case)}{more}"


def _names(found: Iterable[Found]) -> str:
    names = [_name(case) for case, _ in found]
    rest = len(names) - TESTCASES_NAMED
    return ", ".join(names[:TESTCASES_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _name(case: Result) -> str:
    given = parameters(case.nodeid)
    return f"{case.rows[0]} {case.title}{f' [{given}]' if given else ''}"
