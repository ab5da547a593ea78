"""Faults of the harness itself, injected one by one: each has its verdict, and all others have theirs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest

from testcases.selftest.runs import suites
from testcases.selftest.runs.command import SIMULATED, Done, agr_lab, lab_text

FAULTY = '''
import ctypes
import itertools
import os
import signal
import time
from pathlib import Path

import pytest

from harness.case import Case, claims
from harness.verdict import BenchError, Inconclusive


@claims("LF-01", wires=1, seconds=0.1)
def test_faulty(case: Case) -> None:
    """Has a fault"""
    case.check(True, "this", "that")
    times = Path("times")
    with times.open("a") as file:
        file.write("x")
    again = len(times.read_text()) > 1
{fault}


@claims("LF-03", wires=1, seconds=0.05)
@pytest.mark.parametrize("number", range(4))
def test_well(case: Case, number: int) -> None:
    """Is well"""
    case.check(True, "this", "that")
'''


@dataclass(frozen=True)
class Ran:
    """A run of the faulty testcase and of four that are well.

    `results` are verdicts by testcase, `texts` what JUnit has of each; `properties` are the faulty one's.
    """

    done: Done
    results: dict[str, str]
    texts: dict[str, str]

    properties: dict[str, str]


def ran(folder: Path, fault: str, *words: str, **limits: str) -> Ran:
    """Run it on two simulated benches, on which a testcase may take little more than a second."""
    body = "\n".join(f"    {line}" for line in fault.splitlines())
    suite = suites.write(folder, FAULTY.format(fault=body))
    text = lab_text(SIMULATED).replace("limits:\n", "limits:\n  overrun: 1\n")
    for key, value in limits.items():
        text += f"\n{key}: {value}\n"
    lab = folder / "lab.yaml"
    lab.write_text(text)
    done = agr_lab("run", "--lab", lab, "--reports", folder / "reports", *words, suite, cwd=folder)
    cases = list(ET.parse(folder / "reports" / "junit.xml").getroot().iter("testcase"))
    told = [{p.get("name") or "": p.get("value") or "" for p in case.iter("property")} for case in cases]
    names = [properties["nodeid"].rpartition("::")[2] for properties in told]
    results = {name: properties["verdict"] for name, properties in zip(names, told, strict=True)}
    texts = {name: "".join(case.itertext()) for name, case in zip(names, cases, strict=True)}
    faulty = next((p for name, p in zip(names, told, strict=True) if name == "test_faulty"), {})
    return Ran(done, results, texts, faulty)


WELL = {f"test_well[{number}]": "pass" for number in range(4)}

ENDLESS = {
    "spins": ("while True: pass", "the testcase did not end: it was ended after 1.3 s"),
    "sleeps": ("time.sleep(1000)", "the testcase did not end: it was ended after 1.3 s"),
    "spins over exceptions": (
        "while True:\n    try:\n        time.sleep(1000)\n    except Exception:\n        pass",
        "the testcase did not end",
    ),
    "does not let itself be interrupted": (
        "while True:\n    try:\n        time.sleep(1000)\n    except BaseException:\n        pass",
        "ended in the middle of the testcase: it did not return from a call",
    ),
    "blocks in C": (
        "sum(itertools.repeat(0))",  # with the interpreter's lock held, and no look at signals
        "ended in the middle of the testcase: it did not return from a call",
    ),
    "is stopped": (
        "os.kill(os.getpid(), signal.SIGSTOP)",
        "ended in the middle of the testcase: it did not come to an end when its time was over",
    ),
    "is killed": ("os.kill(os.getpid(), signal.SIGKILL)", "it was killed (SIGKILL)"),
    "crashes": ("ctypes.string_at(0)", "in the middle of the testcase: it crashed"),
    "exits": ("os._exit(7)", "in the middle of the testcase: exit code 7"),
    "breaks the bench": ('raise BenchError("the cable burns")', "the cable burns"),
}


@pytest.mark.parametrize(("fault", "words"), ENDLESS.values(), ids=ENDLESS)
def test_a_fault_is_an_error_of_its_own_testcase(tmp_path: Path, fault: str, words: str) -> None:
    run = ran(tmp_path, fault)
    assert run.done.code == 2, run.done.out
    assert run.results == {"test_faulty": "error", **WELL}
    run.done.says(words)


@pytest.mark.parametrize("fault", ["while True: pass", "sum(itertools.repeat(0))"])
def test_what_did_not_end_shows_where_it_was(tmp_path: Path, fault: str) -> None:
    run = ran(tmp_path, fault)
    assert "in test_faulty" in run.texts["test_faulty"]


def test_one_that_passes_alone_has_a_verdict(tmp_path: Path) -> None:
    """What was the bench's fault beside others is run once more, and its attempts are told."""
    run = ran(tmp_path, 'if not again: raise BenchError("the cable burns")', confirm="always")
    assert run.done.code == 0, run.done.out
    assert run.results == {"test_faulty": "pass", **WELL}
    run.done.says("the cable burns", "once more, alone: 1 testcase")
    assert run.properties["attempts"] == "2"
    assert "the cable burns" in run.properties["first"]


def test_a_failure_without_a_cause_stays_one(tmp_path: Path) -> None:
    run = ran(tmp_path, 'case.check(again, "this", "a race")', confirm="always")
    assert run.done.code == 1, run.done.out
    assert run.results == {"test_faulty": "fail", **WELL}
    assert run.properties["attempts"] == "2"


LATE = """
case.bench.troubles = lambda: [] if again else ["the bench was late"]
case.check(again, "this", "that, late")
"""


@pytest.mark.parametrize(("words", "code"), [((), 2), (("--unsteady-ok",), 0)])
def test_a_failure_that_the_bench_excuses_is_unsteady(
    tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    run = ran(tmp_path, LATE, *words, confirm="always")
    assert run.done.code == code, run.done.out
    assert run.results == {"test_faulty": "unsteady", **WELL}
    run.done.says("the bench was late")


def test_what_is_late_each_time_stays_inconclusive(tmp_path: Path) -> None:
    run = ran(tmp_path, LATE.replace("again else", "False else").replace("check(again", "check(False"))
    assert run.done.code == 2, run.done.out
    assert run.results["test_faulty"] == "inconclusive"


def test_repeated_it_says_how_often_each_verdict_came(tmp_path: Path) -> None:
    run = ran(tmp_path, 'case.check(again, "this", "a race")', "--repeat", "3", "--benches", "1")
    assert run.done.code == 1, run.done.out
    assert run.results == {"test_faulty": "fail", **WELL}
    assert run.properties["attempts"] == "3"


def test_only_what_did_not_pass_is_run_again(tmp_path: Path) -> None:
    ran(tmp_path, 'raise BenchError("the cable burns")')
    run = ran(tmp_path, "", "--failed")
    assert run.results == {"test_faulty": "pass"}


BROKEN = "testcases.selftest.runs.broken"


def test_the_run_as_a_whole_has_a_bound(tmp_path: Path) -> None:
    run = ran(tmp_path, "while True: pass", "--time-limit", "1", "--benches", "1")
    assert run.done.code == 2, run.done.out
    assert run.results["test_faulty"] == "error"
    run.done.says("the run's time limit of 1.0 s was over (--time-limit)")


def test_a_testcase_that_had_not_begun_is_told_as_the_others_are(tmp_path: Path) -> None:
    """The time limit ends it while its bench is being made ready for it."""
    path = suites.write(tmp_path, FAULTY.format(fault="    pass"))
    lab = tmp_path / "lab.yaml"
    lab.write_text(lab_text(SIMULATED).replace("fixtures.simulated.agr_core:Agr", f"{BROKEN}:NeverReset"))
    words = ("--time-limit", "1", "--benches", "1", "--reports", tmp_path / "reports")
    done = agr_lab("run", "--lab", lab, *words, path)
    assert done.code == 2, done.out
    junit = ET.parse(tmp_path / "reports" / "junit.xml")
    causes = {end.get("message") for end in junit.iter("error")}
    assert causes == {"the run's time limit of 1.0 s was over (--time-limit)"}
    assert "KeyboardInterrupt" not in done.out


def test_a_bench_whose_process_ends_again_and_again_is_parked(tmp_path: Path) -> None:
    path = suites.write(tmp_path, FAULTY.format(fault="    pass"))
    lab = tmp_path / "lab.yaml"
    lab.write_text(lab_text(SIMULATED).replace("fixtures.simulated.agr_core:Agr", f"{BROKEN}:Exits"))
    done = agr_lab("run", "--lab", lab, "--reports", tmp_path / "reports", path)
    assert done.code == 2, done.out
    done.says("is parked", "its process ended: exit code 5", "no bench is left", "5  ERROR")


REFUSES = 'raise ImplementationRefused("agrconfig", "no")'


def test_an_implementation_that_refuses_everything_parks_no_bench(tmp_path: Path) -> None:
    """What it does is a FAIL each time, and never an ERROR."""
    suite = FAULTY.replace("range(4)", "range(20)").replace(
        "import BenchError", "import ImplementationRefused"
    )
    path = suites.write(tmp_path, suite.replace('"""Is well"""', REFUSES).format(fault=f"    {REFUSES}"))
    done = agr_lab("run", "--lab", SIMULATED, "--reports", tmp_path / "reports", path, cwd=tmp_path)
    assert done.code == 1, done.out
    done.says("21  FAIL")
    assert "parked" not in done.out


def test_a_bench_that_breaks_again_and_again_is_parked(tmp_path: Path) -> None:
    """Its testcases go to the other benches; where none is left they have one cause."""
    suite = FAULTY.replace("range(4)", "range(40)").replace(
        '"""Is well"""', 'raise BenchError("the cable burns")'
    )
    path = suites.write(tmp_path, suite.format(fault="    pass"))
    done = agr_lab("run", "--lab", SIMULATED, "--reports", tmp_path / "reports", path, cwd=tmp_path)
    assert done.code == 2, done.out
    done.says("simulated is parked", "the cable burns", "no bench is left")
    assert done.out.count("no bench is left") == 1, done.out
