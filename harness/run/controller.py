"""The part of the plugin that sees every result: progress, JUnit, the page."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest

from harness.catalogue import Catalogue, Row
from harness.deviations import gone, mark, under
from harness.lab.schema import Lab
from harness.monitor.summary import broken_rules, words
from harness.report.coverage import coverage, write_coverage
from harness.report.junit import write_junit
from harness.report.page import write_page
from harness.result import Result, Run
from harness.run.cabling import cabling_of
from harness.run.collecting import Collected
from harness.run.interrupt import children
from harness.verdict import Verdict

TROUBLE = "agr-lab-trouble"
"""Key of a worker's output: bench and message, where the bench is not left as it was found."""

DATA_PATH = "data path"
"""Which of an implementation's data paths was judged: a fact of `Actor.facts`."""

NOTHING_CAME = "no result came back from the bench's process; see run.log"


class Progress(Protocol):
    """Who is told while the suite runs."""

    def began(self, nodeid: str, title: str, bench: str) -> None:
        """A testcase starts."""

    def finished(self, result: Result) -> None:
        """A testcase has its verdict."""


class Controller:
    """Collects results in the process that started the run, and writes the reports at its end."""

    def __init__(self, lab: Lab, catalogue: Catalogue, reports: Path) -> None:
        self.lab = lab
        self._deviations = under(lab.profile, lab.implementation.deviations)
        self.results: list[Result] = []
        self.progress: Progress | None = None
        self.run: Run | None = None
        self.collected: dict[str, Collected] = {}
        self.claims: dict[str, list[str]] = {}  # by row, of all testcases that could have been selected
        self._catalogue = catalogue
        self._reports = reports
        self._started = time.monotonic()
        self._date = datetime.now(UTC)
        self.recorded: set[str] = set()
        self.interrupted = ""
        self._has_workers = False

    def pytest_sessionstart(self) -> None:
        """Dialogues of an earlier run are not continued."""
        for old in (self._reports / "transcripts").glob("*.transcript"):
            old.unlink()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self) -> None:
        """The benches are in processes of their own."""
        self._has_workers = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended."""
        trouble = getattr(node, "workeroutput", {}).get(TROUBLE)
        if trouble:
            self.not_left_as_found(*trouble)

    def not_left_as_found(self, bench: str, message: str) -> None:
        """Record an ERROR for a bench that could not be taken down cleanly."""
        title = "The bench is left as it was found"
        said = f"not left as it was found: {message}"
        self._record(Result(f"bench {bench}", [], "", title, Verdict.ERROR, 0.0, bench, message=said))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """The run is told to end, or has no bench: so do the workers, which take their benches down."""
        told = excinfo.type is KeyboardInterrupt  # pytest and pytest-xdist stop themselves with subclasses
        words = str(excinfo.value) or "SIGINT"
        self.interrupted = f"the run was interrupted ({words})" if told else words
        if self._has_workers:
            for pid in children():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Told for workers too."""
        if self.progress:
            found = self.collected.get(nodeid)
            self.progress.began(nodeid, found.title if found else nodeid, "")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Each testcase's result, once."""
        said = getattr(report, "conformance", None)
        if said is not None and report.when != "teardown":
            done = report.when == "call" or report.outcome != "passed"
            if done and report.nodeid not in self.recorded:
                self._record(Result.from_json(json.loads(said)))
        elif report.failed and (report.when != "teardown" or report.nodeid in self.recorded):
            self._broken(report)

    def _broken(self, report: pytest.TestReport) -> None:
        """A worker died, or something outside the testcase broke."""
        text = str(report.longrepr).strip()
        last = text.splitlines()[-1] if text else "no reason given"
        known = {result.nodeid: result for result in self.results}.get(report.nodeid)
        if known is not None:
            known.notes.append(f"cleaning up after it failed: {last}")
            known.details = f"{known.details}\n{text}".strip()
            if known.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE):
                known.verdict, known.message = Verdict.ERROR, f"cleaning up failed: {last}"
            return
        self.missing(report.nodeid, f"the harness broke: {last}", text, report.duration)

    def missing(self, nodeid: str, message: str, details: str = "", seconds: float = 0.0) -> None:
        """Record an ERROR for a testcase that gave no result itself."""
        found = self.collected.get(nodeid)
        rows = list(found.spec.rows) if found else []
        self._record(
            Result(
                nodeid,
                rows,
                self._catalogue.row(rows[0]).dotted if rows else "",
                found.title if found else nodeid,
                Verdict.ERROR,
                seconds,
                self.lab.name,
                found.spec.topology if found else "",
                message=message,
                details=details,
            )
        )

    def _record(self, result: Result) -> None:
        mark(result, self._deviations, self._date.date())
        self.recorded.add(result.nodeid)
        self.results.append(result)
        if self.progress:
            self.progress.finished(result)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write what people and machines read. What was to run and gave no result is an ERROR."""
        if self.interrupted:
            self.progress = None  # said once, at the end
        for nodeid in self.collected:
            if nodeid not in self.recorded:
                self.missing(nodeid, self.interrupted or NOTHING_CAME)
        watched = words(self.results)
        for broken in broken_rules(self.results):
            self._record(broken)
        facts: dict[str, str] = {}
        for result in self.results:
            facts.update({k: v for k, v in result.properties.items() if k not in facts})
        implementation = facts.get("implementation", self.lab.implementation.adapter)
        paths = sorted({word for r in self.results for word in r.properties.get(DATA_PATH, "").split()})
        if paths:  # not every testcase need have found the same
            facts[DATA_PATH] = " ".join(paths)
            implementation += f", data path {facts[DATA_PATH]}"
        self.run = Run(
            lab=self.lab.file,
            kind=self.lab.kind,
            implementation=implementation,
            started=self._date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=time.monotonic() - self._started,
            properties={
                **facts,
                "lab": self.lab.file,
                "profile": str(self.lab.judged_by),
                **({"protocol monitor": watched} if watched else {}),
                "benches": " ".join(sorted({r.bench for r in self.results})),
                "python": platform.python_version(),
                "git commit": git_commit(),
            },
            results=self.results,
            gone=gone(self.results, self._deviations, self.claims),
            cabling=[cabling_of(self.lab)],
        )
        self._reports.mkdir(parents=True, exist_ok=True)
        write_junit(self.run, self._reports / "junit.xml")
        rows = [self._shown(row) for row in self._catalogue]
        write_page(self.run, self._reports / "index.html", rows)
        write_coverage(self.run, self._reports / "coverage.json", coverage(rows, self.results))

    def _shown(self, row: Row) -> dict[str, object]:
        """A catalogue row as reports want it."""
        return {
            "id": row.id,
            "clause": row.clause,
            "clauses": row.clauses,
            "requirement": row.requirement,
            "confidence": row.confidence,
            "testcases": self.claims.get(row.id, []),
            "no_bench": self._catalogue.no_bench.get(row.id, ""),
        }


def git_commit() -> str:
    """The commit of the testcases that ran, with + where files were changed; "unknown" outside a checkout."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return done.stdout.strip() or "unknown"
