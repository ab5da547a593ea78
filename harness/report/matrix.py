"""The catalogue's rows by group: which are claimed, by which testcases, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.report.summary import ORDER, WORDING, group_of, group_order, group_titles
from harness.result import Result


@dataclass(frozen=True)
class Cell:
    """One row of the catalogue as the matrix shows it."""

    row: str
    clause: str
    requirement: str
    confidence: str
    style: str
    symbol: str
    word: str
    reason: str
    href: str


@dataclass
class MatrixGroup:
    """One group of the catalogue."""

    id: str
    title: str
    cells: list[Cell] = field(default_factory=list)

    @property
    def claimed(self) -> int:
        """How many rows some testcase claims."""
        return sum(cell.style != "unclaimed" for cell in self.cells)

    @property
    def unclaimed(self) -> list[Cell]:
        """The rows that no testcase claims."""
        return [cell for cell in self.cells if cell.style == "unclaimed"]


def matrix(
    catalogue_rows: Iterable[Mapping[str, Any]], results: Sequence[Result], anchors: Sequence[str]
) -> list[MatrixGroup]:
    """Groups in the catalogue's order; ``anchors`` are the results' ids on the page.

    A row is as in `agr-lab catalogue --json`: it needs "id"; "clause", "requirement", "confidence",
    "testcases" (who claims it) and "reason" (why nobody does) may be missing.
    """
    judged: dict[str, list[tuple[Result, str]]] = {}
    for result, anchor in zip(results, anchors, strict=True):
        for row in result.rows:
            judged.setdefault(row, []).append((result, anchor))
    groups: dict[str, MatrixGroup] = {}
    for entry in catalogue_rows:
        prefix = group_of([str(entry["id"])])
        group = groups.setdefault(prefix, MatrixGroup(prefix, group_titles().get(prefix, "")))
        group.cells.append(_cell(entry, judged.get(str(entry["id"]), [])))
    return sorted(groups.values(), key=lambda group: group_order(group.id))


def _cell(row: Mapping[str, Any], judged: list[tuple[Result, str]]) -> Cell:
    if judged:
        result, anchor = min(judged, key=lambda pair: ORDER.index(pair[0].verdict))
        wording = WORDING[result.verdict]
        style, symbol, word, href = result.verdict.name.lower(), wording.symbol, wording.word.lower(), anchor
    elif row.get("testcases"):
        style, symbol, word, href = "unrun", "○", "claimed, not in this run", ""
    else:
        style, symbol, word, href = "unclaimed", "·", "no testcase", ""
    return Cell(
        row=str(row["id"]),
        clause=str(row.get("clause") or ""),
        requirement=str(row.get("requirement") or ""),
        confidence=" ".join(row.get("confidence") or ()),
        style=style,
        symbol=symbol,
        word=word,
        reason=str(row.get("reason") or ""),
        href=f"#{href}" if href else "",
    )
