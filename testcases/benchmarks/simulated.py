"""The conformance suite in virtual time: every testcase that the simulated bench can run, on one core."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

from harness.verdict import BenchError
from testcases.benchmarks.figures import Figure, at_most, figure
from testcases.benchmarks.hosts import all_cores
from testcases.benchmarks.progress import Progress

ROUNDS = 3
_LAB = Path("fixtures/labs/simulated.yaml")
_PASSED = 0


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """The time of `agr-lab run`, from its start to its reports."""
    with tempfile.TemporaryDirectory(prefix="agr-bench-") as folder:
        reports = Path(folder)
        samples = [_run(reports) for _ in progress.rounds("simulated suite", rounds)]
        judged = _judged(reports / "junit.xml")
    note = f"the {judged} testcases that the bench can run, one after the other"
    name = "simulated suite, one core"
    return [figure(name, statistics.median(samples), "s", at_most(10), samples=samples, note=note)]


def _run(reports: Path) -> float:
    core = all_cores()[-1]
    words = [sys.executable, "-m", "harness.cli", "run", "--lab", str(_LAB), "--benches", "1"]
    begun = time.monotonic()
    done = subprocess.run(
        [*words, "--reports", str(reports)],
        capture_output=True, text=True, check=False, preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip
    taken = time.monotonic() - begun
    if done.returncode != _PASSED:
        raise BenchError(f"the suite did not pass on {_LAB} (exit {done.returncode}): {done.stdout[-2000:]}")
    return taken


def _judged(junit: Path) -> int:
    return sum(case.find("skipped") is None for case in ET.parse(junit).iter("testcase"))
