"""Several labs in one run: side by side, each with verdicts of its own, one report, one exit code."""

from __future__ import annotations

import json
import os
import signal
import xml.etree.ElementTree as ET
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from harness.lab import Lab, load, load_all
from harness.lab.sharing import shared
from harness.lab.source import Source
from harness.verdict import UsageError
from testcases.selftest.runs import suites
from testcases.selftest.runs.command import EMULATED, ROOT, SIMULATED, agr_lab, started

REFERENCE = str(ROOT / "fixtures" / "labs" / "reference.yaml")
BROKEN = str(ROOT / "docs" / "example" / "broken.yaml")
TWO_NICS = ROOT / "docs" / "example" / "two-nics.yaml"
WAYS = ROOT / "fixtures" / "labs" / "rehearsal.yaml"


def labs(*paths: str | Path) -> list[str]:
    """As arguments."""
    return [word for path in paths for word in ("--lab", str(path))]


def based(path: Path, **keys: object) -> Path:
    """A lab file as simulated.yaml, but for some keys."""
    path.write_text(yaml.safe_dump({"extends": SIMULATED} | keys))
    return path


def suites_of(reports: Path) -> dict[str, list[ET.Element]]:
    """The testcases of a JUnit file by the first word of their testsuite's name after agr-lab."""
    root = ET.parse(reports / "junit.xml").getroot()
    return {suite.attrib["name"].split()[1]: suite.findall("testcase") for suite in root.findall("testsuite")}


def verdicts(cases: list[ET.Element]) -> dict[str, str]:
    """By name."""
    told = [{p.get("name"): p.get("value") or "" for p in case.iter("property")} for case in cases]
    return {case.attrib["name"]: said["verdict"] for case, said in zip(cases, told, strict=True)}


def names(cases: list[ET.Element]) -> list[tuple[str, str]]:
    return [(case.attrib["classname"], case.attrib["name"]) for case in cases]


def test_each_lab_has_its_own_verdicts_and_only_the_broken_one_fails(tmp_path: Path) -> None:
    words = ["-k", "test_response or test_destination", "--benches", "1"]
    alone = agr_lab("run", *labs(SIMULATED), *words, "--reports", tmp_path / "alone")
    assert alone.code == 0, alone.out
    done = agr_lab("run", *labs(SIMULATED, REFERENCE, BROKEN), *words, "--reports", tmp_path / "all")
    assert done.code == 1, done.out
    done.says("(on broken)", f"again:    agr-lab run --lab {BROKEN} -k test_every_port_answers")
    found = suites_of(tmp_path / "all")
    assert list(found) == ["simulated", "reference", "broken"]
    failed = {lab: "fail" in verdicts(cases).values() for lab, cases in found.items()}
    assert failed == {"simulated": False, "reference": False, "broken": True}
    assert "not applicable" in verdicts(found["reference"]).values()  # its PICS has no Marker Generator
    assert "not applicable" not in verdicts(found["simulated"]).values()
    (once,) = suites_of(tmp_path / "alone").values()
    assert names(found["simulated"]) == [(f"simulated.{classname}", name) for classname, name in names(once)]
    coverage = json.loads((tmp_path / "all" / "coverage.json").read_text())
    assert coverage["states"]["MK-01"] == {"simulated": "pass", "reference": "pass", "broken": "fail"}
    captures = [path.relative_to(tmp_path / "all" / "captures") for path in tmp_path.rglob("*.pcapng")]
    assert captures and {path.parts[0] for path in captures} == {"broken"}


def test_what_failed_is_run_again_on_its_lab_alone(tmp_path: Path) -> None:
    words = ["--rows", "MK-01", "--reports", tmp_path]
    assert agr_lab("run", *labs(SIMULATED, BROKEN), *words).code == 1
    again = agr_lab("run", *labs(SIMULATED, BROKEN), "--failed", "--reports", tmp_path)
    assert again.code == 1, again.out
    assert "1 testcase to run" in again.out
    assert list(suites_of(tmp_path)) == ["broken"]
    nothing = agr_lab("run", *labs(SIMULATED), "--failed", "--reports", tmp_path)
    assert (nothing.code, nothing.out) == (3, "no testcase is selected\n")


def test_the_order_is_that_of_the_command_line(tmp_path: Path) -> None:
    words = ["--rows", "MK-06", "LF-01", "--benches", "1", "--seed", "1"]
    found = []
    for number in range(2):
        reports = tmp_path / str(number)
        assert agr_lab("run", *labs(REFERENCE, SIMULATED), *words, "--reports", reports).code == 0
        found.append({lab: names(cases) for lab, cases in suites_of(reports).items()})
    assert list(found[0].items()) == list(found[1].items())
    assert list(found[0]) == ["reference", "simulated"]


def test_a_lab_whose_bench_does_not_come_up_is_an_error_alone(tmp_path: Path) -> None:
    exits = {"load": "testcases.selftest.runs.broken:Exits"}
    fails = based(tmp_path / "fails.yaml", name="fails", implementation=exits)
    done = agr_lab("run", *labs(fails, REFERENCE), "--rows", "LF-01", "MK-06", "--reports", tmp_path)
    assert done.code == 2, done.out
    done.says("no bench is left", "(on fails)")
    found = suites_of(tmp_path)
    assert set(verdicts(found["fails"]).values()) == {"error"}
    assert set(verdicts(found["reference"]).values()) == {"pass"}


@pytest.mark.parametrize("end", ["SIGINT", "time limit"])
def test_a_run_ends_on_all_labs(tmp_path: Path, end: str) -> None:
    suite = suites.write(tmp_path, suites.WAITS)
    words = [*labs(SIMULATED, REFERENCE), suite, *(["--time-limit", "5"] if end == "time limit" else [])]
    with started(*words, folder=tmp_path / "run") as run:
        if end == "SIGINT":
            assert run.reach(2) == ["reference", "simulated"]
            done = run.kill(signal.SIGINT, group=True)
            done.says("the run was interrupted (SIGINT)")
        else:
            run.process.wait(60)
            assert "(--time-limit)" in run.out
        with suppress(ProcessLookupError):
            os.killpg(run.process.pid, 0)
            raise AssertionError("a process of the run is left")
        assert run.process.returncode == 2
    found = suites_of(tmp_path / "run" / "reports")
    assert {lab: list(verdicts(cases).values()) for lab, cases in found.items()} == {
        "simulated": ["error"],
        "reference": ["error"],
    }


def test_wrong_files_are_all_named_and_nothing_is_started(tmp_path: Path) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    for path in (first, second):
        path.write_text("kind: simulated\nname: x\nwire: []\n")
    done = agr_lab("run", *labs(first, SIMULATED, second), "--reports", tmp_path / "reports")
    assert done.code == 3
    done.says(f"{first}:3: wire: ", f"{second}:3: wire: ")
    assert not (tmp_path / "reports").exists()


def test_a_lab_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    same = ROOT / "fixtures" / "labs" / ".." / "labs" / "simulated.yaml"
    for command in ("run", "plan", "check", "clean"):
        done = agr_lab(command, *labs(SIMULATED, same))
        assert (done.code, done.out.count("\n")) == (3, 1), done.out
        done.says(f"--lab {SIMULATED} --lab {same}: this is one lab; name it once")
    copy = based(tmp_path / "copy.yaml")
    done = agr_lab("run", *labs(SIMULATED, copy), "--reports", tmp_path / "reports")
    assert (done.code, done.out.count("\n")) == (3, 1)
    done.says(f"{SIMULATED} and {copy}: both labs are called simulated", "`name:`")


def test_names_that_make_one_folder_are_refused(tmp_path: Path) -> None:
    paths = [based(tmp_path / f"{n}.yaml", name=f"rack{c}4") for n, c in enumerate(" /")]
    with pytest.raises(UsageError, match="give one another `name:`"):
        load_all(paths)


def test_an_operator_and_a_debugger_have_one_lab(tmp_path: Path) -> None:
    done = agr_lab("run", *labs(SIMULATED, REFERENCE), "--ask", "--reports", tmp_path)
    assert done.code == 3
    done.says("--ask: an operator is asked for the LAGs of one lab; name one --lab")


def test_plan_check_and_clean_say_it_of_each() -> None:
    plan = agr_lab("plan", *labs(SIMULATED, REFERENCE))
    assert plan.code == 0
    plan.says(f"{SIMULATED}: ", "on bench simulated", f"{REFERENCE}: ", "on bench reference")
    planned = json.loads(agr_lab("plan", *labs(SIMULATED, REFERENCE), "--json").out)
    assert {one["lab"] for one in planned} == {SIMULATED, REFERENCE}
    assert len(planned) == 2 * len({one["testcase"] for one in planned})
    check = agr_lab("check", *labs(SIMULATED, REFERENCE))
    assert check.code == 0, check.out
    check.says(f"{SIMULATED}:\n", f"{REFERENCE}:\n", "all promises are kept")
    clean = agr_lab("clean", *labs(SIMULATED, REFERENCE))
    assert (clean.code, clean.out) == (0, "nothing was left behind\n")


def changed(path: Path, **keys: object) -> Lab:
    """The lab of a file, but for some keys."""
    return Lab.of(Source(str(path), load(path).data | keys))


def test_labs_share_a_port_or_a_switch() -> None:
    nics, switched = load(TWO_NICS), load(WAYS)
    assert shared(nics, nics) == "port eth4"
    assert shared(nics, switched) == shared(switched, nics) == ""
    elsewhere = [
        {"name": "a", "port": "eth2", "to": "tester", "tester": {"interface": "eth4", "namespace": "other"}}
    ]
    at = nics.data["implementation"]
    assert shared(nics, changed(TWO_NICS, wires=elsewhere)) == "port eth2 in the namespace dut"
    other_host = changed(TWO_NICS, wires=elsewhere, implementation=at | {"at": {"namespace": "other"}})
    assert shared(nics, other_host) == ""
    far = changed(TWO_NICS, implementation=at | {"at": {"ssh": "root@far"}}, wires=[
        {"name": "a", "port": "eth2", "to": "tester", "tester": {"interface": "eth9"}}
    ])  # fmt: skip
    assert shared(nics, far) == "" and shared(far, far) == "port eth9"
    far_too = changed(TWO_NICS, implementation=at | {"at": {"ssh": "root@far"}}, wires=[
        {"name": "b", "port": "eth2", "to": "tester", "tester": {"interface": "eth8"}}
    ])  # fmt: skip
    assert shared(far, far_too) == "port eth2 of ssh root@far"
    wires = [{"name": "w", "port": "eth9", "to": "switch", "switch_port": "Gi1/0/20", "capture": "host"}]
    other = changed(WAYS, wires=wires, traffic=None, implementation=at)
    assert shared(switched, other).startswith("the switch at ")


def test_benches_that_are_made_for_the_run_share_nothing() -> None:
    for path in (SIMULATED, EMULATED):
        assert shared(load(path), load(path)) == ""
