"""A switch that cannot be used ends the run: one message that says what to do, exit code 2, a clean bench."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from testcases.selftest.runs import suites
from testcases.selftest.runs.command import EMULATED, ROOT, Done, agr_lab, lab_text
from testcases.selftest.runs.traces import Traces, forget

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="interfaces need root")


def run(folder: Path, trouble: str, *suite: str | Path, **environment: str) -> Done:
    """A run on one bench with this trouble, which must leave nothing; answers of the switch may take 3 s."""
    text = lab_text(EMULATED)
    text = text.replace("fixtures.emulated.parts:EmulatedParts", f"testcases.selftest.runs.parts:{trouble}")
    lab, traces = folder / "lab.yaml", folder / "traces"
    lab.write_text(text.replace("driver: cisco_ios", "driver: cisco_ios\n  timeout: 3"))
    words = ("--benches", "1", "--reports", folder / "reports", *(suite or ("--rows", "LF-01", "LF-03")))
    done = agr_lab("run", "--lab", lab, *words, RUNS_TRACES=str(traces), **environment)
    assert Traces.read(traces).left() == []
    return done


TROUBLES = {
    "SilentConsole": ("switch, console /dev/pts/", "silent: no answer to Return for 3 s", "is the switch on"),
    "HeldConsole": ("switch, console", "held by another program by python", "end it, then run again"),
    "ConsoleHangsUp": ("switch, console", "the console hung up", "show running-config"),
    "DeadSsh": ("switch, SSH admin@127.0.0.1:", "connection refused; is SSH enabled"),
}


@pytest.mark.parametrize(("trouble", "words"), TROUBLES.items(), ids=TROUBLES)
def test_trouble_of_the_switch(tmp_path: Path, trouble: str, words: tuple[str, ...]) -> None:
    judge(run(tmp_path, trouble), *words)


def test_wrong_password(tmp_path: Path) -> None:
    done = run(tmp_path, "NoTrouble", AGR_LAB_SWITCH_PASSWORD="wrong")
    judge(done, "user name or password refused", "AGR_LAB_SWITCH_PASSWORD")


def test_a_switch_that_ends_in_the_middle(tmp_path: Path) -> None:
    """The testcase has no verdict, the next one has a new bench; the reports have the dialogue."""
    changes, passes = suites.write(tmp_path, suites.CHANGES), "testcases/conformance/lf/test_header.py"
    done = run(tmp_path, "SwitchEnds", changes, passes, "-k", "changes or test_type")
    assert done.code == 2, done.out
    done.says("switch, ", "once more, alone: 1 testcase", "PASS    LF-03", "1  ERROR", "1  PASS")
    assert (tmp_path / "reports" / "junit.xml").exists()
    consoles = list((tmp_path / "reports" / "transcripts").glob("*-console.transcript"))
    assert any("configure terminal" in console.read_text() for console in consoles)
    assert any(str(console) in done.out for console in consoles)


def test_no_switch_at_all(tmp_path: Path) -> None:
    """A rehearsal that was not started."""
    lab = tmp_path / "lab.yaml"
    text = lab_text(ROOT / "fixtures" / "labs" / "rehearsal.yaml")
    name = f"nowhere{os.getpid()}"
    lab.write_text(text.replace("rehearsal-", "nowhere-").replace("name: rehearsal", f"name: {name}"))
    done = agr_lab("run", "--lab", lab, "--rows", "LF-01", "--reports", tmp_path / "reports")
    forget(name)
    assert done.code == 2, done.out
    done.says("network namespace", "nowhere-tester")


def judge(done: Done, *words: str) -> None:
    """Exit code 2; the words twice, when it happens and at the end."""
    assert done.code == 2, done.out
    done.says(*words, "0 passed")
    assert len([line for line in done.out.splitlines() if words[0] in line]) == 2, done.out
