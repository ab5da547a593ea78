"""Each row has its own verdict, from the testcase to the reports; so has a premise that was not reached."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest

from testcases.selftest.runs import suites
from testcases.selftest.runs.command import Done, agr_lab
from testcases.selftest.runs.test_exit_codes import simulated

AGR = "fixtures.simulated.agr_core:Agr"
NEVER_IN_SYNC = "testcases.selftest.runs.broken:NeverInSync"
SPINS = "testcases.selftest.runs.broken:Spins"

WAITS = '''
import pytest

from harness.case import Case, claims


@claims("FD-01", wires=1)
@pytest.mark.parametrize("number", range(5))
def test_waits(case: Case, number: int) -> None:
    """Needs a link that carries data"""
    case.bundle()
    case.check(True, "this", "that")


@claims("MX-02", wires=1)
def test_own(case: Case) -> None:
    """Is of the row that the others wait for, and does not see what is wrong"""
    case.check(True, "this", "that")
'''

FUSED = '''
from harness.case import Case, claims


@claims("MK-08", "MK-09", "MK-10", wires=1)
def test_fused(case: Case) -> None:
    """Judges three rows, of which two are broken"""
    case.check(False, "an answer", "none", row="MK-08")
    case.check(False, "another answer", "none", row="MK-09")
    case.check(True, "this", "that", row="MK-10")
'''


@dataclass(frozen=True)
class Ran:
    """A run: verdicts and properties by testcase, from JUnit; states of rows, from coverage.json."""

    done: Done
    verdicts: dict[str, str]
    properties: dict[str, dict[str, str]]
    states: dict[str, str]


def ran(folder: Path, implementation: str, text: str, *words: str, known: str = "") -> Ran:
    """Run a suite of one file on the simulated bench; ``known`` are rows of its list of deviations."""
    lab = simulated(folder, AGR, implementation)
    if known:
        listed = f"known: [{{rows: [{known}], reason: It is so., reference: here, expires: 2999-12-31}}]"
        (folder / "known.yaml").write_text(listed)
        lab.write_text(re.sub(r"deviations: .*", "deviations: known.yaml", lab.read_text()))
    reports = folder / "reports"
    done = agr_lab("run", "--lab", lab, suites.write(folder, text), *words, "--reports", reports)
    cases = list(ET.parse(reports / "junit.xml").getroot().iter("testcase"))
    told = [{p.get("name") or "": p.get("value") or "" for p in case.iter("property")} for case in cases]
    properties = {said["nodeid"].removeprefix("test_of_a_run.py::"): said for said in told}
    rows = json.loads((reports / "coverage.json").read_text())["rows"]
    states = {row["id"]: row["state"] for row in rows}
    return Ran(done, {name: said["verdict"] for name, said in properties.items()}, properties, states)


@pytest.mark.parametrize(
    ("words", "own"),
    [((), {"test_own": "pass"}), (("-k", "waits"), {}), (("--rows", "FD-01"), {})],
    ids=["its own testcase passes", "left out by -k", "left out by --rows"],
)
def test_a_premise_is_one_failure_and_its_consequences(
    tmp_path: Path, words: tuple[str, ...], own: dict[str, str]
) -> None:
    run = ran(tmp_path, NEVER_IN_SYNC, WAITS, *words)
    assert run.done.code == 1, run.done.out
    waiting = {f"test_waits[{number}]": "not judged" for number in range(5)}
    assert run.verdicts == {**waiting, **own, "premise::MX-02": "fail"}, run.done.out
    assert (run.states["MX-02"], run.states["FD-01"]) == ("fail", "not judged")
    assert {run.properties[name]["waits for"] for name in waiting} == {"MX-02"}
    run.done.says(
        "5 testcases wait for MX-02 (clause 43.4.15", "MX-02  What 5 testcases wait for", "and 2 te"
    )
    assert run.done.out.count("expected an LACPDU with Synchronization=1") == 3, "at first, and at the end"


def test_what_waits_is_run_again(tmp_path: Path) -> None:
    ran(tmp_path, NEVER_IN_SYNC, WAITS)
    run = ran(tmp_path, AGR, WAITS, "--failed")
    assert run.done.code == 0, run.done.out
    assert run.verdicts == {f"test_waits[{number}]": "pass" for number in range(5)}


def test_a_known_deviation_of_one_row_says_nothing_of_the_others(tmp_path: Path) -> None:
    run = ran(tmp_path, AGR, FUSED, known="MK-08")
    assert run.done.code == 1, run.done.out
    rows = {"MK-08": "known deviation", "MK-09": "fail", "MK-10": "pass"}
    assert {row: run.states[row] for row in rows} == rows
    assert {row: run.properties["test_fused"][f"verdict.{row}"] for row in rows} == rows
    run.done.says("rows:     FAIL MK-09; KNOWN DEVIATION MK-08; PASS MK-10")
    both = ran(tmp_path, AGR, FUSED, known="MK-08, MK-09")
    assert (both.done.code, both.verdicts) == (0, {"test_fused": "known deviation"})
    assert (both.states["MK-09"], both.states["MK-10"]) == ("known deviation", "pass")


def test_an_implementation_that_spins_names_a_row(tmp_path: Path) -> None:
    """So that a list of deviations can name it."""
    run = ran(tmp_path, SPINS, WAITS, "-k", "waits")
    assert (run.done.code, set(run.verdicts.values())) == (1, {"fail"}), run.done.out
    run.done.says("FD-01 (clause 43.2.4", "expected an implementation that goes on; seen it spins")
    assert ran(tmp_path, SPINS, WAITS, "-k", "waits", known="FD-01").done.code == 0
