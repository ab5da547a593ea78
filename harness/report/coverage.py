"""What a run comes to for every row of the catalogue; the page's matrix and `coverage.json` are made of it.

`coverage.json` is an object of

- `run`: lab (the file), name (the lab's), kind, implementation, profile, started (ISO 8601, UTC), git commit;
- `states`: how many rows have each state;
- `clauses`: the ids of the rows that cite it, by dotted clause; rows without one are under their group's id;
- `rows`, in the catalogue's order, each with `id`, `group`, `clause` as the catalogue has it, `clauses` (the
  dotted ones in it), `requirement`, `confidence`; `state`; `claimed_by`, node ids of testcases, run or not;
  `outcomes`, node ids by the verdict that they have of this row, whatever they found of others; `attempts`,
  of testcases that were run more than once their verdicts in turn, by node id; `not_applicable`, node ids by
  reason; `not_judged`, node ids by the row that was broken before: a premise, or what ended the testcase;
  `watched`, how many frames the protocol monitor held against it; `readings`, the choice by name;
  `deviations`, reasons; `no_bench`, why no bench shows it ("" where one can).

Node ids "monitor::ROW" (a rule of the protocol monitor) and "premise::ROW" (what testcases need before they
can judge) stand for what several testcases showed.

The state is the worst verdict that testcases have of the row ("fail", "error", "inconclusive", "unsteady",
"known deviation", "not judged", "pass", "not applicable"), "not run" where only testcases claim it that were
not selected, "no bench" or "unclaimed" where none does.

Of a run on several labs it is an object of `labs`, such an object by the name of each lab, and `states`: for
each row, by its id, the state on each lab, by its name.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from harness.profile import readings
from harness.report.summary import group_of
from harness.report.text import write_atomically
from harness.verdict import WORST_FIRST, Verdict
from harness.verdict.result import Result, Run

NOT_RUN, NO_BENCH, UNCLAIMED = "not run", "no bench", "unclaimed"


@dataclass
class RowCoverage:
    """One row; fields as in `coverage.json`."""

    id: str
    group: str
    clause: str = ""
    clauses: list[str] = field(default_factory=list)
    requirement: str = ""
    confidence: list[str] = field(default_factory=list)
    state: str = UNCLAIMED
    claimed_by: list[str] = field(default_factory=list)
    outcomes: dict[str, list[str]] = field(default_factory=dict)
    attempts: dict[str, list[str]] = field(default_factory=dict)
    not_applicable: dict[str, list[str]] = field(default_factory=dict)
    not_judged: dict[str, list[str]] = field(default_factory=dict)
    watched: int = 0
    readings: dict[str, str] = field(default_factory=dict)
    deviations: list[str] = field(default_factory=list)
    no_bench: str = ""

    @property
    def claimed(self) -> bool:
        """Whether any testcase claims it."""
        return self.state not in (NO_BENCH, UNCLAIMED)


def coverage(catalogue_rows: Iterable[Mapping[str, Any]], results: Sequence[Result]) -> list[RowCoverage]:
    """Every row's coverage, in the order given.

    A row is a mapping: it needs "id"; "clause", "clauses" (the dotted ones), "requirement", "confidence",
    "testcases" (who claims it, run or not) and "no_bench" may be missing.
    """
    judged: dict[str, list[Result]] = {}
    watched: Counter[str] = Counter()
    for result in results:
        for row in result.rows:
            judged.setdefault(row, []).append(result)
        for one in result.watched:
            watched[one.row] += one.held
    return [_row(row, judged.get(str(row["id"]), []), watched[str(row["id"])]) for row in catalogue_rows]


def _row(row: Mapping[str, Any], results: list[Result], watched: int) -> RowCoverage:
    claimed = dict.fromkeys([*(row.get("testcases") or ()), *(result.nodeid for result in results)])
    found = RowCoverage(
        id=str(row["id"]),
        group=group_of([str(row["id"])]),
        clause=str(row.get("clause") or ""),
        clauses=list(row.get("clauses") or ()),
        requirement=str(row.get("requirement") or ""),
        confidence=list(row.get("confidence") or ()),
        claimed_by=list(claimed),
        watched=watched,
        no_bench=str(row.get("no_bench") or ""),
    )
    for result in results:
        verdict = result.judged[found.id]
        found.outcomes.setdefault(verdict.value, []).append(result.nodeid)
        if result.attempts:
            found.attempts[result.nodeid] = [attempt.verdict.value for attempt in result.attempts]
        if verdict is Verdict.NOT_APPLICABLE:
            reason = result.lacking.get(found.id, result.cause)
            found.not_applicable.setdefault(reason, []).append(result.nodeid)
        if verdict is Verdict.NOT_JUDGED and result.failures:
            found.not_judged.setdefault(result.failures[-1].row, []).append(result.nodeid)
        for known in result.deviations:
            if known.row == found.id and known.reason not in found.deviations:
                found.deviations.append(known.reason)
        found.readings |= {n: choice for n, choice in result.readings.items() if found.id in _rows_of(n)}
    found.state = _state(found)
    return found


def _rows_of(reading: str) -> list[str]:
    return readings()[reading].rows if reading in readings() else []


def _state(row: RowCoverage) -> str:
    for verdict in WORST_FIRST:
        if verdict.value in row.outcomes:
            return verdict.value
    if row.claimed_by:
        return NOT_RUN
    return NO_BENCH if row.no_bench else UNCLAIMED


def by_clause(rows: Iterable[RowCoverage]) -> dict[str, list[RowCoverage]]:
    """The rows that cite each dotted clause, clauses in the order of their numbers, then what has none."""
    clauses: dict[str, list[RowCoverage]] = {}
    for row in rows:
        for clause in row.clauses or [row.group]:
            clauses.setdefault(clause, []).append(row)
    return {clause: clauses[clause] for clause in sorted(clauses, key=_in_order)}


def _in_order(clause: str) -> tuple[bool, list[tuple[int, str]]]:
    """43.4.2 before 43.4.12, and both before 43A.3; groups without a clause last."""
    parts = [(int("".join(filter(str.isdigit, part)) or 0), part) for part in clause.split(".")]
    return not clause[0].isdigit(), parts


def write_coverage(run: Run, path: Path, catalogue_rows: Sequence[Mapping[str, Any]]) -> None:
    """Write `coverage.json` to ``path``, atomically; ``catalogue_rows`` as `coverage` wants them.

    OSError as from the system.
    """
    rows = {one.name: coverage(catalogue_rows, one.results) for one in run.by_lab}
    data = {one.name: _of_lab(one, rows[one.name]) for one in run.by_lab}
    together: dict[str, Any] = {
        "labs": data,
        "states": {
            str(row["id"]): {name: found[number].state for name, found in rows.items()}
            for number, row in enumerate(catalogue_rows)
        },
    }
    shown = together if run.labs else data[run.name]
    write_atomically(path, (json.dumps(shown, indent=1, ensure_ascii=False) + "\n").encode())


def _of_lab(run: Run, rows: Sequence[RowCoverage]) -> dict[str, Any]:
    return {
        "run": {
            "lab": run.lab,
            "name": run.name,
            "kind": run.kind,
            "implementation": run.implementation,
            "profile": run.properties.get("profile", ""),
            "started": run.started,
            "git commit": run.properties.get("git commit", ""),
        },
        "states": dict(Counter(row.state for row in rows).most_common()),
        "clauses": {clause: [row.id for row in found] for clause, found in by_clause(rows).items()},
        "rows": [asdict(row) for row in rows],
    }
