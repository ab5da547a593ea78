"""What a run comes to: counts, headline, exit code; names of testcases, groups of them, measurements."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from harness.catalogue import load
from harness.report.sentences import message, premise
from harness.report.text import duration, one_line
from harness.verdict import WORST_FIRST, Verdict
from harness.verdict.failure import Failure
from harness.verdict.result import Key, Measurement, Result, Run

MONITOR = "protocol monitor"
"""Stands where a testcase's result names its bench: a rule that was broken in some of them."""

PREMISES = "premises"
"""The same, for what testcases need before they can judge."""

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


def short_id(nodeid: str) -> str:
    """A node id without its folders, as lists of deviations name testcases: "test_short.py::test_it[a/b]"."""
    file, colons, test = nodeid.partition("::")
    return file.rpartition("/")[2] + colons + test


def titled(result: Result) -> str:
    """Its title, with what makes it differ from others of its function: "The Marker comes back [zero]"."""
    given = parameters(result.nodeid)
    return f"{result.title} [{given}]" if given else result.title


def count(number: int) -> str:
    """ "1 testcase", "12 testcases"."""
    return f"{number} testcase" if number == 1 else f"{number} testcases"


def counts(results: Iterable[Result]) -> dict[Verdict, int]:
    """How many testcases ended with each verdict, in `WORST_FIRST`, zeros included."""
    counter = Counter(result.verdict for result in results)
    return {verdict: counter[verdict] for verdict in WORST_FIRST}


def across(result: Result) -> bool:
    """Whether it is no testcase, but what several showed: a broken rule, a premise that was not reached."""
    return result.bench in (MONITOR, PREMISES)


def again(run: Run, result: Result) -> str:
    """The command that runs just that testcase, with all its parameters, on its lab; "" where it is none."""
    if across(result) or not result.rows:
        return ""
    name = result.nodeid.rpartition("::")[2].partition("[")[0]
    return f"agr-lab run --lab {shlex.quote(run.file_of(result))} -k {shlex.quote(name)}"


def waiting_for(result: Result) -> int:
    """How many testcases wait for its row."""
    return 0 if result.bench == MONITOR else len(result.shown_by)


def shown_words(result: Result) -> str:
    """What the testcases did that `Result.shown_by` names."""
    return "shown by" if result.bench == MONITOR else "met by"


def headline(run: Run) -> tuple[Verdict, str]:
    """The verdict of the whole run and one sentence on it; it agrees with `summary_exit_code`."""
    number = counts(result for result in run.results if not across(result))
    passed, known, unsteady = (number[v] for v in (Verdict.PASS, Verdict.DEVIATION, Verdict.UNSTEADY))
    judged = passed + known + unsteady + number[Verdict.FAIL]
    here, this = ("these labs", "these labs") if run.labs else ("here", "this bench")
    waiting = f"; {number[Verdict.NOT_JUDGED]} not judged" if number[Verdict.NOT_JUDGED] else ""
    also = (f"; {unsteady} unsteady" if unsteady else "") + waiting
    everything = counts(run.results)
    if everything[Verdict.FAIL]:
        more = f", {known} more in a known way" if known else ""
        words = f"{number[Verdict.FAIL]} of {count(judged)} judged broke a requirement{more}"
        words = words if judged else "No testcase was judged"
        words += _on_labs(run, Verdict.FAIL)
        return Verdict.FAIL, f"{words}{_across(run, Verdict.FAIL)}{also}"
    if not run.results:
        return Verdict.ERROR, "No testcase ran"
    if number[Verdict.ERROR]:
        rest = number[Verdict.ERROR] + number[Verdict.INCONCLUSIVE]
        on_labs = _on_labs(run, Verdict.ERROR)
        words = f"{count(rest)} of {_all(run)} without a verdict{on_labs}; {passed} passed{also}"
        return Verdict.ERROR, words
    if run.unwritten:
        return Verdict.ERROR, f"Reports are missing, for they could not be written; {passed} passed{also}"
    if everything[Verdict.INCONCLUSIVE]:
        words = f"{count(number[Verdict.INCONCLUSIVE])} of {_all(run)} inconclusive"
        return Verdict.INCONCLUSIVE, f"{words}{_across(run, Verdict.INCONCLUSIVE)}; {passed} passed{also}"
    if everything[Verdict.UNSTEADY]:
        allowed = ", which this run allows" if run.unsteady_ok else ""
        words = f"{unsteady} of {count(judged)} judged unsteady{allowed}"
        return Verdict.UNSTEADY, f"{words}{_across(run, Verdict.UNSTEADY)}; {passed} passed{waiting}"
    unsure = any(headline(one)[0] is Verdict.NOT_JUDGED for one in run.by_lab if run.labs)
    if everything[Verdict.DEVIATION] and not unsure:
        words = "broke a requirement, all in a way that is listed as known"
        words = f"{known} of {count(judged)} judged {words}"
        return Verdict.DEVIATION, f"{words}{_across(run, Verdict.DEVIATION)}{waiting}"
    if number[Verdict.NOT_JUDGED]:
        return Verdict.NOT_JUDGED, f"{passed} of {_all(run)} testcases passed{waiting}"
    if not judged:
        return Verdict.NOT_APPLICABLE, f"Nothing was judged: none of {count(_all(run))} applies {here}"
    return Verdict.PASS, f"{count(judged)} passed, all that apply to {this}"


def _all(run: Run) -> int:
    return sum(not across(result) for result in run.results)


def _on_labs(run: Run, verdict: Verdict) -> str:
    """The labs, of several, on which a testcase had this verdict, or several showed it together."""
    found = [one.lab for one in run.results if one.verdict is verdict]
    return f" (on {', '.join(dict.fromkeys(found))})" if run.labs else ""


def _across(run: Run, verdict: Verdict) -> str:
    """The rows that have this verdict by what several testcases showed."""
    rows = [row for one in run.results if across(one) and one.verdict is verdict for row in one.rows]
    word = "broken" if verdict is Verdict.FAIL else verdict.value
    return f"; {word} across testcases: {' '.join(dict.fromkeys(rows))}" if rows else ""


def summary_exit_code(run: Run) -> int:
    """Exit code of a run: 0 all passed, known deviations or not applicable, 1 a conformance failure, 2 else.

    2 is only inconclusive, unsteady (0 with ``run.unsteady_ok``) or errors, no result at all, or a report
    that could not be written. What was not judged has its FAIL, or its known deviation, in the row that it
    waits for; where neither is there, or there was nothing to judge, it is 2 too.
    Of several labs that of the worst: 1, then 2.
    """
    if run.labs:
        codes = [summary_exit_code(one) for one in run.by_lab]
        return 1 if 1 in codes else max(*codes, 2 if run.unwritten else 0)
    number = counts(run.results)
    if number[Verdict.FAIL]:
        return 1
    unsure = number[Verdict.ERROR] + number[Verdict.INCONCLUSIVE]
    if not run.unsteady_ok:
        unsure += number[Verdict.UNSTEADY]
    unsure += len(nothing_to_judge(run.results)) if number[Verdict.DEVIATION] else number[Verdict.NOT_JUDGED]
    return 2 if unsure or run.unwritten or not run.results else 0


def by_cause(results: Iterable[Result]) -> list[list[Result]]:
    """Results in turn, those together that have no verdict for the same reason; each failure by itself."""
    causes: dict[tuple[Verdict, str | Key], list[Result]] = {}
    for result in results:
        alike = result.verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.NOT_JUDGED)
        causes.setdefault((result.verdict, message(result) if alike else result.key), []).append(result)
    return list(causes.values())


def by_premise(results: Iterable[Result]) -> list[tuple[Failure, list[Result]]]:
    """What was not judged, by the premise that it waits for, as the first of them saw it; the most first."""
    waiting: dict[str, tuple[Failure, list[Result]]] = {}
    for result in results:
        needed = premise(result) if result.verdict is Verdict.NOT_JUDGED else None
        if needed is not None:
            waiting.setdefault(needed.row, (needed, []))[1].append(result)
    return sorted(waiting.values(), key=lambda found: -len(found[1]))


def nothing_to_judge(results: Iterable[Result]) -> list[Result]:
    """What was not judged and waits for no premise: what it is about did not come about."""
    return [one for one in results if one.verdict is Verdict.NOT_JUDGED and premise(one) is None]


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


def bench_label(result: Result) -> str:
    """ "bench 2, T1"; where the run has several labs, with the lab before it."""
    return ", ".join(filter(None, (place(result.lab, result.bench), result.topology)))


def place(lab: str, bench: str) -> str:
    """A bench of one of several labs: "rack 4, bench 2"; one that has the lab's name is said once."""
    return ", ".join(filter(None, dict.fromkeys((lab, bench_name(bench)))))


def bench_name(bench: str) -> str:
    """A bench as people say it: "bench 2" for "2", else its own name."""
    return f"bench {bench}" if bench.isdecimal() else bench
