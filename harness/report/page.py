"""The page people look at after a run: one HTML file that needs nothing else, from file:// and offline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.report.attempts import beside, often, passed_later, repeated
from harness.report.coverage import coverage
from harness.report.gauge import gauge, inside
from harness.report.histogram import histogram
from harness.report.limits import limited
from harness.report.matrix import clauses, matrix
from harness.report.picture import picture
from harness.report.readings import meaning, readings_used
from harness.report.sentences import fields, frame_rows, frames_place, message, premise
from harness.report.summary import (
    across,
    bench_label,
    bench_name,
    by_cause,
    by_premise,
    counts,
    group_of,
    group_order,
    group_titles,
    headline,
    measurement_text,
    parameters,
    shown_words,
    side_by_side,
    titled,
    waiting_for,
)
from harness.report.text import duration, moment, one_line, printable, rows_short, write_atomically
from harness.report.wording import WORDING, Wording
from harness.verdict import WORST_FIRST, Verdict
from harness.verdict.failure import Failure, KnownDeviation
from harness.verdict.result import Attachment, Attempt, Measurement, Result, Run

_WHAT = 600
"""Characters of a cause, or of what was seen, that stand on the page unfolded."""
_TROUBLED = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.UNSTEADY)
_TEMPLATES = ("page.html.j2", "macros.html.j2", "failures.html.j2", "page.css")


@dataclass(frozen=True)
class Entry:
    """A result with what the template needs beside it.

    ``words`` are the catalogue's, by row; ``shown_by`` who met what it is about.
    """

    anchor: str
    result: Result
    words: Mapping[str, str]
    shown_by: list[Entry] = field(default_factory=list)

    @property
    def wording(self) -> Wording:
        """Word, symbol and meaning of the verdict."""
        return WORDING[self.result.verdict]

    @property
    def style(self) -> str:
        """CSS class of the verdict."""
        return _style(self.result.verdict)

    @property
    def parameters(self) -> str:
        """What makes this one differ from others of its testcase."""
        return parameters(self.result.nodeid)

    @property
    def where(self) -> str:
        """Bench, time and checks, of a testcase."""
        if across(self.result):
            return ""
        made = f"{self.result.checks} check{'' if self.result.checks == 1 else 's'}"
        return f"{bench_label(self.result)}; after {duration(self.result.seconds)} and {made}"

    @property
    def has_card(self) -> bool:
        """Whether it stands among what did not pass; else all of it is in the table."""
        return self.result.verdict in _TROUBLED

    @property
    def requirements(self) -> list[tuple[str, str]]:
        """Row and the catalogue's words, of the rows that it claims and that its failures do not tell of."""
        told = {failure.row for failure in self.result.failures}
        return [(row, self.words[row]) for row in self.result.rows if self.words.get(row) and row not in told]

    @property
    def judged(self) -> list[tuple[str, Wording, str]]:
        """Each row with wording and style of its verdict, where they differ."""
        judged = self.result.judged
        several = len(set(judged.values())) > 1
        return [(row, WORDING[verdict], _style(verdict)) for row, verdict in judged.items() if several]

    @property
    def waits_for(self) -> str:
        """The row that it waits for, where that is why it was not judged."""
        needed = premise(self.result)
        return needed.row if needed and self.result.verdict is Verdict.NOT_JUDGED else ""

    @property
    def attempts(self) -> list[tuple[Attempt, Wording, str]]:
        """All the times it was run, with wording and style of their verdicts."""
        tried = self.result.attempts
        return [(attempt, WORDING[attempt.verdict], _style(attempt.verdict)) for attempt in tried]

    @property
    def often(self) -> dict[str, int]:
        """How often each verdict came, by style, worst first."""
        return {_style(verdict): number for verdict, number in often(self.result).items()}

    @property
    def links(self) -> list[tuple[str, Attachment]]:
        """Attachments with what the page links to, relative to the page."""
        return [(_href(attachment.path), attachment) for attachment in self.result.attachments]

    @property
    def searched(self) -> str:
        """What the text filter of the page looks at."""
        return one_line(" ".join([*self.result.rows, self.result.title, self.result.nodeid])).lower()


@dataclass(frozen=True)
class Group:
    """The testcases of one clause group."""

    id: str
    title: str
    members: list[Entry]

    @property
    def counts(self) -> list[tuple[Wording, str, int]]:
        """Wording, style and number of each verdict that occurs."""
        number = counts(shown.result for shown in self.members)
        return [(WORDING[verdict], _style(verdict), n) for verdict, n in number.items() if n]


def write_page(run: Run, path: Path, catalogue_rows: Iterable[Mapping[str, Any]] = ()) -> None:
    """Write the page of a run to ``path``, atomically; attachments are linked relative to its folder.

    ``catalogue_rows`` are mappings as `harness.report.coverage.coverage` wants them. OSError as usual.
    """
    write_atomically(path, render(run, list(catalogue_rows)).encode("utf-8"))


def render(run: Run, catalogue_rows: Sequence[Mapping[str, Any]] = ()) -> str:
    """The page's HTML; texts are limited as in every report."""
    run = limited(run)
    words = {str(row["id"]): str(row.get("requirement") or "") for row in catalogue_rows}
    shown = _shown(run.results, words)
    verdict, sentence = headline(run)
    rows = coverage(catalogue_rows, run.results)
    anchors = {one.result.nodeid: one.anchor for one in reversed(shown)}
    groups = matrix(rows, anchors)
    return (
        templates()
        .get_template("page.html.j2")
        .render(
            run=run,
            verdict=WORDING[verdict],
            style=_style(verdict),
            sentence=sentence,
            bar=_bar(run),
            troubled=_troubled(shown),
            waiting=_waiting(shown),
            wordings=[WORDING[verdict] for verdict in WORST_FIRST],
            later=_later(shown),
            repeats=_repeats(shown) if run.repeats > 1 else None,
            tried=_tried(run.results),
            reasons=_reasons(shown),
            side_by_side=side_by_side(run),
            deviations=_deviations(shown),
            readings=readings_used(run.results, [one.anchor for one in shown]),
            pictures=[(cabling, picture(cabling)) for cabling in run.cabling],
            groups=_groups(shown),
            matrix=groups,
            clauses=clauses(rows, anchors),
            claimed=sum(group.claimed for group in groups),
            rows_in_all=sum(len(group.cells) for group in groups),
            spread=_spread(shown),
            measured=[(one, measurement) for one in shown for measurement in one.result.measurements],
            testcases=sum(not across(result) for result in run.results),
            checks=sum(result.checks for result in run.results),
        )
    )


def _style(verdict: Verdict) -> str:
    """CSS class of a verdict."""
    return verdict.name.lower()


@cache
def templates() -> Environment:
    """The page's templates, compiled once a process: before forks of which each writes a page, for all."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    environment.filters.update(
        duration=duration,
        moment=moment,
        fields=fields,
        frames_place=frames_place,
        frame_rows=frame_rows,
        titled=titled,
        shown_words=shown_words,
        message=message,
        rows_short=rows_short,
        meaning=meaning,
        measured=_measured,
        gauge=gauge,
        histogram=histogram,
        limits=_limits,
        bench=bench_label,
        bench_name=bench_name,
        beside=beside,
        short=_short,
    )
    for name in _TEMPLATES:
        environment.get_template(name)
    return environment


def _finalized(value: object) -> object:
    """Every text that the template puts out passes here before it is escaped."""
    return value if not isinstance(value, str) or isinstance(value, Markup) else printable(value)


def _shown(results: Sequence[Result], words: Mapping[str, str]) -> list[Entry]:
    shown = [Entry(f"t{number}", result, words) for number, result in enumerate(results, start=1)]
    of = {one.result.nodeid: one for one in shown}
    for one in shown:
        one.shown_by.extend(of[nodeid] for nodeid in one.result.shown_by if nodeid in of)
    return shown


def _troubled(shown: list[Entry]) -> list[list[Entry]]:
    """What did not pass, the worst first; together what has no verdict for the same cause."""
    of = {id(one.result): one for one in shown}
    chosen = [one.result for one in shown if one.result.verdict in _TROUBLED]
    chosen.sort(key=lambda result: (WORST_FIRST.index(result.verdict), -waiting_for(result)))
    return [[of[id(result)] for result in alike] for alike in by_cause(chosen)]


def _waiting(shown: list[Entry]) -> list[tuple[Failure, str, list[Entry]]]:
    """What was not judged, by the premise that it waits for; with the anchor of what broke that row."""
    of = {id(one.result): one for one in shown}
    broken = {
        row: one.anchor
        for one in reversed(shown)
        for row, verdict in one.result.judged.items()
        if verdict in (Verdict.FAIL, Verdict.DEVIATION)
    }
    found = by_premise([one.result for one in shown])
    return [
        (needed, broken.get(needed.row, ""), [of[id(result)] for result in results])
        for needed, results in found
    ]


def _later(shown: list[Entry]) -> list[tuple[str, str, list[Entry]]]:
    """What passed, but not at once: by which attempt, and what the first one said."""
    of = {id(one.result): one for one in shown}
    found = passed_later(one.result for one in shown).items()
    return [(at, first, [of[id(result)] for result in results]) for (at, first), results in found]


def _repeats(shown: list[Entry]) -> tuple[list[Entry], int]:
    """Testcases whose verdicts are to be looked at, and how many had a good one each time."""
    of = {id(one.result): one for one in shown}
    varied, same = repeated([one.result for one in shown])
    return [of[id(result)] for result in varied], len(same)


def _tried(results: Iterable[Result]) -> list[tuple[Wording, str]]:
    """Verdicts of all attempts, the worst first."""
    found = {verdict for result in results for verdict in often(result)}
    return [(WORDING[verdict], _style(verdict)) for verdict in WORST_FIRST if verdict in found]


def _spread(shown: list[Entry]) -> list[tuple[Entry, Measurement]]:
    """Measurements with single figures behind them, by name: those of one kind side by side."""
    found = [(one, m) for one in shown for m in one.result.measurements if m.samples]
    return sorted(found, key=lambda pair: pair[1].name)


def _bar(run: Run) -> list[tuple[Wording, str, int, float]]:
    """Wording, style, number and per cent of each verdict."""
    total = len(run.results) or 1
    return [
        (WORDING[verdict], _style(verdict), number, 100 * number / total)
        for verdict, number in counts(run.results).items()
    ]


def _reasons(shown: list[Entry]) -> list[tuple[str, list[Entry]]]:
    """Testcases that are not applicable, by reason, the commonest first."""
    reasons: dict[str, list[Entry]] = {}
    for one in shown:
        if one.result.verdict is Verdict.NOT_APPLICABLE:
            reasons.setdefault(one_line(one.result.cause) or "no reason was given", []).append(one)
    return sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))


def _deviations(shown: list[Entry]) -> list[tuple[KnownDeviation, list[tuple[Entry, list[str]]]]]:
    """Testcases that showed a known deviation, with the rows that it is of, by its reason."""
    reasons: dict[tuple[str, str, str], tuple[KnownDeviation, list[tuple[Entry, list[str]]]]] = {}
    for one in shown:
        for known in one.result.deviations:
            members = reasons.setdefault((known.reason, known.reference, known.expires), (known, []))[1]
            if not members or members[-1][0] is not one:
                members.append((one, []))
            members[-1][1].append(known.row)
    return list(reasons.values())


def _groups(shown: list[Entry]) -> list[Group]:
    members: dict[str, list[Entry]] = {}
    for one in shown:
        members.setdefault(group_of(one.result.rows), []).append(one)
    return [
        Group(
            group,
            group_titles().get(group, ""),
            sorted(members[group], key=lambda one: (one.result.rows, one.anchor)),
        )
        for group in sorted(members, key=group_order)
    ]


def _short(text: str) -> str:
    """Its beginning, where it is long."""
    return text if len(text) <= _WHAT else f"{text[:_WHAT]}…"


def _measured(measurement: Measurement) -> str:
    return f"{measurement.value:g} {measurement.unit}".strip()


def _limits(measurement: Measurement) -> str:
    """ "inside 2.75 to 4 s", "only reported"."""
    kept = inside(measurement)
    if kept is None:
        return "only reported"
    limits = measurement_text(measurement).rpartition("(")[2].rstrip(")")
    return f"{'inside' if kept else 'OUTSIDE'}: {limits} {measurement.unit}".strip()


def _href(path: str) -> str:
    return quote(path, safe="/", errors="backslashreplace")
