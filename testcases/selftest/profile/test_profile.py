"""Editions and readings: what judges is data, asked by some testcase, and chosen in a lab file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from harness import catalogue
from harness.lab import load
from harness.profile import Edition, UnknownReading, profile, readings
from harness.profile.profile import load_readings
from harness.verdict import BenchError, UsageError
from testcases.selftest.runs.command import lab_text

ROOT = Path(__file__).parents[3]
SUITE = ROOT / "testcases" / "conformance"
SIMULATED = ROOT / "fixtures" / "labs" / "simulated.yaml"

READING = """\
odd:
  rows: [LF-01]
  question: What is odd?
  choices: {one: This., other: That.}
  default: one
  note: Somebody asked.
"""


def asked() -> Iterator[tuple[str, str]]:
    """Every reading that the suite asks, and where: `case.reading("name")`, `needs=["name=choice"]`."""
    for path in sorted(SUITE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            where = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "reading":
                assert isinstance(node.args[0], ast.Constant), f"{where}: a reading is asked by its name"
                yield str(node.args[0].value), where
            if isinstance(node, ast.keyword) and node.arg == "needs":
                words = [n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)]
                yield from ((str(word).partition("=")[0], where) for word in words if "=" in str(word))


def test_editions_differ_where_the_standard_does() -> None:
    of = {edition: profile(edition) for edition in get_args(Edition)}
    assert {edition: found.reading("lacp_version") for edition, found in of.items()} == {
        "802.3ad-2000": "one",
        "802.3-2002": "one",
        "802.3-2005": "one",
        "802.1AX-2008": "one",
        "802.1AX-2014": "one_or_two",
        "802.1AX-2020": "any",
    }
    assert {edition: found.slow_protocol_frames_per_second for edition, found in of.items()} == {
        "802.3ad-2000": 5,
        "802.3-2002": 5,
        "802.3-2005": 10,
        "802.1AX-2008": 10,
        "802.1AX-2014": 10,
        "802.1AX-2020": 10,
    }


def test_an_edition_says_what_it_does_not_judge() -> None:
    assert profile("802.3ad-2000").reservations == []
    memory, *excluded = profile("802.1AX-2020").reservations
    assert memory.startswith("No text of this edition was at hand")
    assert any("Distributed Resilient" in sentence for sentence in excluded)
    assert all(sentence.startswith("Not judged: ") for sentence in profile("802.1AX-2014").reservations)


def test_a_reading_is_about_rows_that_can_be_read_in_several_ways() -> None:
    rows = catalogue.load()
    for name, reading in readings().items():
        for row in map(rows.row, reading.rows):
            assert {"M", "L"} & set(row.confidence) or {"edition", "profile", "report"} & set(row.flags), (
                f"{name}: {row.id} leaves no question open"
            )


def test_every_reading_is_asked_by_the_suite() -> None:
    assert not set(readings()) - {name for name, _ in asked()}, "readings that no testcase asks"


def test_the_suite_asks_known_readings_only() -> None:
    assert [where for name, where in asked() if name not in readings()] == []


def test_an_edition_has_its_defaults_and_a_lab_file_chooses_others(tmp_path: Path) -> None:
    assert profile("802.3ad-2000").reading("half_duplex") == "lacp_off"
    assert profile("802.1AX-2014").reading("half_duplex") == "out_of_scope"
    lab = tmp_path / "lab.yaml"
    text = lab_text(SIMULATED).replace(
        "benches: 2", "profile: 802.1AX-2014\nreadings: {half_duplex: lacp_off}"
    )
    lab.write_text(text)
    judged_by = load(lab).judged_by
    assert judged_by.reading("half_duplex") == "lacp_off"
    assert judged_by.reading("mixed_speeds") == "by_key"
    assert str(judged_by) == "802.1AX-2014 with half_duplex=lacp_off"


def test_an_unknown_reading_names_the_one_that_was_meant() -> None:
    with pytest.raises(UnknownReading, match=r"has no reading half_duplx; did you mean half_duplex\?"):
        profile("802.3ad-2000").reading("half_duplx")


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ("{half_duplx: lacp_off}", "readings.half_duplx: no reading of that name; did you mean half_duplex?"),
        ("{half_duplex: never}", "readings.half_duplex: 'never' is not one of lacp_off, out_of_scope"),
        ("{half_duplex: 3}", "readings.half_duplex: must be text, is 3"),
        ("lacp_off", "readings: must be a section of keys, is 'lacp_off'"),
    ],
)
def test_a_wrong_choice_in_a_lab_file_is_one_message(tmp_path: Path, chosen: str, words: str) -> None:
    lab = tmp_path / "lab.yaml"
    lab.write_text(lab_text(SIMULATED).replace("benches: 2", f"readings: {chosen}"))
    with pytest.raises(UsageError) as caught:
        load(lab)
    assert str(caught.value).endswith(words)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("default: one", "default: three", "odd: default three is not one of one, other"),
        ("default: one", "default: {802.3ad-2000: one}", "odd: default names a choice for each edition"),
        ("note: Somebody asked.", "", "odd.note: Field required"),
        ("note:", "notes:", "odd.note: Field required"),
        ("choices: {one: This., other: That.}", "choices: {one: This.}", "odd.choices: "),
        ("odd:", "odd: [", "cannot be read"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "readings.yaml"
    path.write_text(READING)
    assert list(load_readings(path)) == ["odd"]
    path.write_text(READING.replace(old, new))
    with pytest.raises(BenchError) as caught:
        load_readings(path)
    assert str(caught.value).startswith(f"{path}: {words}")
