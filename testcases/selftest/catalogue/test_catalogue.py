"""The catalogue is complete, typed, and its errors name the row."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from harness.catalogue import CATALOGUE_FILE, load
from harness.run.collecting import SUITE, collect
from harness.verdict import BenchError, UsageError

COUNTS = {
    "LF": 30,
    "RX": 42,
    "PT": 16,
    "TX": 10,
    "SL": 29,
    "MX": 23,
    "CH": 8,
    "MK": 25,
    "FD": 23,
    "SP": 11,
    "CF": 14,
    "MG": 20,
    "AG": 20,
}


def test_every_group_has_all_its_rows_in_order() -> None:
    catalogue = load()
    assert Counter(row.group for row in catalogue) == COUNTS
    assert list(catalogue.rows) == [
        f"{group}-{n:02}" for group in COUNTS for n in range(1, COUNTS[group] + 1)
    ]
    assert list(catalogue.groups) == list(COUNTS)


def test_every_row_says_what_it_must() -> None:
    for row in load():
        assert row.requirement and row.stimulus and row.observable, row.id
        assert (row.confidence == () and row.time == "") == (row.group == "AG"), row.id


def test_a_row_in_full() -> None:
    row = load().row("RX-18")
    assert (row.clause, row.time, row.confidence) == ("43.4.9 recordPDU", "5 s", ("M",))
    assert row.flags == ("profile",)
    assert row.stimulus == "Actor.Aggregation=0"
    assert row.observable.startswith("Coll/Dist as individual, or suspended as declared")


@pytest.mark.parametrize(
    ("row_id", "clauses", "dotted"),
    [
        ("LF-01", ("43B.3",), "43B.3"),
        ("LF-04", ("43B",), "43B"),
        ("LF-26", ("43.4.2.2", "43.4.9"), "43.4.2.2"),
        ("LF-28", (), "LF"),
        ("RX-05", ("43.4.12",), "43.4.12"),
        ("MK-01", ("43.2.6", "43.5.4"), "43.2.6"),
        ("SP-08", ("43B.3",), "43B.3"),
        ("AG-04", (), "AG"),
    ],
)
def test_dotted_clauses(row_id: str, clauses: tuple[str, ...], dotted: str) -> None:
    row = load().row(row_id)
    assert (row.clauses, row.dotted) == (clauses, dotted)


def test_flags_are_those_in_brackets() -> None:
    for row in load():
        text = f"{row.requirement} {row.stimulus} {row.observable} {row.time}"
        brackets = " ".join(part.partition("]")[0] for part in text.split("[")[1:])
        assert set(row.flags) == {f for f in ("report", "profile", "PICS", "edition") if f in brackets}, (
            row.id
        )


def test_an_unknown_row_is_named_with_a_neighbour() -> None:
    with pytest.raises(UsageError, match=r"LF-1 is no row of the catalogue; did you mean LF-\d\d\?"):
        load().row("LF-1")


DAMAGE = [
    (lambda data: data["rows"][3].pop("time"), "LF-04: must have the fields id, clause"),
    (lambda data: data["rows"][3].update(colour="red"), "LF-04: must have the fields id, clause"),
    (lambda data: data["rows"][3].update(clause=43), "LF-04: clause: must be a text"),
    (lambda data: data["rows"][3].update(flags="report"), "LF-04: flags: must be a list of texts"),
    (lambda data: data["rows"][3].update(flags=["reprot"]), "LF-04: flags: 'reprot' is not one of report"),
    (lambda data: data["rows"][3].update(confidence=["X"]), "LF-04: confidence: 'X' is not one of C, M, L"),
    (lambda data: data["rows"][3].update(id="LF-03"), "LF-03: stands twice"),
    (lambda data: data["rows"][3].update(id="ZZ-03"), "ZZ-03: is no id of a known group"),
    (lambda data: data["rows"].insert(0, "LF-01"), r"rows\[0\]: must have the fields"),
    (lambda data: data.pop("groups"), "a catalogue has `groups` and `rows`"),
]


@pytest.mark.parametrize(("damage", "message"), DAMAGE, ids=[message for _, message in DAMAGE])
def test_a_damaged_catalogue_is_named(tmp_path: Path, damage: Any, message: str) -> None:
    data = json.loads(CATALOGUE_FILE.read_text())
    damage(data)
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(data))
    with pytest.raises(BenchError, match=message):
        load(path)


@pytest.mark.parametrize("text", ["", "{", "\x00"])
def test_what_is_no_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rows.json"
    path.write_text(text)
    with pytest.raises(BenchError, match=r"rows\.json: cannot be read as the catalogue"):
        load(path)


REASONS = [
    ('{"LF-99": "it is so"}', "LF-99: is no row of the catalogue"),
    ('{"SP-10": ""}', "SP-10: must be a text"),
    ('{"SP-10": 7}', "SP-10: must be a text"),
    ('["SP-10"]', "must be reasons by row"),
    ("{", "cannot be read as the catalogue"),
]


@pytest.mark.parametrize(("text", "message"), REASONS, ids=[message for _, message in REASONS])
def test_a_damaged_list_of_reasons_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "no_bench.json"
    path.write_text(text)
    with pytest.raises(BenchError, match=rf"no_bench\.json: {message}"):
        load(no_bench=path)


def test_what_no_bench_shows_is_claimed_by_no_testcase() -> None:
    claimed = {row for found in collect([SUITE]) for row in found.spec.rows}
    assert not claimed & load().no_bench.keys()


def test_every_row_is_claimed_or_says_why_no_bench_shows_it() -> None:
    """But for what is done with traffic (FD), which the suite does not cover yet."""
    claimed = {row for found in collect([SUITE]) for row in found.spec.rows}
    catalogue = load()
    without = [row.id for row in catalogue if row.id not in claimed | catalogue.no_bench.keys()]
    assert [row for row in without if not row.startswith("FD-")] == []
