"""Looks for false alarms: ``python -m testcases.selftest.alarms [--seeds N] [--sample N]``.

Each seed draws its impairments and, where a sample is wanted, which testcases it tries on each
implementation; ``--sample 0`` tries all of them under every seed, which takes hours for a thousand.

Exit codes: 0 nothing failed, 1 a false alarm, 2 the testcases cannot be collected.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from harness.bench.opening import opened
from harness.lab import load
from harness.lab.schema import Lab
from harness.run.interrupt import follow_parent
from harness.verdict import Verdict
from testcases.in_process import Testcase, collect, run
from testcases.selftest.alarms.benign import impaired

LABS = ("simulated", "reference")
MOST_SECONDS = 300.0
"""Of the processor, for one testcase."""

DEFAULT_SAMPLE = 8
ALARM, TROUBLE = 1, 2


@dataclass(frozen=True)
class Tried:
    """One testcase under one seed; ``said`` is empty where it passed."""

    seed: int
    lab: str
    nodeid: str
    verdict: str
    said: str = ""

    def text(self) -> str:
        """For a person, with what brings it back."""
        again = f"--first {self.seed} --seeds 1 --sample 0 -k '{self.nodeid.rpartition('/')[2]}'"
        return f"{self.lab}: {self.nodeid}: {self.verdict}: {self.said}\n    again: {again}"


_labs: dict[str, Lab] = {}
_suites: dict[str, list[Testcase]] = {}


def prepare(words: str = "") -> None:
    """Collect the testcases whose id has these words. RuntimeError where that fails."""
    for name in LABS:
        _labs[name] = load(Path("fixtures/labs") / f"{name}.yaml")
        _suites[name] = [one for one in collect(_labs[name]) if words in one.nodeid]


def try_seed(seed: int, sample: int) -> list[Tried]:
    """What became of the testcases of a seed; `sample` is how many on each implementation, 0 for all."""
    return [
        _try(seed, name, testcase) for name in LABS for testcase in _chosen(seed, name, _suites[name], sample)
    ]


def _chosen(seed: int, name: str, suite: Sequence[Testcase], sample: int) -> Sequence[Testcase]:
    if not sample or sample >= len(suite):
        return suite
    return random.Random(f"{seed} {name}").sample(suite, sample)


def _try(seed: int, name: str, testcase: Testcase) -> Tried:
    with opened(impaired(_labs[name], seed, testcase.spec)) as (bench, _):
        outcome = run(testcase, bench, MOST_SECONDS)
    judgement = outcome.judgement
    if judgement.verdict is Verdict.PASS and outcome.broken:
        rule = outcome.broken[0]
        frames = "\n".join(f"{frame.time:+.3f} s {frame.text}" for frame in rule.frames)
        said = f"{rule.row}: {rule.title}: {rule.seen}\n{frames}"
        return Tried(seed, name, testcase.nodeid, "broken rule of the monitor", said)
    said = "" if judgement.verdict is Verdict.PASS else f"{judgement.text}\n{judgement.details}".rstrip()
    return Tried(seed, name, testcase.nodeid, str(judgement.verdict), said)


def main(arguments: list[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        prepare(options.words)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return TROUBLE
    counts = dict.fromkeys(LABS, 0)
    alarms: list[Tried] = []
    seeds = range(options.first, options.first + options.seeds)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    fork = multiprocessing.get_context("fork")
    with (
        ProcessPoolExecutor(options.jobs, mp_context=fork, initializer=follow_parent) as pool,
        Progress(*columns, console=Console(stderr=True)) as progress,
    ):
        task = progress.add_task("seeds of impairment", total=len(seeds))
        for done in as_completed([pool.submit(try_seed, seed, options.sample) for seed in seeds]):
            for tried in done.result():
                counts[tried.lab] += 1
                if tried.verdict != Verdict.PASS:
                    alarms.append(tried)
                    print(tried.text(), flush=True)
            progress.advance(task)
    _report(len(seeds), options.sample, counts, alarms)
    return ALARM if alarms else 0


def _report(seeds: int, sample: int, counts: Mapping[str, int], alarms: Sequence[Tried]) -> None:
    for name, count in counts.items():
        suite = len(_suites[name])
        each = "all" if not sample or sample >= suite else f"a sample of {sample}"
        print(f"{name:10} {seeds} seeds, each with {each} of {suite} testcases: {count} runs", end=", ")
        print(f"{sum(one.lab == name for one in alarms)} false alarms")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m testcases.selftest.alarms",
        description="Testcases under benign impairment, on agr and on the reference model: none may fail.",
    )
    parser.add_argument("--seeds", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (1)")
    parser.add_argument(
        "--sample", type=int, default=DEFAULT_SAMPLE,
        help=f"testcases that each seed tries on each implementation, 0 for all ({DEFAULT_SAMPLE})",
    )  # fmt: skip
    parser.add_argument("-k", dest="words", default="", help="only testcases with this in their id")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="seeds side by side")
    return parser


if __name__ == "__main__":
    sys.exit(main())
