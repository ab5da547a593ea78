"""The page people look at after a run: one HTML file that needs nothing else, from file:// and offline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.report.attempts import beside, often, passed_later, repeated
from harness.report.coverage import coverage
from harness.report.entries import TROUBLED, Entry, entries, style_of
from harness.report.gauge import gauge, inside
from harness.report.histogram import histogram
from harness.report.lab_section import sections
from harness.report.limits import limited
from harness.report.matrix import clauses, matrix
from harness.report.readings import meaning
from harness.report.sentences import fields, frame_rows, frames_place, message
from harness.report.summary import (
    across,
    bench_label,
    bench_name,
    by_cause,
    counts,
    group_of,
    group_order,
    group_titles,
    headline,
    measurement_text,
    shown_words,
    side_by_side,
    titled,
    waiting_for,
)
from harness.report.text import duration, moment, printable, rows_short, write_atomically
from harness.report.wording import WORDING, Wording
from harness.verdict import WORST_FIRST
from harness.verdict.result import Measurement, Result, Run

_WHAT = 600
"""Characters of a cause, or of what was seen, that stand on the page unfolded."""
_TEMPLATES = ("page.html.j2", "macros.html.j2", "failures.html.j2", "page.css")


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
        return [(WORDING[verdict], style_of(verdict), n) for verdict, n in number.items() if n]


def write_page(run: Run, path: Path, catalogue_rows: Iterable[Mapping[str, Any]] = ()) -> None:
    """Write the page of a run to ``path``, atomically; attachments are linked relative to its folder.

    ``catalogue_rows`` are mappings as `harness.report.coverage.coverage` wants them. OSError as usual.
    """
    write_atomically(path, render(run, list(catalogue_rows)).encode("utf-8"))


def render(run: Run, catalogue_rows: Sequence[Mapping[str, Any]] = ()) -> str:
    """The page's HTML; texts are limited as in every report."""
    run = limited(run)
    words = {str(row["id"]): str(row.get("requirement") or "") for row in catalogue_rows}
    shown = entries(run, words)
    verdict, sentence = headline(run)
    labs = sections(run, shown)
    rows = {lab.run.name: coverage(catalogue_rows, lab.run.results) for lab in labs}
    anchors = {(lab.run.name, one.result.nodeid): one.anchor for lab in labs for one in reversed(lab.entries)}
    groups = matrix(rows, anchors)
    return (
        templates()
        .get_template("page.html.j2")
        .render(
            run=run,
            labs=labs,
            several=bool(run.labs),
            verdict=WORDING[verdict],
            style=style_of(verdict),
            sentence=sentence,
            bar=_bar(run),
            troubled=_troubled(shown),
            wordings=[WORDING[verdict] for verdict in WORST_FIRST],
            later=_later(shown),
            repeats=_repeats(shown) if run.repeats > 1 else None,
            tried=_tried(run.results),
            side_by_side=side_by_side(run),
            groups=_groups(shown),
            matrix=groups,
            clauses=clauses(rows, anchors),
            claimed=sum(group.claimed for group in groups),
            rows_in_all=sum(len(group.rows) for group in groups),
            spread=_spread(shown),
            measured=[(one, measurement) for one in shown for measurement in one.result.measurements],
            testcases=sum(not across(result) for result in run.results),
            checks=sum(result.checks for result in run.results),
        )
    )


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


def _troubled(shown: list[Entry]) -> list[list[Entry]]:
    """What did not pass, the worst first; together what has no verdict for the same cause."""
    of = {id(one.result): one for one in shown}
    chosen = [one.result for one in shown if one.result.verdict in TROUBLED]
    chosen.sort(key=lambda result: (WORST_FIRST.index(result.verdict), -waiting_for(result)))
    return [[of[id(result)] for result in alike] for alike in by_cause(chosen)]


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
    return [(WORDING[verdict], style_of(verdict)) for verdict in WORST_FIRST if verdict in found]


def _spread(shown: list[Entry]) -> list[tuple[Entry, Measurement]]:
    """Measurements with single figures behind them, by name: those of one kind side by side."""
    found = [(one, m) for one in shown for m in one.result.measurements if m.samples]
    return sorted(found, key=lambda pair: pair[1].name)


def _bar(run: Run) -> list[tuple[Wording, str, int, float]]:
    """Wording, style, number and per cent of each verdict."""
    total = len(run.results) or 1
    return [
        (WORDING[verdict], style_of(verdict), number, 100 * number / total)
        for verdict, number in counts(run.results).items()
    ]


def _groups(shown: list[Entry]) -> list[Group]:
    """By clause group; what several labs have of a testcase stands together."""
    of = [one.result.lab for one in shown]
    labs = {lab: number for number, lab in enumerate(dict.fromkeys(of))}

    def order(one: Entry) -> tuple[list[str], str, int, str]:
        nodeid = one.result.nodeid if len(labs) > 1 else ""
        return one.result.rows, nodeid, labs[one.result.lab], one.anchor

    members: dict[str, list[Entry]] = {}
    for one in shown:
        members.setdefault(group_of(one.result.rows), []).append(one)
    return [
        Group(
            group,
            group_titles().get(group, ""),
            sorted(members[group], key=order),
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
