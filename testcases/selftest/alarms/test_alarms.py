"""False alarms: a few seeds of `python -m testcases.selftest.alarms`, and that it would find one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.catalogue.claims import Spec
from harness.run.interrupt import children
from testcases.selftest.alarms.benign import EXACT, impairments
from testcases.selftest.host import wait_until

SEEDS, SAMPLE = 5, 6


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "testcases.selftest.alarms", "--jobs", "1", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})


def test_a_few_seeds() -> None:
    done = run("--seeds", str(SEEDS), "--sample", str(SAMPLE))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(f"{SEEDS * SAMPLE} runs, 0 false alarms") == 2


def test_nothing_goes_on_when_it_is_killed() -> None:
    command = [sys.executable, "-m", "testcases.selftest.alarms", "--jobs", "2", "--seeds", "1000"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: len(children(running.pid)) == 2, "both of its processes run")
        own = children(running.pid)
    finally:
        running.kill()
        running.wait()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in own), "they have ended")


@pytest.mark.parametrize("row", sorted(EXACT))
def test_what_counts_frames_is_told_apart(row: str) -> None:
    spoilt, exact = impairments(1, Spec(("RX-09",))), impairments(1, Spec((row,)))
    assert spoilt.loss > 0 and spoilt.duplication > 0
    assert (exact.loss, exact.duplication) == (0, 0)
    assert exact.delay == spoilt.delay


def test_the_same_seed_gives_the_same() -> None:
    spec = Spec(("RX-09",))
    assert impairments(3, spec) == impairments(3, spec) != impairments(4, spec)
    assert json.loads(impairments(3, spec).model_dump_json())["frames"] == "repeats"
