"""What a run says at its end: what did not pass and why, what passed late, counts, where the reports are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.text import Text

from harness.report.attempts import attempt_words, often, passed_later, repeated
from harness.report.limits import whole_file
from harness.report.screen import STYLES, Screen
from harness.report.sentences import (
    fields,
    frame_rows,
    frames_place,
    judged_words,
    message,
    sentence,
)
from harness.report.summary import (
    across,
    again,
    bench_label,
    by_cause,
    by_premise,
    count,
    counts,
    headline,
    nothing_to_judge,
    shown_words,
    side_by_side,
    titled,
    waiting_for,
)
from harness.report.text import duration, one_line, rows_short, short_line
from harness.report.wording import WORDING
from harness.verdict import WORST_FIRST, Verdict
from harness.verdict.failure import Failure
from harness.verdict.result import Result, Run

_TROUBLED = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.UNSTEADY)
_NAMED = 12  # of many rows or testcases
_ATTEMPTS = 5  # shown of many
_FRAMES = 6  # of each failure; the page has more
_MET = 3  # of many that wait for a row, or showed that it is broken


def conclude(screen: Screen, run: Run, reports_dir: Path) -> None:
    """Say all of it; the last line is the run's verdict."""
    _Closing(screen, run, reports_dir).say()


class _Closing:
    """``run`` is the whole run. What is a lab's own is said lab by lab, by name where there are several."""

    def __init__(self, screen: Screen, run: Run, reports: Path) -> None:
        self._screen, self._run, self._reports = screen, run, reports

    def say(self) -> None:
        for verdict in _TROUBLED:
            self._problems(verdict)
        for run in self._run.by_lab:
            self._waiting(run)
            self._repeats(run)
            self._deviations(run)
        self._not_applicable()
        self._counts()
        for name, words in (("index.html", "Report"), ("junit.xml", "JUnit ")):
            if (self._reports / name).exists() and not self._unwritten(name):
                self._screen.line(Text(f"{words}  {self._reports / name}"))
        for missing in self._run.unwritten:
            self._screen.line(Text(missing, STYLES[Verdict.ERROR]))
        verdict, words = headline(self._run)
        self._screen.line(Text.assemble((WORDING[verdict].word, STYLES[verdict]), f": {words}."))

    def _unwritten(self, name: str) -> bool:
        named = [missing.partition(" not written: ")[0] for missing in self._run.unwritten]
        return any(str(self._reports / name) in words for words in named)

    def _problems(self, verdict: Verdict) -> None:
        chosen = [result for result in self._run.results if result.verdict is verdict]
        chosen.sort(key=waiting_for, reverse=True)
        if chosen:
            self._screen.heading(f"{WORDING[verdict].word}: {WORDING[verdict].meaning}", STYLES[verdict])
        for alike in by_cause(chosen):
            if len(alike) > 1:
                self._common_problem(alike)
            else:
                self._problem(alike[0])

    def _common_problem(self, results: list[Result]) -> None:
        """What kept several testcases from a verdict, once."""
        first = results[0]
        self._screen.line(Text(f"  {count(len(results))}", "bold"))
        rows = dict.fromkeys(row for result in results for row in result.rows)
        benches = dict.fromkeys(bench_label(result) for result in results)
        told = [("cause", _cause(first)), ("rows", _few(rows)), ("where", _few(benches))]
        self._screen.fields(told + self._files(results), self._whole(first))

    def _problem(self, result: Result) -> None:
        self._screen.line(Text.assemble((f"  {rows_short(result.rows)}  ", "bold"), _titled(result)))
        told = [("cause", _cause(result))] if result.cause or not result.failures else []
        for failure in result.failures:
            told += self._failure(failure, result.cause)
        if not result.failures:
            told += [("clause", result.clause)]
        told += [("rows", words)] if (words := judged_words(result)) else []
        if result.attempts and self._run.repeats == 1:
            told += [
                ("attempt", f"{number}: {attempt_words(attempt)}")
                for number, attempt in enumerate(result.attempts[:_ATTEMPTS], start=1)
            ]
        told += self._met(result)
        where = result.lab if across(result) else bench_label(result)
        named = [("where", where), ("test", result.nodeid), ("again", again(self._run, result))]
        told += [(label, words) for label, words in named if words]
        self._screen.fields(told + self._files([result]), self._whole(result))

    def _failure(self, failure: Failure, cause: str) -> list[tuple[str, str]]:
        """Row, expected, seen; then its frames, a line each."""
        told = list(fields(failure, cause))
        if failure.frames:
            told += [("frames", frames_place(failure))]
            told += frame_rows(failure, _FRAMES)
        return told

    def _met(self, result: Result) -> list[tuple[str, str]]:
        """The first few of those that wait for its row, or that showed that it is broken."""
        of = {one.nodeid: one for one in self._run.results if one.lab == result.lab}
        cases = [of[nodeid] for nodeid in result.shown_by if nodeid in of]
        lines = [f"{rows_short(one.rows)} {_titled(one)}" for one in cases[:_MET]]
        lines += [f"and {count(len(cases) - _MET)} more"] if len(cases) > _MET else []
        return [("" if number else shown_words(result), line) for number, line in enumerate(lines)]

    def _whole(self, result: Result) -> str:
        return str(self._reports / (whole_file(result) or "index.html"))

    def _files(self, results: Sequence[Result]) -> list[tuple[str, str]]:
        """Of a testcase all, of several the first few and how many there are."""
        paths = dict.fromkeys(str(self._reports / file.path) for one in results for file in one.attachments)
        if len(results) == 1 and not across(results[0]):
            return [("file", path) for path in paths]
        shown = [("file", path) for path in list(paths)[:2]]
        return shown + ([("", f"and {len(paths) - 2} more files, on the page")] if len(paths) > 2 else [])

    def _of(self, run: Run, words: str, style: str) -> None:
        """A heading of what is said of a lab."""
        self._screen.heading(f"{words} ({run.name})" if self._run.labs else words, style)

    def _waiting(self, run: Run) -> None:
        """What was not judged, by what it waits for."""
        groups = by_premise(run.results)
        wording, style = WORDING[Verdict.NOT_JUDGED], STYLES[Verdict.NOT_JUDGED]
        empty = by_cause(nothing_to_judge(run.results))
        if groups or empty:
            self._of(run, f"{wording.word}: {wording.meaning}", style)
        for needed, chosen in groups:
            verb = "waits" if len(chosen) == 1 else "wait"
            words = f"{count(len(chosen))} {verb} for {short_line(sentence(needed))}"
            self._screen.line(Text(words), indent=2)
            self._screen.line(Text(_rows(chosen), "dim"), indent=4)
        for chosen in empty:
            self._screen.line(Text(f"{count(len(chosen))}: {short_line(message(chosen[0]))}"), indent=2)
            self._screen.line(Text(_rows(chosen), "dim"), indent=4)

    def _repeats(self, run: Run) -> None:
        """How often each verdict came, where testcases were run more than once."""
        if run.repeats == 1:
            for (at, first), chosen in passed_later(run.results).items():
                self._of(run, f"{len(chosen)} passed at the {at} attempt: {_rows(chosen)}", "bold")
                self._screen.line(Text(f"at first {short_line(first)}"), indent=2)
            return
        varied, same = repeated(run.results)
        self._of(run, f"How often each verdict came, of {run.repeats} times", "bold")
        for line in _table(varied) if varied else ():
            self._screen.line(line)
        self._screen.line(
            Text(f"{count(len(same))} had the same each time: PASS or NOT APPLICABLE"), indent=2
        )

    def _deviations(self, run: Run) -> None:
        """What broke requirements in a known way, by reason; and what the list names and nothing broke."""
        reasons: dict[tuple[str, str, str], list[Result]] = {}
        for result in run.results:
            for known in result.deviations:
                chosen = reasons.setdefault((known.reason, known.reference, known.expires), [])
                chosen += [] if chosen and chosen[-1] is result else [result]
        wording, style = WORDING[Verdict.DEVIATION], STYLES[Verdict.DEVIATION]
        if reasons:
            self._of(run, f"{wording.word}: {wording.meaning}", style)
        for (reason, reference, expires), chosen in reasons.items():
            rows = dict.fromkeys(
                known.row for result in chosen for known in result.deviations if known.reason == reason
            )
            words = f"{count(len(chosen))}: {short_line(reason)} ({', '.join(rows)})"
            self._screen.line(Text(words), indent=2)
            self._screen.line(Text(f"{one_line(reference)}; until {expires}", "dim"), indent=4)
        if run.gone:
            words = "NO LONGER SHOWN: listed as known deviations, but what claims them passed"
            self._of(run, words, style)
        for one in run.gone:
            words = f"{one.row}: {short_line(one.reason)} ({count(len(one.testcases))})"
            self._screen.line(Text(words), indent=2)

    def _not_applicable(self) -> None:
        """By reason; what several labs lack for the same rows is told once."""
        reasons: dict[str, dict[str, list[Result]]] = {}
        for result in self._run.results:
            if result.verdict is Verdict.NOT_APPLICABLE:
                words = short_line(result.cause) or "no reason was given"
                reasons.setdefault(words, {}).setdefault(result.lab, []).append(result)
        if reasons:
            where = "on these labs" if self._run.labs else "on this bench"
            self._screen.heading(f"NOT APPLICABLE {where}", "bold")
        order = sorted(reasons.items(), key=lambda item: (-max(map(len, item[1].values())), item[0]))
        for reason, by_lab in order:
            alike: dict[tuple[str, str], list[str]] = {}
            for lab, chosen in by_lab.items():
                alike.setdefault((count(len(chosen)), _rows(chosen, None)), []).append(lab)
            for (number, rows), labs in alike.items():
                on = f" on {', '.join(map(one_line, labs))}" if self._run.labs else ""
                self._screen.line(Text(f"{number}{on}: {reason} ({rows})"), indent=2)

    def _counts(self) -> None:
        """How often each verdict came: of all, and before that of each lab where there are several."""
        run, screen = self._run, self._screen
        took = f"in {duration(run.seconds)}; {side_by_side(run)}"
        findings = sum(map(across, run.results))
        more = f" and {findings} finding{'s' if findings > 1 else ''} across them" if findings else ""
        where = f"on {run.implementation}" if not run.labs else f"on {len(run.labs)} labs"
        screen.heading(f"{count(len(run.results) - findings)}{more} {where} {took}", "bold")
        labs = run.by_lab if run.labs else []
        columns = [max(5, len(one_line(lab.name))) for lab in labs]
        of_labs = [counts(lab.results) for lab in labs]
        if labs:
            names = "  ".join(
                f"{one_line(lab.name):>{width}}" for lab, width in zip(labs, columns, strict=True)
            )
            screen.line(Text(f"  {names}    all", "dim"))
        for verdict, number in counts(run.results).items():
            style = STYLES[verdict] if number else "dim"
            word, meaning = WORDING[verdict].word, WORDING[verdict].meaning
            cells = [f"{of[verdict]:>{width}}  " for of, width in zip(of_labs, columns, strict=True)]
            line = Text.assemble(
                (f"  {''.join(cells)}{number:>5}  {word:<15}", style), (f"  {meaning}", "dim")
            )
            if screen.console.is_terminal:
                line.truncate(screen.console.width, overflow="ellipsis")
            screen.line(line)
        screen.line(Text())
        for lab in labs:
            verdict, words = headline(lab)
            head = Text(f"{one_line(lab.name)}: {one_line(lab.implementation)}, {one_line(lab.lab)}: ")
            screen.line(head + Text.assemble((WORDING[verdict].word, STYLES[verdict]), f": {words}."))


def _table(results: Sequence[Result]) -> list[Text]:
    """A testcase a line, a verdict a column, the worst first."""
    columns = [verdict for verdict in WORST_FIRST if any(verdict in often(result) for result in results)]
    lines = [Text("  ".join(["", *(f"{WORDING[verdict].short:>6}" for verdict in columns)]), "dim")]
    for result in results:
        number = often(result)
        cells = [(f"  {number.get(verdict, ''):>6}", STYLES[verdict]) for verdict in columns]
        lines.append(Text.assemble(*cells, f"  {rows_short(result.rows)}  {_titled(result)}"))
    return lines


def _titled(result: Result) -> str:
    return short_line(titled(result))


def _cause(result: Result) -> str:
    return result.cause or message(result) or "no message was given"


def _rows(results: Iterable[Result], most: int | None = _NAMED) -> str:
    return _few(dict.fromkeys(rows_short(one.rows) or short_line(one.title) for one in results), most)


def _few(names: Iterable[str], most: int | None = _NAMED) -> str:
    """Names with commas between, and how many more there are."""
    named = list(filter(None, names))
    rest = len(named) - len(named[:most])
    return ", ".join(named[:most]) + (f" and {rest} more" if rest else "")
