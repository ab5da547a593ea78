"""The catalogue's rows for the page, by group and by clause: what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.report.coverage import NO_BENCH, NOT_RUN, UNCLAIMED, RowCoverage, by_clause
from harness.report.summary import group_order, group_titles
from harness.report.wording import WORDING
from harness.verdict import WORST_FIRST, Verdict
from harness.verdict.result import Key

_OTHERS = {
    NOT_RUN: ("unrun", "○", "claimed, not in this run"),
    NO_BENCH: ("no_bench", "∅", "no bench shows it"),
    UNCLAIMED: ("unclaimed", "·", "no testcase"),
}


@dataclass(frozen=True)
class Cell:
    """One row of the catalogue as the matrix shows it; ``href`` leads to the testcase that decided."""

    row: RowCoverage
    style: str
    symbol: str
    word: str
    href: str

    @property
    def outcomes(self) -> str:
        """ "3 pass, 1 not applicable": testcases by verdict."""
        number = {verdict: len(self.row.outcomes.get(verdict.value, ())) for verdict in WORST_FIRST}
        return ", ".join(f"{n} {verdict.value}" for verdict, n in number.items() if n)

    @property
    def remarks(self) -> list[str]:
        """Why it was not judged, or judged so."""
        return [
            *filter(None, (self.row.no_bench,)),
            *(f"not applicable: {reason}" for reason in self.row.not_applicable),
            *(f"not judged: {row} was broken before" for row in self.row.not_judged),
            *(f"known deviation: {reason}" for reason in self.row.deviations),
            *(f"reading {name}: {choice}" for name, choice in self.row.readings.items()),
            *([f"{self.row.watched} frames watched"] if self.row.watched else ()),
        ]


@dataclass
class MatrixGroup:
    """Rows under one heading."""

    id: str
    title: str
    labs: dict[str, list[Cell]] = field(default_factory=dict)  # by the lab's name

    @property
    def rows(self) -> list[dict[str, Cell]]:
        """Each row as it is on each lab."""
        return [dict(zip(self.labs, cells, strict=True)) for cells in zip(*self.labs.values(), strict=True)]

    @property
    def claimed(self) -> int:
        """How many rows some testcase claims."""
        return len(self.rows) - self.unclaimed

    @property
    def unclaimed(self) -> int:
        """How many rows no testcase claims."""
        return sum(not any(cell.row.claimed for cell in row.values()) for row in self.rows)


ByLab = Mapping[str, Sequence[RowCoverage]]
"""The catalogue's rows, in its order, as each lab of a run covers them; by the lab's name."""


def matrix(rows: ByLab, anchors: Mapping[Key, str]) -> list[MatrixGroup]:
    """Groups in the catalogue's order; ``anchors`` are ids on the page by lab and node id."""
    groups: dict[str, MatrixGroup] = {}
    for lab, of_lab in rows.items():
        for row in of_lab:
            group = groups.setdefault(row.group, MatrixGroup(row.group, group_titles().get(row.group, "")))
            group.labs.setdefault(lab, []).append(_cell(lab, row, anchors))
    return sorted(groups.values(), key=lambda group: group_order(group.id))


def clauses(rows: ByLab, anchors: Mapping[Key, str]) -> list[MatrixGroup]:
    """The same by clause; a row stands under each that it cites."""
    found: dict[str, MatrixGroup] = {}
    for lab, of_lab in rows.items():
        for clause, citing in by_clause(of_lab).items():
            group = found.setdefault(clause, MatrixGroup(clause, ""))
            group.labs[lab] = [_cell(lab, row, anchors) for row in citing]
    return list(found.values())


def _cell(lab: str, row: RowCoverage, anchors: Mapping[Key, str]) -> Cell:
    if row.state in _OTHERS:
        return Cell(row, *_OTHERS[row.state], href="")
    verdict = Verdict(row.state)
    wording = WORDING[verdict]
    href = f"#{anchors[lab, row.outcomes[row.state][0]]}"
    return Cell(row, verdict.name.lower(), wording.symbol, wording.word.lower(), href)
