"""Versions of the files that people write; keys and rows that are called otherwise now."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.lab import load
from harness.profile import versions
from harness.profile.profile import load_readings
from harness.verdict import BenchError, UsageError

LAB = """\
kind: simulated
name: bench
implementation:
  adapter: simulated
  load: "some:Class"
  pics: dut.yaml
  deviations: known.yaml
wires:
  - {name: a, port: re0, to: tester}
"""
KNOWN = "known: [{rows: [MK-01], reason: r, reference: its manual, expires: 2027-06-30}]\n"
NEWER = "is 2: this agr-lab reads files up to version 1; update it, or write the file anew"


def files(folder: Path, **changes: str) -> Path:
    """A lab file and the two that it names; ``changes`` stand before the text of each."""
    for name, text in {"lab": LAB, "dut": "churn: false\n", "known": KNOWN}.items():
        (folder / f"{name}.yaml").write_text(changes.get(name, "") + text)
    return folder / "lab.yaml"


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        load(path)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_a_version_may_be_said(tmp_path: Path) -> None:
    said = files(tmp_path, lab="version: 1\n", dut="version: 1\n", known="version: 1\n")
    lab = load(said)
    assert not lab.implementation.pics.churn
    assert lab.resolve("bench", str(tmp_path)).implementation == lab.implementation


@pytest.mark.parametrize("name", ["lab", "dut", "known"])
def test_a_newer_version_is_all_that_is_said(tmp_path: Path, name: str) -> None:
    """What else is unknown in the file may be right there."""
    path = files(tmp_path, **{name: "version: 2\nnews: true\n"})
    assert refused(path) == f"{name}.yaml:1: version: {NEWER}"


@pytest.mark.parametrize("version", ["0", "true", "one", "1.0", "[1]"])
def test_what_is_no_version(tmp_path: Path, version: str) -> None:
    said = refused(files(tmp_path, lab=f"version: {version}\n"))
    assert said.startswith("lab.yaml:1: version: must be a version of the file's form, 1, is ")


def test_a_base_has_a_version_of_its_own(tmp_path: Path) -> None:
    files(tmp_path, lab="version: 2\n")
    path = tmp_path / "above.yaml"
    path.write_text("version: 1\nextends: lab.yaml\n")
    assert refused(path) == f"lab.yaml:1: version: {NEWER}"


def test_readings_have_one_too(tmp_path: Path) -> None:
    path = tmp_path / "readings.yaml"
    path.write_text("version: 2\n")
    with pytest.raises(BenchError, match=r"readings\.yaml: version: is 2: this agr-lab reads"):
        load_readings(path)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("limits: {cpu_pressure: 50}", "lab.yaml:10: limits.cpu_pressure: there is no such limit any more"),
        ("emulated: {hostname: x, parts: 'a:B', switch_namespace: s}",
         "lab.yaml:10: emulated.hostname: the emulated switch has one host name; delete this key"),
    ],
)  # fmt: skip
def test_a_key_of_older_files_is_refused_with_what_to_write(tmp_path: Path, section: str, said: str) -> None:
    path = files(tmp_path)
    path.write_text(f"{path.read_text()}{section}\n")
    assert any(line.startswith(said) for line in refused(path).splitlines())


def test_a_row_that_has_another_id_now_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files(tmp_path)
    (tmp_path / "known.yaml").write_text(KNOWN.replace("MK-01", "MK-90"))
    assert "MK-90 is no row of the catalogue" in refused(path)
    monkeypatch.setitem(versions.OLD_ROWS, "MK-90", "MK-02")
    (known,) = load(path).implementation.deviations.known
    assert known.rows == ["MK-02"]


def test_a_mistake_in_the_base_names_the_base(tmp_path: Path) -> None:
    path = files(tmp_path)
    path.write_text(path.read_text().replace("to: tester", "to: nowhere"))
    above = tmp_path / "above.yaml"
    above.write_text("extends: lab.yaml\nlimits: {late: 0}\n")
    assert refused(above).splitlines() == [
        "above.yaml:2: limits.late: must be more than 0, is 0",
        "lab.yaml:9: wires[0].to: 'nowhere' is not one of tester, switch",
    ]
