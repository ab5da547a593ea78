"""What a run of the suite costs: seconds of a processor a testcase, on an emulated bench, daemons and all."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harness.verdict import BenchError
from testcases.benchmarks.account import Account, account
from testcases.benchmarks.figures import Figure, figure
from testcases.benchmarks.progress import Progress

ROUNDS = 3
_COMMAND = (sys.executable, "-m", "harness.cli", "run", "--lab", "lab.yaml", "--benches", "1", "--smoke")
_ENDED = re.compile(r"\[ *(\d+)/(\d+)] \S+ +(\S+) ")


class Mark(NamedTuple):
    """A testcase ended; seconds that the run had spent by then."""

    row: str
    user: float
    system: float


@dataclass(frozen=True)
class Spent:
    """A run: where it stood as each testcase ended, and in all."""

    marks: list[Mark]
    user: float
    system: float

    @property
    def testcases(self) -> list[tuple[str, float, float]]:
        """Row, user and system seconds of each but the first, which has the bench's bringing up, too."""
        pairs = zip(self.marks, self.marks[1:], strict=False)
        return [(b.row, b.user - a.user, b.system - a.system) for a, b in pairs]


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """The testcases marked as smoke, one after the other."""
    return figures([_run(progress) for _ in progress.rounds("emulated run", rounds)])


def figures(runs: Sequence[Spent]) -> list[Figure]:
    """A testcase without the bench's bringing up and taking down, and the whole with them."""
    costs = [_mean([user + system for _, user, system in run.testcases]) for run in runs]
    last = runs[-1].testcases
    each = ", ".join(f"{row} {user + system:.1f}" for row, user, system in last)
    user, system = _mean([user for _, user, _ in last]), _mean([system for _, _, system in last])
    note = f"user {user:.1f}, system {system:.1f}: {each}"
    wholes = [run.user + run.system for run in runs]
    number = f"{len(last) + 1} testcases, and the bench's bringing up and taking down"
    return [
        figure("emulated run, CPU a testcase", statistics.median(costs), "s", samples=costs, note=note),
        figure("emulated run, CPU of the whole", statistics.median(wholes), "s", samples=wholes, note=number),
    ]


def _run(progress: Progress) -> Spent:
    """Raises BenchError where it did not come to its end; verdicts are not this benchmark's."""
    with account("run") as spent, tempfile.TemporaryDirectory(prefix="agr-bench-") as reports:
        run = subprocess.Popen(
            [*_COMMAND, "--reports", reports],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=spent.enter,
        )  # fmt: skip
        marks = _marks(run, spent, progress)
        run.wait()
        user, system = spent.spent()
    if len(marks) < 2:
        raise BenchError(f"{' '.join(_COMMAND[1:])}: no two testcases ended (exit {run.returncode})")
    return Spent(marks, user, system)


def _marks(run: subprocess.Popen[str], spent: Account, progress: Progress) -> list[Mark]:
    marks = []
    for line in run.stdout or ():
        if found := _ENDED.match(line):
            marks.append(Mark(found[3], *spent.spent()))
            progress.live(f"{found[1]} of {found[2]} testcases")
    return marks


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else 0.0
