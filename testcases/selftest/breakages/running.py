"""Runs testcases on copies of agr, and reads what each run reported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import catalogue
from harness.verdict import Verdict
from testcases.selftest.breakages import ROOT
from testcases.selftest.breakages.breakage import Breakage

RUN_TIME = 1800.0
"""Seconds after which a run counts as hung; one of many rows on a real bench takes minutes."""


@dataclass(frozen=True)
class Job:
    """Which rows to run on the copy of agr in ``folder``, and where the reports go.

    ``testcases``: by pytest's ids, in place of all that claim the rows. ``caught_by``: the run ends at the
    first testcase that finds one of these rows broken; who was not run by then is an error.
    """

    folder: Path
    rows: Sequence[str]
    reports: Path
    testcases: Sequence[str] = ()
    caught_by: Sequence[str] = ()


@dataclass(frozen=True)
class Outcome:
    """One testcase of a run, as its JUnit has it; ``judged`` has the verdict of each row.

    ``kind`` is the type of a failure or error, or empty; ``said`` is what was reported beside the verdict.
    """

    name: str
    rows: frozenset[str]
    verdict: str
    kind: str
    message: str
    judged: Mapping[str, str]
    said: str = ""

    def broke(self, row: str) -> bool:
        """Whether it judged a row, and it was broken; that others wait for it (a premise) is no judging."""
        return self.judged.get(row) == Verdict.FAIL and not self.name.startswith("premise")


def run(jobs: Sequence[Job], lab: Path) -> list[list[Outcome]]:
    """Run the testcases of each job on a bench, in a process of their own; gives the outcomes by job.

    Raises RuntimeError, with what was said, where a run did not come to its end.
    """
    for job in jobs:
        (job.reports / "junit.xml").unlink(missing_ok=True)
    order = {
        "lab": str(lab.absolute()),
        "jobs": [
            {
                "folder": str(job.folder),
                "rows": list(job.rows),
                "reports": str(job.reports),
                "testcases": list(job.testcases),
                "caught_by": list(job.caught_by),
            }
            for job in jobs
        ],
    }
    done = subprocess.run(
        [sys.executable, "-P", "-m", "testcases.selftest.breakages.batch"],
        input=json.dumps(order), env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT,
        capture_output=True, text=True, check=False, timeout=RUN_TIME * len(jobs),
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return [_outcomes(job) for job in jobs]


def _outcomes(job: Job) -> list[Outcome]:
    junit = job.reports / "junit.xml"
    if not junit.exists():
        raise RuntimeError((job.reports / "output.txt").read_text(encoding="utf-8"))
    return [_outcome(case) for case in ET.parse(junit).iter("testcase")]


def _outcome(case: ET.Element) -> Outcome:
    told = {each.get("name", ""): each.get("value", "") for each in case.iter("property")}
    ends = [end for kind in ("failure", "error", "skipped") for end in case.findall(kind)]
    ended = ends[0] if ends else ET.Element("passed")
    return Outcome(
        name=told.get("nodeid", case.get("name", "")),
        rows=frozenset(told["rows"].split()),
        verdict=told["verdict"],
        kind=ended.get("type", ""),
        message=ended.get("message", ""),
        judged={row: told.get(f"verdict.{row}", "") for row in told["rows"].split()},
        said=case.findtext("system-out", ""),
    )


def catching(breakage: Breakage) -> list[str]:
    """Its rows of the clause that it breaks: a failure of one of them catches it."""
    rows = catalogue.load()
    return [row for row in breakage.rows if breakage.clause in rows.row(row).clause]


def catches(breakage: Breakage, outcomes: Iterable[Outcome]) -> list[str]:
    """Messages of the conformance failures that catch it: of one of its rows, with the clause.

    That a testcase's premise was not met is no catch: the message would not say what is wrong.
    """
    named = catching(breakage)
    return [outcome.message for outcome in outcomes if any(outcome.broke(row) for row in named)]
