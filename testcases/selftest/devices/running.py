"""Runs the suite on a device, broken or not, in a process of its own."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import yaml

from harness.bench.bench import Bench
from harness.bench.opening import opened
from harness.lab import load
from harness.lab.schema import Lab
from harness.run.interrupt import follow_parent
from harness.verdict import Verdict
from testcases.in_process import Testcase, fit_for, run, whole_suite
from testcases.selftest.breakages import ROOT
from testcases.selftest.devices.breakage import BreakageOnTop
from testcases.selftest.devices.broken import broken
from testcases.selftest.devices.device import Device
from testcases.selftest.devices.table import BY_NAME

REFERENCE = ROOT / "fixtures" / "labs" / "reference.yaml"
MOST_SECONDS = 300.0
"""Of the processor, for one testcase."""

_suite: list[Testcase] = []


@dataclass(frozen=True)
class Job:
    """The suite on the device of a name, at a seed's phases; or the breakage's rows on it, broken."""

    device: str
    seed: int
    breakage: BreakageOnTop | None = None
    words: str = ""


@dataclass(frozen=True)
class Miss:
    """The suite on the device of a name, at a seed's phases; or a breakage's rows on it, broken."""

    nodeid: str
    verdict: str
    rows: frozenset[str]
    said: str


@dataclass(frozen=True)
class Done:
    """A job that has ended: how many testcases there were, and those that did not pass."""

    job: Job
    count: int
    misses: Sequence[Miss]

    @property
    def failed(self) -> frozenset[str]:
        """Rows that failed."""
        return frozenset().union(*(miss.rows for miss in self.misses))

    @property
    def errors(self) -> list[Miss]:
        """What ended without a row that failed: an ERROR, most likely of the testcase."""
        return [miss for miss in self.misses if not miss.rows]

    @property
    def right(self) -> bool:
        """Whether the suite said of the device what it should."""
        if self.job.breakage is not None:
            return bool(self.failed & set(self.job.breakage.rows))
        device = BY_NAME[self.job.device]
        found = set(device.found)
        others = bool(self.failed - found) and device.alone
        return not self.errors and not others and bool(self.failed & found) is bool(found)


def lab_text(device: Device) -> str:
    """The lab file of a device, for ``agr-lab run --lab`` from the repository's folder."""
    said = {
        "extends": str(REFERENCE),
        "name": device.id[:40],
        "description": f"a device that conforms and is different: {device.name}",
        "profile": device.edition,
        "readings": dict(device.readings),
        "implementation": {
            "load": f"testcases.selftest.devices.made:{device.id}",
            "link_time": device.link_time,
            "pics": dict(device.pics),
        },
    }
    return yaml.safe_dump(said, sort_keys=False)


def carry_out(jobs: Sequence[Job], processes: int) -> Iterator[Done]:
    """Carry out jobs, so many side by side; gives each when it has ended.

    RuntimeError where the suite cannot be collected.
    """
    _suite[:] = whole_suite()
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, mp_context=fork, initializer=follow_parent) as pool:
        for done in as_completed([pool.submit(_carry_out, job) for job in jobs]):
            yield done.result()


def _carry_out(job: Job) -> Done:
    lab = _lab(job)
    rows = set(job.breakage.rows) if job.breakage is not None else set()
    chosen = [
        testcase
        for testcase in fit_for(lab, _suite)
        if job.words in testcase.nodeid and (not rows or rows & set(testcase.spec.rows))
    ]
    with ExitStack() as stack:
        if job.breakage is not None:
            stack.enter_context(broken(job.breakage))
        bench, _ = stack.enter_context(opened(lab))
        misses = [miss for testcase in chosen if (miss := _miss(testcase, bench))]
    unjudged = {one.nodeid for one in chosen if BY_NAME[job.device].unjudged.issuperset(one.spec.rows)}
    left = [one for one in misses if one.nodeid not in unjudged or one.verdict != str(Verdict.NOT_JUDGED)]
    return Done(job, len(chosen), left)


def _lab(job: Job) -> Lab:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(lab_text(BY_NAME[job.device]))
        file.flush()
        return load(Path(file.name)).model_copy(update={"seed": job.seed})


def _miss(testcase: Testcase, bench: Bench) -> Miss | None:
    outcome = run(testcase, bench, MOST_SECONDS)
    judgement = outcome.judgement
    failures = [failure for failure in judgement.failures if not failure.doubt]
    rows = {failure.row for failure in failures} | {rule.row for rule in outcome.broken}
    if judgement.verdict is Verdict.PASS and not rows:
        return None
    rules = [f"monitor: {rule.row}: {rule.seen}" for rule in outcome.broken]
    said = "; ".join(filter(None, (judgement.text, *rules)))
    if judgement.verdict is Verdict.ERROR:
        rows = set()
        said += f"\n{judgement.details}"
    return Miss(testcase.nodeid, str(judgement.verdict), frozenset(rows), said)
