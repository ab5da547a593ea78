"""Rows and groups of the catalogue, read from rows.json."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from harness.verdict import BenchError, UsageError

CATALOGUE_FILE = Path(__file__).with_name("rows.json")
NO_BENCH_FILE = Path(__file__).with_name("no_bench.json")
FLAGS = ("report", "profile", "PICS", "edition")
CONFIDENCES = ("C", "M", "L")

_T = TypeVar("_T")
_ID = re.compile(r"[A-Z]{2}-[0-9]{2}")
_CLAUSE = re.compile(r"\b(?:43[A-C]?|30)(?:\.\d+)*")


@dataclass(frozen=True)
class Group:
    """Rows about one subject: ``id`` begins their ids, ``clauses`` are those that the group covers."""

    id: str
    title: str
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One requirement of the standard, in the catalogue's own words.

    ``clause`` is of the standard; in group AG the section of the manual page. ``flags``: parts of the row
    never fail (report), depend on what the implementation declares (profile, PICS) or on the edition; the
    text in brackets says which. ``confidence``: C confirmed by a second source, M from knowledge of the
    standard, L editions differ; empty in group AG.
    """

    id: str
    clause: str
    requirement: str
    stimulus: str
    observable: str
    time: str
    confidence: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def group(self) -> str:
        """``"LF"`` of ``LF-01``."""
        return self.id.partition("-")[0]

    @property
    def clauses(self) -> tuple[str, ...]:
        """The dotted clauses alone: ``("43.4.2.2", "43.4.9")``; empty where the row has none."""
        return tuple(_CLAUSE.findall(self.clause))

    @property
    def dotted(self) -> str:
        """The first dotted clause, or the group's id where there is none."""
        return self.clauses[0] if self.clauses else self.group


_HINTS: dict[type[Any], dict[str, Any]] = {kind: get_type_hints(kind) for kind in (Group, Row)}


class Catalogue:
    """All rows, in the catalogue's order. ``no_bench``: why no bench shows a row, by the row's id."""

    def __init__(self, groups: list[Group], rows: list[Row], no_bench: Mapping[str, str]) -> None:
        self.groups = {group.id: group for group in groups}
        self.rows = {row.id: row for row in rows}
        self.no_bench = dict(no_bench)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, row_id: object) -> bool:
        return row_id in self.rows

    def row(self, row_id: str) -> Row:
        """The row of an id. Raises UsageError when there is none."""
        if row_id not in self.rows:
            near = difflib.get_close_matches(row_id, self.rows, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"{row_id} is no row of the catalogue{hint}")
        return self.rows[row_id]


def load(path: Path = CATALOGUE_FILE, no_bench: Path = NO_BENCH_FILE) -> Catalogue:
    """Read the catalogue. Raises BenchError that names the file, the row and the field when it is damaged."""
    data = _read(path)
    if not isinstance(data, dict) or set(data) != {"groups", "rows"}:
        raise BenchError(f"{path}: a catalogue has `groups` and `rows`")
    groups = [_make(Group, entry, path, f"groups[{i}]") for i, entry in enumerate(data["groups"])]
    rows = [_make(Row, entry, path, f"rows[{i}]") for i, entry in enumerate(data["rows"])]
    _check(groups, rows, path)
    return Catalogue(groups, rows, _reasons(no_bench, {row.id for row in rows}))


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BenchError(f"{path}: cannot be read as the catalogue: {error}") from None


def _reasons(path: Path, rows: set[str]) -> dict[str, str]:
    """Why no bench can show a row, by the row's id."""
    data = _read(path)
    if not isinstance(data, dict):
        raise BenchError(f"{path}: must be reasons by row")
    for row, reason in data.items():
        if row not in rows:
            raise BenchError(f"{path}: {row}: is no row of the catalogue")
        if not isinstance(reason, str) or not reason:
            raise BenchError(f"{path}: {row}: must be a text")
    return data


def _make(kind: type[_T], entry: Any, path: Path, where: str) -> _T:
    """A dataclass instance from a JSON object that has exactly its fields."""
    where = f"{path}: {entry.get('id', where) if isinstance(entry, dict) else where}"
    hints = _HINTS[kind]
    if not isinstance(entry, dict) or set(entry) != set(hints):
        raise BenchError(f"{where}: must have the fields {', '.join(hints)}")
    values: dict[str, Any] = {}
    for name, hint in hints.items():
        value = entry[name]
        if get_args(hint):
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise BenchError(f"{where}: {name}: must be a list of texts")
            values[name] = tuple(value)
        elif isinstance(value, str):
            values[name] = value
        else:
            raise BenchError(f"{where}: {name}: must be a text")
    return kind(**values)


def _check(groups: list[Group], rows: list[Row], path: Path) -> None:
    known, seen = {group.id for group in groups}, set[str]()
    for row in rows:
        if not _ID.fullmatch(row.id) or row.group not in known:
            raise BenchError(f"{path}: {row.id}: is no id of a known group ({', '.join(sorted(known))})")
        if row.id in seen:
            raise BenchError(f"{path}: {row.id}: stands twice")
        seen.add(row.id)
        for name, values, allowed in (
            ("confidence", row.confidence, CONFIDENCES),
            ("flags", row.flags, FLAGS),
        ):
            if wrong := [value for value in values if value not in allowed]:
                raise BenchError(f"{path}: {row.id}: {name}: {wrong[0]!r} is not one of {', '.join(allowed)}")
