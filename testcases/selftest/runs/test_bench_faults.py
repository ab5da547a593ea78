"""Faults of a bench's parts, injected one by one: each has its verdict, and all others have theirs."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from testcases.selftest.runs import suites
from testcases.selftest.runs.command import AGR_LAB, EMULATED, SIMULATED, Done, agr_lab, lab_text

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="interfaces need root")

HANGS_ONCE = """#!/bin/sh
# As the real one; but where the file is there, it hangs, and only once.
if rm {flag} 2>/dev/null; then exec sleep 1000; fi
exec {real} "$@"
"""

OF_THE_IMPLEMENTATION = '''
from pathlib import Path

from harness.case import Case, claims


@claims("CF-12", wires=1, needs=["set_key", "while_running:key"], seconds=20)
def test_hangs(case: Case) -> None:
    """Asks the implementation for something while its command hangs"""
    lag = case.bundle()
    Path("{flag}").touch()
    lag.aggregate.set("key", 7)
    case.check(True, "this", "that")
'''

OF_THE_SWITCH = '''
from pathlib import Path

from harness.case import Case, claims, switch_lag


@claims("CF-12", switch_wires=1, needs=["switch", "ssh", "console"], seconds=20)
def test_hangs(case: Case) -> None:
    """Asks the switch for something while a tool of it hangs"""
    Path("{flag}").touch()
    with switch_lag(case, case.switch_wires[:1]):
        case.check(True, "this", "that")
'''


def hanging(folder: Path, program: str) -> tuple[Path, Path]:
    """A program that hangs once when the flag is there: its folder, and the flag."""
    real = shutil.which(program) or str(Path(AGR_LAB).with_name(program))
    flag, place = folder / "flag", folder / "bin"
    place.mkdir()
    script = place / program
    script.write_text(HANGS_ONCE.format(flag=flag, real=real))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return place, flag


def verdicts(folder: Path) -> dict[str, str]:
    """By testcase, of the run's JUnit file."""
    cases = ET.parse(folder / "reports" / "junit.xml").getroot().iter("testcase")
    told = [{p.get("name"): p.get("value") or "" for p in case.iter("property")} for case in cases]
    return {said["nodeid"].rpartition("::")[2]: said["verdict"] for said in told}


def run(folder: Path, text: str, lab: str, **environment: str) -> Done:
    """The testcase, and one that has nothing to do with it, on one emulated bench."""
    (folder / "lab.yaml").write_text(lab)
    suite = suites.write(folder, text), "testcases/conformance/lf/test_header.py", "-k", "hangs or test_type"
    words = ("--lab", folder / "lab.yaml", "--benches", "1", "--reports", folder / "reports")
    return agr_lab("run", *suite, *words, **environment)


@needs_root
def test_a_command_of_the_implementation_that_hangs_is_its_failure(tmp_path: Path) -> None:
    place, flag = hanging(tmp_path, "agrconfig")
    lab = lab_text(EMULATED).replace("adapter: agr ", f"command: {place}/agrconfig\n  adapter: agr ")
    lab = lab.replace("confirm: shared", "confirm: never")
    lab = re.sub(r"(?m)^  command: 30\b.*$", "  command: 10", lab)
    done = run(tmp_path, OF_THE_IMPLEMENTATION.format(flag=flag), lab)
    assert verdicts(tmp_path) == {"test_hangs": "fail", "test_type": "pass"}, done.out
    assert done.code == 1
    done.says("agrconfig agr0 key 7", "no answer within 10 s")


@needs_root
@pytest.mark.parametrize("tool", ["ovs-vsctl", "ip"])
def test_a_tool_of_the_switch_that_hangs_is_an_error(tmp_path: Path, tool: str) -> None:
    place, flag = hanging(tmp_path, tool)
    lab = lab_text(EMULATED).replace("driver: cisco_ios", "driver: cisco_ios\n  timeout: 5")
    path = f"{place}:{os.environ['PATH']}"
    done = run(tmp_path, OF_THE_SWITCH.format(flag=flag), lab, PATH=path)
    assert verdicts(tmp_path) == {"test_hangs": "error", "test_type": "pass"}, done.out
    done.says("once more, alone: 1 testcase", "switch, SSH", "no prompt within 5 s")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder of a file system with little room."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@needs_root
def test_a_full_disk_costs_the_reports_and_no_verdict(full_disk: Path) -> None:
    (full_disk / "filler").write_bytes(bytes(50_000))
    done = agr_lab("run", "--lab", SIMULATED, "--rows", "MK-06", "LF-01", "--reports", full_disk / "reports")
    assert done.code == 2, done.out
    done.says("No space left on device", "MK-06", "PASS    LF-01")
    assert "harness broke" not in done.out


HUGE = '''
from harness.case import Case, claims


@claims("LF-01", wires=1)
def test_huge(case: Case) -> None:
    """Says more than anybody reads"""
    case.check(False, "little", "word " * 4_000_000)


@claims("LF-03", wires=1)
def test_well(case: Case) -> None:
    """Is well"""
    case.check(True, "this", "that")
'''


def test_texts_have_a_limit(tmp_path: Path) -> None:
    suite = suites.write(tmp_path, HUGE)
    done = agr_lab("run", "--lab", SIMULATED, suite, "--reports", tmp_path / "reports")
    assert verdicts(tmp_path) == {"test_huge": "fail", "test_well": "pass"}
    assert done.code == 1
    assert len(done.out) < 100_000
    sizes = {name: (tmp_path / "reports" / name).stat().st_size for name in ("junit.xml", "index.html")}
    assert max(sizes.values()) < 1_000_000, sizes
    (whole,) = [path for path in (tmp_path / "reports").rglob("*.txt") if path.stat().st_size > 20_000_000]
    assert whole.name in (tmp_path / "reports" / "junit.xml").read_text()
