"""Devices that conform and are different: the table, a few of them, and that what is wrong would be seen."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness import catalogue
from harness.lab import load
from testcases.selftest.devices.breakage import BreakageOnTop
from testcases.selftest.devices.breakages import BREAKAGES
from testcases.selftest.devices.broken import changed
from testcases.selftest.devices.device import Device
from testcases.selftest.devices.made import __getattr__ as made
from testcases.selftest.devices.running import Done, Job, Miss, lab_text
from testcases.selftest.devices.table import BY_ID, BY_NAME, DEVICES

A_FEW = 2
"""Devices, and breakages, that each run of the self-tests tries, drawn by date."""

CLAUSE = re.compile(r"(43B?|30|802\.1AX-20\d\d)[.\d ]*")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "testcases.selftest.devices", "--jobs", "1", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_there_are_enough_of_both() -> None:
    assert len(BY_NAME) == len(BY_ID) == len(DEVICES)
    assert sum(not device.found for device in DEVICES) >= 30
    assert len(BREAKAGES) >= 40
    assert len({one.device for one in BREAKAGES}) >= 20, "on top of many devices"


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_each_has_a_clause_and_a_lab_file(device: Device, tmp_path: Path) -> None:
    assert CLAUSE.match(device.clause) and device.freedom
    file = tmp_path / "device.yaml"
    file.write_text(lab_text(device))
    assert load(file).implementation.adapter == "simulated"
    made(device.id)().open({"re4": bytes(6)})


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda one: f"{one.device}: {one.name}")
def test_each_breakage_fits_the_model(breakage: BreakageOnTop) -> None:
    assert breakage.device in BY_NAME and not BY_NAME[breakage.device].found
    assert breakage.rows and all(row in catalogue.load() for row in breakage.rows)
    changed(breakage)


def test_a_few_of_the_day() -> None:
    done = run("--sample", str(A_FEW))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_few_breakages_of_the_day() -> None:
    done = run("--breakages", "--sample", str(A_FEW))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_slow_device_is_one_failure() -> None:
    """Whatever needs a port that is attached waits for that, and says so once."""
    done = run("--only", "Aggregate_Wait_Time of 12 s")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed: MX-02\n" in done.stdout


@pytest.mark.parametrize(
    ("name", "failed", "right"),
    [
        ("other numbers", "", True),
        ("other numbers", "MX-02", False),
        ("ticks of 1 s", "", False),
        ("ticks of 1 s", "TX-03", False),
        ("ticks of 1 s", "RX-09 TX-03", True),
        ("Aggregate_Wait_Time of 12 s", "MX-02", True),
        ("Aggregate_Wait_Time of 12 s", "MX-02 MX-08", False),
    ],
)
def test_what_is_right(name: str, failed: str, right: bool) -> None:
    misses = [Miss("a testcase", "fail", frozenset({row}), "") for row in failed.split()]
    assert Done(Job(name, 1), 1, misses).right is right


def test_an_error_is_never_right() -> None:
    error = Miss("a testcase", "error", frozenset(), "it broke")
    late = Miss("another", "fail", frozenset({"MX-02"}), "")
    assert not Done(Job("Aggregate_Wait_Time of 12 s", 1), 2, [late, error]).right


def test_no_such_device() -> None:
    assert run("--only", "no such thing").returncode == 3
    assert run("--lab", "no such thing").returncode == 3
    done = run("--lab", "ticks of 100 ms")
    assert "testcases.selftest.devices.made:ticks_of_100_ms" in done.stdout
