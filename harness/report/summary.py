"""What a run comes to: words for verdicts and measurements, counts, headline, exit code, clause groups."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from harness.catalogue import load
from harness.report.sentences import message
from harness.report.text import duration, one_line
from harness.verdict import WORST_FIRST, Verdict
from harness.verdict.result import Measurement, Result, Run


@dataclass(frozen=True)
class Wording:
    """How a verdict is shown: never by colour alone."""

    word: str
    short: str  # at most six letters, for lines of a terminal
    symbol: str
    meaning: str


WORDING = {
    Verdict.PASS: Wording("PASS", "PASS", "✓", "the implementation did what the clause asks for"),
    Verdict.FAIL: Wording("FAIL", "FAIL", "✗", "the implementation broke a requirement"),
    Verdict.INCONCLUSIVE: Wording(
        "INCONCLUSIVE", "INCONC", "?", "the bench's own measurements forbid a verdict"
    ),
    Verdict.UNSTEADY: Wording(
        "UNSTEADY", "UNST", "~", "it failed while the bench was disturbed, and passed with nothing beside it"
    ),
    Verdict.ERROR: Wording("ERROR", "ERROR", "!", "the bench, the switch or the testcase is at fault"),
    Verdict.DEVIATION: Wording(
        "KNOWN DEVIATION", "KNOWN", "≈", "it broke a requirement in a way that is listed as known"
    ),
    Verdict.NOT_JUDGED: Wording(
        "NOT JUDGED", "NOT J", "·", "what it needs first was not reached; the row of that says FAIL"
    ),
    Verdict.NOT_APPLICABLE: Wording("NOT APPLICABLE", "N/A", "–", "this bench cannot show it"),
}

_CLAUSE = re.compile(r"\d+[A-Z]?(?:\.\d+)*")


def group_of(rows: Sequence[str]) -> str:
    """The catalogue group of a testcase: its first row's prefix, "other" without one."""
    return (rows[0].partition("-")[0] if rows else "") or "other"


@cache
def group_titles() -> dict[str, str]:
    """Headings of the catalogue's groups by the prefix of their row ids, in the catalogue's order.

    BenchError when the catalogue is damaged.
    """
    titles = {}
    for group in load().groups.values():
        clauses = f" ({', '.join(group.clauses)})" if group.clauses else ""
        titles[group.id] = f"{group.title}{clauses}"
    return titles


def group_order(group: str) -> tuple[int, str]:
    """Sort key: the catalogue's order, then groups it does not have, by name."""
    known = list(group_titles())
    return (known.index(group) if group in known else len(known), group)


def clause_path(clause: str) -> str:
    """The first dotted clause in a catalogue entry ("43.4.12 EXPIRED" is "43.4.12"), else ""."""
    match = _CLAUSE.search(clause)
    return match.group() if match else ""


def parameters(nodeid: str) -> str:
    """What a pytest node id has in brackets; "" without brackets."""
    match = re.search(r"\[(.*)\]$", nodeid, re.DOTALL)
    return match.group(1) if match else ""


def counts(results: Iterable[Result]) -> dict[Verdict, int]:
    """How many testcases ended with each verdict, in `WORST_FIRST`, zeros included."""
    counter = Counter(result.verdict for result in results)
    return {verdict: counter[verdict] for verdict in WORST_FIRST}


def headline(run: Run) -> tuple[Verdict, str]:
    """The verdict of the whole run and one sentence on it; it agrees with `summary_exit_code`."""
    number = counts(run.results)
    passed, known, unsteady = (number[v] for v in (Verdict.PASS, Verdict.DEVIATION, Verdict.UNSTEADY))
    judged = passed + known + unsteady + number[Verdict.FAIL]
    also = f"; {unsteady} unsteady" if unsteady else ""
    if number[Verdict.FAIL]:
        more = f", {known} more in a known way" if known else ""
        words = f"{number[Verdict.FAIL]} of {_testcases(judged)} judged broke a requirement{more}{also}"
        return Verdict.FAIL, words
    if not run.results:
        return Verdict.ERROR, "No testcase ran"
    if number[Verdict.ERROR]:
        rest = number[Verdict.ERROR] + number[Verdict.INCONCLUSIVE]
        words = f"{_testcases(rest)} of {len(run.results)} without a verdict; {passed} passed{also}"
        return Verdict.ERROR, words
    if run.unwritten:
        return Verdict.ERROR, f"Reports are missing, for they could not be written; {passed} passed{also}"
    if number[Verdict.INCONCLUSIVE]:
        inconclusive = _testcases(number[Verdict.INCONCLUSIVE])
        words = f"{inconclusive} of {len(run.results)} inconclusive; {passed} passed{also}"
        return Verdict.INCONCLUSIVE, words
    if unsteady:
        allowed = ", which this run allows" if run.unsteady_ok else ""
        return (
            Verdict.UNSTEADY,
            f"{unsteady} of {_testcases(judged)} judged unsteady{allowed}; {passed} passed",
        )
    if known:
        words = "broke a requirement, all in a way that is listed as known"
        return Verdict.DEVIATION, f"{known} of {_testcases(judged)} judged {words}"
    if not judged:
        words = f"Nothing was judged: none of {_testcases(len(run.results))} applies here"
        return Verdict.NOT_APPLICABLE, words
    return Verdict.PASS, f"{_testcases(judged)} passed, all that apply to this bench"


def summary_exit_code(run: Run) -> int:
    """Exit code of a run: 0 all passed, known deviations or not applicable, 1 a conformance failure, 2 else.

    2 is only inconclusive, unsteady (0 with ``run.unsteady_ok``) or errors, no result at all, or a report
    that could not be written.
    """
    number = counts(run.results)
    if number[Verdict.FAIL]:
        return 1
    unsure = number[Verdict.ERROR] + number[Verdict.INCONCLUSIVE]
    if not run.unsteady_ok:
        unsure += number[Verdict.UNSTEADY]
    return 2 if unsure or run.unwritten or not run.results else 0


def by_cause(results: Iterable[Result]) -> list[list[Result]]:
    """Results in turn, those together that have no verdict for the same reason; each failure by itself."""
    causes: dict[tuple[Verdict, str], list[Result]] = {}
    for result in results:
        alike = result.verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE)
        causes.setdefault((result.verdict, message(result) if alike else result.nodeid), []).append(result)
    return list(causes.values())


def side_by_side(run: Run) -> str:
    """ "one after the other 27 min 3 s, 3.8 times as long": what benches side by side gained."""
    ratio = run.in_turn / run.seconds if run.seconds else 0.0
    return f"one after the other {duration(run.in_turn)}, {ratio:.1f} times as long"


def measurement_text(measurement: Measurement) -> str:
    """ "3.12 s (2.75 to 4.0 s)": the value with its limits."""
    value = f"{measurement.value:g} {measurement.unit}".strip()
    match measurement.lower, measurement.upper:
        case None, None:
            limits = ""
        case lower, None:
            limits = f" (at least {lower:g})"
        case None, upper:
            limits = f" (at most {upper:g})"
        case lower, upper:
            limits = f" ({lower:g} to {upper:g})"
    return one_line(value) + limits


def _testcases(number: int) -> str:
    return f"{number} testcase" if number == 1 else f"{number} testcases"


def bench_label(result: Result) -> str:
    """ "bench 2, T1"."""
    return ", ".join(filter(None, (bench_name(result.bench), result.topology)))


def bench_name(bench: str) -> str:
    """A bench as people say it: "bench 2" for "2", else its own name."""
    return f"bench {bench}" if bench.isdecimal() else bench
