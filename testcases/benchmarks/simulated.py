"""The conformance suite in virtual time: every testcase that the simulated bench can run.

Its seconds of a processor are held against those of a fixed piece of Python in the same rounds, so that the
figure says something of the suite and little of the machine.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from harness.verdict import BenchError
from testcases.benchmarks import yardstick
from testcases.benchmarks.figures import Figure, Target, at_most, figure, ratio
from testcases.benchmarks.hosts import all_cores
from testcases.benchmarks.progress import Progress

ROUNDS = 5
_LAB = Path("fixtures/labs/simulated.yaml")
_PASSED = 0
_TARGET: Target = at_most(0.12)
"""Of one testcase, so that the suite may grow. 0.106 was measured of 308 testcases and 0.109 of 334, on two
cores with some 20 processes; that has a tenth of room.

More processes raise the ratio, for the suite needs more of the cache than the loop does: 0.128 was seen.
"""


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """The cost of `agr-lab run`, from its start to its reports, and of the yardstick before each."""
    suite: list[float] = []
    stick: list[float] = []
    with tempfile.TemporaryDirectory(prefix="agr-bench-") as folder:
        reports = Path(folder)
        words = [sys.executable, "-m", "harness.cli", "run", "--lab", str(_LAB), "--benches", "1"]
        for _ in progress.rounds("simulated suite", rounds):
            stick.append(_cpu_seconds([sys.executable, str(yardstick.__file__)]))
            suite.append(_cpu_seconds([*words, "--reports", str(reports)]))
        judged = _judged(reports / "junit.xml")
    return figures(suite, stick, judged)


def figures(suite: Sequence[float], stick: Sequence[float], judged: int) -> list[Figure]:
    """Of seconds of a processor, round by round."""
    note = f"the {judged} testcases that the bench can run, one after the other"
    each = [seconds / judged for seconds in suite]
    words = f"{statistics.median(each) * 1e3:.0f} / {statistics.median(stick) * 1e3:.0f} ms of a processor"
    return [
        ratio("simulated testcase", each, stick, _TARGET, unit="times a loop of Python", note=words),
        figure("simulated suite, CPU", statistics.median(suite), "s", samples=suite, note=note),
    ]


def _cpu_seconds(command: Sequence[str]) -> float:
    """Of a program and all its children, on one core."""
    core = all_cores()[-1]
    begun = _spent()
    done = subprocess.run(
        command,
        capture_output=True, text=True, check=False, preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip
    if done.returncode != _PASSED:
        said = (done.stdout + done.stderr)[-2000:]
        raise BenchError(f"{' '.join(command[1:])} did not pass (exit {done.returncode}): {said}")
    return _spent() - begun


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _judged(junit: Path) -> int:
    return sum(case.find("skipped") is None for case in ET.parse(junit).iter("testcase"))
