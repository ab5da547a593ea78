"""The page people look at after a run: one HTML file that needs nothing else, from file:// and offline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from harness.report.sentences import details, expected, message, subject
from harness.report.summary import (
    WORDING,
    Wording,
    bench_label,
    bench_name,
    by_cause,
    counts,
    group_of,
    group_order,
    group_titles,
    headline,
    measurement_text,
    parameters,
    side_by_side,
)
from harness.report.text import duration, moment, one_line, printable, rows_short, write_atomically
from harness.verdict import WORST_FIRST, Verdict
from harness.verdict.failure import Known
from harness.verdict.result import Attachment, Attempt, Measurement, Result, Run

_WHAT = 600
"""Characters of a cause, or of what was seen, that stand on the page unfolded."""
_NOT_JUDGED_WELL = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.UNSTEADY)


@dataclass(frozen=True)
class Shown:
    """A result with what the template needs beside it."""

    anchor: str
    result: Result
    requirements: list[tuple[str, str]]  # row id and the catalogue's words, for the rows it claims

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
    def details(self) -> str:
        """Frames, and what is for engineers."""
        return details(self.result)

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
    members: list[Shown]

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
    shown = [_shown(number, result, words) for number, result in enumerate(run.results, start=1)]
    verdict, sentence = headline(run)
    rows = coverage(catalogue_rows, run.results)
    anchors = {one.result.nodeid: one.anchor for one in reversed(shown)}
    groups = matrix(rows, anchors)
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            run=run,
            verdict=WORDING[verdict],
            style=_style(verdict),
            sentence=sentence,
            bar=_bar(run),
            troubled=_troubled(shown),
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
            checks=sum(result.checks for result in run.results),
        )
    )


def _style(verdict: Verdict) -> str:
    """CSS class of a verdict."""
    return verdict.name.lower()


def _environment() -> Environment:
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
        expected=expected,
        subject=subject,
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
    return environment


def _finalized(value: object) -> object:
    """Every text that the template puts out passes here before it is escaped."""
    return value if not isinstance(value, str) or isinstance(value, Markup) else printable(value)


def _shown(number: int, result: Result, words: Mapping[str, str]) -> Shown:
    rows = list(dict.fromkeys(one.row for one in result.failures)) or result.rows
    return Shown(f"t{number}", result, [(row, words[row]) for row in rows if words.get(row)])


def _troubled(shown: list[Shown]) -> list[list[Shown]]:
    """What did not pass, the worst first; together what has no verdict for the same cause."""
    of = {id(one.result): one for one in shown}
    chosen = [one.result for one in shown if one.result.verdict in _NOT_JUDGED_WELL]
    chosen.sort(key=lambda result: WORST_FIRST.index(result.verdict))
    return [[of[id(result)] for result in alike] for alike in by_cause(chosen)]


def _later(shown: list[Shown]) -> list[tuple[str, str, list[Shown]]]:
    """What passed, but not at once: by which attempt, and what the first one said."""
    of = {id(one.result): one for one in shown}
    found = passed_later(one.result for one in shown).items()
    return [(at, first, [of[id(result)] for result in results]) for (at, first), results in found]


def _repeats(shown: list[Shown]) -> tuple[list[Shown], int]:
    """Testcases whose verdicts are to be looked at, and how many had a good one each time."""
    of = {id(one.result): one for one in shown}
    varied, same = repeated([one.result for one in shown])
    return [of[id(result)] for result in varied], len(same)


def _tried(results: Iterable[Result]) -> list[tuple[Wording, str]]:
    """Verdicts of all attempts, the worst first."""
    found = {verdict for result in results for verdict in often(result)}
    return [(WORDING[verdict], _style(verdict)) for verdict in WORST_FIRST if verdict in found]


def _spread(shown: list[Shown]) -> list[tuple[Shown, Measurement]]:
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


def _reasons(shown: list[Shown]) -> list[tuple[str, list[Shown]]]:
    """Testcases that are not applicable, by reason, the commonest first."""
    reasons: dict[str, list[Shown]] = {}
    for one in shown:
        if one.result.verdict is Verdict.NOT_APPLICABLE:
            reasons.setdefault(one_line(one.result.cause) or "no reason was given", []).append(one)
    return sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))


def _deviations(shown: list[Shown]) -> list[tuple[Known, list[Shown]]]:
    """Testcases that showed a known deviation, by its reason."""
    reasons: dict[tuple[str, str, str], list[tuple[Known, Shown]]] = {}
    for one in shown:
        for known in one.result.deviations:
            key = (known.reason, known.reference, known.expires)
            reasons.setdefault(key, []).append((known, one))
    return [(members[0][0], [one for _, one in members]) for members in reasons.values()]


def _groups(shown: list[Shown]) -> list[Group]:
    members: dict[str, list[Shown]] = {}
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
