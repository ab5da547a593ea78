"""Testcases on one copy of agr after the other: the process that `running` starts.

What all runs need is imported once. Each run is a fork of that, and there, not before, agr is imported: from
its copy, also by the programs that the bench starts. Reads one JSON object from standard input: ``lab``, and
``jobs``, each with ``folder`` (of the copy), ``rows``, ``testcases`` (in place of all that claim the rows),
``caught_by`` (rows: the run ends at the first that is found broken) and ``reports``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

import harness.run.worker  # noqa: F401  (imported before the forks, for all of them)
from harness.lab import load
from harness.plugin import with_benches
from harness.report.page import templates
from harness.run.collecting import SUITE, SuiteItem, collect_with_claims
from harness.run.controller import CONTROLLER
from harness.run.lab_results import Suite
from harness.run.suite import run
from harness.verdict import Verdict
from testcases.selftest.breakages import ROOT


class FirstCatch:
    """Plugin that ends a run at the first testcase which finds one of ``rows`` broken."""

    def __init__(self, rows: list[str]) -> None:
        self._rows = rows
        self._session: pytest.Session

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """The run that may end."""
        self._session = session

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self) -> None:
        """A testcase has its verdict."""
        results = self._session.config.stash[CONTROLLER].labs[0].results
        if results and any(results[-1].judged.get(row) is Verdict.FAIL for row in self._rows):
            self._session.shouldfail = f"{results[-1].nodeid} has caught the breakage"


def main() -> None:
    """Run every job; what a run says goes to ``output.txt`` among its reports."""
    order = json.load(sys.stdin)
    collected, claims = collect_with_claims([SUITE])
    templates()
    for job in order["jobs"]:
        reports = Path(job["reports"])
        reports.mkdir(parents=True, exist_ok=True)
        child = os.fork()
        if child == 0:
            _become(job, order["lab"], collected, claims, reports)
        os.waitpid(child, 0)


def _become(
    job: dict[str, Any],
    lab: str,
    collected: list[SuiteItem],
    claims: dict[str, list[str]],
    reports: Path,
) -> None:
    """The forked process; it ends here in any case."""
    output = os.open(reports / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    try:
        _import_from(job["folder"])
        rows, chosen = set(job["rows"]), job["testcases"]
        claiming = [
            found
            for found in collected
            if (found.nodeid in chosen if chosen else rows & set(found.spec.rows))
        ]
        arguments = [found.nodeid for found in claiming] + ["--reports", str(reports)]
        labs = [load(Path(lab))]
        if labs[0].kind == "simulated":
            labs = with_benches(labs, "1")  # quicker for the few testcases of a job
        suite = Suite({found.nodeid: found for found in claiming}, claims)
        run(labs, suite, len(claiming), arguments, reports, [FirstCatch(job["caught_by"])])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _import_from(folder: str) -> None:
    """Take agr from ``folder``, here and in every Python process that is started from here."""
    path = [folder, str(ROOT)]
    sys.path[:0] = path
    os.environ["PYTHONPATH"] = os.pathsep.join(path)
    os.environ["PYTHONSAFEPATH"] = "1"  # python -m does not put the working directory first
    spec = importlib.util.find_spec("agr")
    if "agr" in sys.modules or spec is None or not str(spec.origin).startswith(f"{folder}/"):
        raise ImportError(f"agr would not be taken from {folder}")


if __name__ == "__main__":
    main()
