"""Files about an implementation that lab files name: its PICS, and its known deviations."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from harness.lab import load
from harness.lab.pics import Pics
from harness.lab.source import read
from harness.run.collecting import SUITE, collect
from harness.verdict import UsageError

ROOT = Path(__file__).parents[3]
SILENCE = ("unanswered_markers", "silent_marker_wait")
"""Of a Marker generator whose partner does not answer."""

FILES = sorted((ROOT / "fixtures" / "pics").glob("*.yaml"))

LAB = """\
kind: simulated
name: bench
implementation:
  adapter: simulated
  load: "some:Class"
  pics: PICS
wires:
  - {name: a, port: re0, to: tester, mac: "02:00:00:00:00:01"}
"""


def lab_with(folder: Path, pics: str, answers: str = "churn: false\ncounters: true\n") -> Path:
    """A lab file whose PICS section is this, beside a PICS file `dut.yaml`."""
    (folder / "dut.yaml").write_text(answers)
    path = folder / "lab.yaml"
    path.write_text(LAB.replace("PICS", pics))
    return path


def refused(folder: Path, pics: str, answers: str = "churn: false\n") -> list[str]:
    with pytest.raises(UsageError) as caught:
        load(lab_with(folder, pics, answers))
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_a_file_answers(tmp_path: Path) -> None:
    pics = load(lab_with(tmp_path, "dut.yaml")).implementation.pics
    assert (pics.churn, pics.counters, pics.passive) == (False, True, True)
    assert pics.file == str(tmp_path / "dut.yaml")


def test_a_lab_file_s_own_answer_goes_over_the_file_s(tmp_path: Path) -> None:
    pics = load(lab_with(tmp_path, "{file: dut.yaml, churn: true}")).implementation.pics
    assert (pics.churn, pics.counters) == (True, True)


def test_one_bench_of_the_lab_has_the_same_answers(tmp_path: Path) -> None:
    lab = load(lab_with(tmp_path, "{file: dut.yaml, passive: false}"))
    assert lab.resolve("bench", str(tmp_path)).implementation.pics == lab.implementation.pics


def test_an_extending_file_s_pics_file_is_the_only_one(tmp_path: Path) -> None:
    """Answers of the base's file are another implementation's; answers given by themselves go over them."""
    lab_with(tmp_path, "dut.yaml")
    other = tmp_path / "other.yaml"
    other.write_text("marker_generator: false\n")
    above = tmp_path / "above.yaml"
    above.write_text("extends: lab.yaml\nimplementation: {pics: other.yaml}\n")
    pics = load(above).implementation.pics
    assert (pics.counters, pics.churn, pics.file) == (False, True, str(other))
    above.write_text("extends: lab.yaml\nimplementation: {pics: {passive: false}}\n")
    pics = load(above).implementation.pics
    assert (pics.counters, pics.passive, pics.file) == (True, False, str(tmp_path / "dut.yaml"))


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("chrun: true", "dut.yaml:1: chrun: unknown key; did you mean churn?"),
        ("passive: true\nchurn: maybe", "dut.yaml:2: churn: must be true or false, is 'maybe'"),
        (
            "marker_generator: true",
            "dut.yaml:1: marker_wait: missing: how many seconds the Marker generator waits for a response",
        ),
        (
            "unanswered_markers: 3",
            "dut.yaml:1: silent_marker_wait: missing: unanswered_markers is nothing without it",
        ),
        (
            "partner_defaults: {system: x}",
            "dut.yaml:1: partner_defaults.system: 'x' is no MAC address; write it as 02:00:00:00:00:01",
        ),
        ("file: other.yaml", "dut.yaml:1: file: it does not name another file"),
        ("- churn", "dut.yaml:1: a file of pics is a mapping of keys"),
        ("churn: [", "dut.yaml:2: not YAML: "),
    ],
)
def test_a_mistake_names_the_pics_file_and_the_key(tmp_path: Path, answers: str, said: str) -> None:
    (message,) = refused(tmp_path, "dut.yaml", f"{answers}\n")
    assert message.startswith(said)


@pytest.mark.parametrize(
    ("pics", "said"),
    [
        ("dud.yaml", "lab.yaml:6: implementation.pics: dud.yaml: cannot be read: No such file or directory"),
        ("{file: .}", "lab.yaml:6: implementation.pics: .: cannot be read: Is a directory"),
        ("{file: 3}", "lab.yaml:6: implementation.pics.file: must be text, is 3"),
        ("7", "lab.yaml:6: implementation.pics: must be a section of keys, is 7"),
        (
            "{file: dut.yaml, chrun: true}",
            "lab.yaml:6: implementation.pics.chrun: unknown key; did you mean churn?",
        ),
    ],
)
def test_a_mistake_in_the_lab_file_names_that(tmp_path: Path, pics: str, said: str) -> None:
    assert [line.replace(f"{tmp_path}:", ".:") for line in refused(tmp_path, pics)] == [said]


@pytest.mark.parametrize(
    "path", [path for path in FILES if "deviations" not in path.stem], ids=lambda p: p.stem
)
def test_every_file_answers_every_question(path: Path) -> None:
    """But for those asked only where another was answered with yes, and those the clause answers."""
    optional = {"file", "marker_wait", "max_ports", "partner_defaults", "max_key", "key_shift", *SILENCE}
    assert set(Pics.model_fields) - set(read(path).data) <= optional


KNOWN = """\
known:
  - rows: [MK-01]
    testcases: [test_response.py::test_other]
    reason: It has no Responder.
    reference: its manual
    expires: 2027-06-30
"""


def lab_deviating(folder: Path, known: str) -> Path:
    path = lab_with(folder, "dut.yaml\n  deviations: dut.deviations.yaml")
    (folder / "dut.deviations.yaml").write_text(known)
    return path


def test_known_deviations_are_read(tmp_path: Path) -> None:
    lab = load(lab_deviating(tmp_path, KNOWN))
    found = lab.implementation.deviations
    (one,) = found.known
    assert (one.rows, one.expires) == (["MK-01"], date(2027, 6, 30))
    assert found.file == str(tmp_path / "dut.deviations.yaml")
    assert lab.resolve("bench", str(tmp_path)).implementation.deviations == found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[MK-01]", "[MK-99]", "2: known[0].rows[0]: MK-99 is no row of the catalogue"),
        ("[MK-01]", "[]", "2: known[0].rows: must have at least one entry"),
        ("rows", "row", "2: known[0].rows: missing|2: known[0].row: unknown key; did you mean rows?"),
        (
            "    reason",
            "    editions: [802.1AX]\n    reason",
            "4: known[0].editions[0]: '802.1AX' is not one of 802.3ad-2000, 802.3-2002, 802.3-2005, "
            "802.1AX-2008, 802.1AX-2014, 802.1AX-2020; "
            "did you mean 802.1AX-2020?",
        ),
        ("2027-06-30", "soon", "6: known[0].expires: must be a day, as 2026-12-31, is 'soon'"),
        ("2027-06-30", "2027-06-31", "6: known[0].expires: must be a day, as 2026-12-31, is '2027-06-31'"),
        ("    reference: its manual\n", "", "2: known[0].reference: missing"),
    ],
)
def test_a_mistake_names_the_file_of_deviations_and_the_key(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in KNOWN
    with pytest.raises(UsageError) as caught:
        load(lab_deviating(tmp_path, KNOWN.replace(old, new)))
    lines = str(caught.value).replace(f"{tmp_path}/dut.deviations.yaml:", "").splitlines()
    assert lines == said.split("|")


@pytest.mark.parametrize("path", [path for path in FILES if "deviations" in path.stem], ids=lambda p: p.stem)
def test_deviations_name_testcases_of_the_suite(path: Path) -> None:
    suite = {found.nodeid.rpartition("/")[2]: found.spec.rows for found in collect([SUITE])}
    for one in read(path).data["known"]:
        for word in one.get("testcases", []):
            claimed = [
                set(rows)
                for name, rows in suite.items()
                if name == word or name.startswith((f"{word}[", f"{word}::"))
            ]
            assert word == "monitor" or any(rows & set(one["rows"]) for rows in claimed), (
                f"{word} claims no such row"
            )
