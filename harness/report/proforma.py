"""The PICS proforma of 43.7, filled in from a lab file and a run: a page that a lab prints and hands over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from harness.catalogue import Catalogue, Row
from harness.dut.abilities import Abilities
from harness.lab.pics import Pics
from harness.lab.schema import Lab
from harness.verdict import BenchError, UsageError

PROFORMA_FILE = Path(__file__).parents[1] / "catalogue" / "proforma.yaml"

AGR = "AG"
"""The group of what agr(4) promises of itself: no clause of the standard's, and not in its proforma."""


class Item(BaseModel):
    """One line of the proforma; fields as in proforma.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    feature: str
    clause: str
    status: str
    name: str = ""
    word: str = ""
    rows: list[str]


class Section(BaseModel):
    """One table of the proforma."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    group: str
    items: list[Item]


@dataclass(frozen=True)
class Line:
    """An item as it is printed: its number, the answer of the PICS ("yes", "no", a value, "" where the
    supplier is to tick it), what a run said of its rows ("" without one), and those with known deviations."""

    number: str
    item: Item
    answer: str
    tested: str
    deviations: list[str]


def sections(catalogue: Catalogue, path: Path = PROFORMA_FILE) -> list[Section]:
    """The tables of the proforma; each row of the catalogue, but agr's own, is in one of its items at least.

    Raises BenchError where the file is damaged, UsageError for a row that is none.
    """
    try:
        found = TypeAdapter(list[Section]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise BenchError(f"{path}: cannot be read as the proforma: {error}") from None
    named = {catalogue.row(row).id for section in found for item in section.items for row in item.rows}
    return [
        section.model_copy(update={"items": [*section.items, *_rest(catalogue, section.group, named)]})
        for section in found
    ]


def _rest(catalogue: Catalogue, group: str, named: set[str]) -> list[Item]:
    rows = [row for row in catalogue if row.group == group and row.id not in named]
    return [
        Item(feature=row.requirement, clause=row.clause, status=_status(row), rows=[row.id]) for row in rows
    ]


def _status(row: Row) -> str:
    """Of a row that no item names: what is only reported, or declared, is no duty."""
    if row.group == "CH":
        return "CH:M"
    return "O" if {"PICS", "report"} & set(row.flags) else "M"


def answered(pics: Pics, word: str) -> str:
    """The answer of a PICS to one of its words, as the proforma has it; "" for no word."""
    if not word:
        return ""
    value = getattr(pics, word)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, BaseModel):
        return ", ".join(f"{name} {said}" for name, said in value)
    return str(value).replace("_", " ")


@dataclass(frozen=True)
class Seen:
    """A run by its `coverage.json`: ``run`` is what it says of itself, ``states`` the state of each row."""

    run: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)


def seen_in(path: Path, lab: Lab) -> Seen:
    """What a run of this lab has tested. UsageError where the file is no `coverage.json`, or another's."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        labs = data["labs"] if "labs" in data else {data["run"]["name"]: data}
        seen = {
            name: Seen(of["run"], {str(row["id"]): str(row["state"]) for row in of["rows"]})
            for name, of in labs.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path}: is no coverage.json of a run: {error}") from None
    if lab.name not in seen:
        raise UsageError(f"{path}: is of a run on {', '.join(seen)}, and {lab.file} is {lab.name}")
    return seen[lab.name]


def lines(lab: Lab, catalogue: Catalogue, states: Mapping[str, str]) -> list[tuple[Section, list[Line]]]:
    """The proforma of a lab file's implementation; ``states`` are those of rows in a run, by id."""
    known = lab.implementation.deviations.known
    made = []
    for place, section in enumerate(sections(catalogue), start=1):
        found = []
        for number, item in enumerate(section.items, start=1):
            deviating = [row for row in item.rows if any(row in one.rows for one in known)]
            answer = answered(lab.implementation.pics, item.word)
            found.append(Line(f"{place}.{number}", item, answer, _tested(item.rows, states), deviating))
        made.append((section, found))
    return made


def _tested(rows: Sequence[str], states: Mapping[str, str]) -> str:
    """What a run said of these rows: one word where it is the same of all."""
    said: dict[str, list[str]] = {}
    for row in rows:
        if row in states:
            said.setdefault(states[row], []).append(row)
    if len(said) == 1:
        return next(iter(said))
    return "; ".join(f"{state}: {', '.join(which)}" for state, which in said.items())


def proforma(lab: Lab, catalogue: Catalogue, abilities: Abilities, seen: Seen) -> str:
    """The page, as HTML that needs nothing else."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    values: dict[str, Any] = {
        "lab": lab,
        "profile": lab.judged_by,
        "sections": lines(lab, catalogue, seen.states),
        "missing": abilities.missing(),
        "known": lab.implementation.deviations.known,
        "run": seen.run,
        "tested": bool(seen.states),
    }
    return environment.get_template("proforma.html.j2").render(values)
