"""The part of the plugin that sees every result: progress, JUnit, the page."""

from __future__ import annotations

import json
import platform
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.catalogue import Catalogue, Row
from harness.lab.schema import Lab
from harness.report.write import write_reports
from harness.run.collecting import INSTALLED
from harness.run.lab_results import LabResults, Suite
from harness.run.operator import Operator
from harness.run.progress import Progress
from harness.verdict import Verdict
from harness.verdict.result import LabOfRun, Result, Run

CONTROLLER: pytest.StashKey[Controller] = pytest.StashKey()

LABS: pytest.StashKey[list[Lab]] = pytest.StashKey()
"""The labs, where who started the run has read their files already."""

OPERATOR: pytest.StashKey[Operator | None] = pytest.StashKey()
"""Who is asked to change LAGs that have been set up by hand; None: nobody."""

SOAK_PHASES = 5
"""Phases at which --soak has each testcase of a simulated bench begin; in a run without it there is one."""


def result_of(reports: Sequence[pytest.TestReport], lab: LabResults) -> Result | None:
    """The result that the reports of a testcase's phases carry; None where there is none."""
    result: Result | None = None
    for report in reports:
        said = getattr(report, "conformance", None)
        if said is not None and report.when != "teardown":
            result = Result.from_json(json.loads(said))
        elif report.failed:
            text = str(report.longrepr).strip()
            last = text.splitlines()[-1] if text else "no reason given"
            if result is None:
                broke = f"the harness broke: {last}"
                result = lab.without_result(report.nodeid, broke, text, report.duration)
                continue
            result.notes.append(f"cleaning up after it failed: {last}")
            if result.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE):
                result.end_with(Verdict.ERROR, f"cleaning up failed: {last}", text)
            else:
                result.details = f"{result.details}\n{text}".strip()
    return result


class Controller:
    """Collects results in the process that started the run, and writes the reports at its end.

    ``labs`` are those of the run, in the order in which they were named. ``here`` is the lab whose testcase
    runs in this process, None where none does. ``failed``: node ids that alone are run, by the lab's name.
    """

    def __init__(
        self,
        labs: Sequence[Lab],
        catalogue: Catalogue,
        reports: Path,
        *,
        repeats: int = 1,
        soak: bool = False,
        failed: Mapping[str, set[str]] | None = None,
        unsteady_ok: bool = False,
    ) -> None:
        self._date = datetime.now(UTC)
        self.labs = [
            LabResults(
                lab,
                lab.name if len(labs) > 1 else "",
                catalogue,
                self._date.date(),
                repeats=max(repeats, SOAK_PHASES) if soak and lab.kind == "simulated" else repeats,
                failed=None if failed is None else failed[lab.name],
            )
            for lab in labs
        ]
        self.progress: Progress | None = None
        self.run: Run | None = None
        self.here: LabResults | None = self.labs[0]
        self.suite = Suite()
        self._catalogue = catalogue
        self._reports = reports
        self._unsteady_ok = unsteady_ok
        self._started = time.monotonic()
        self._phases: dict[str, list[pytest.TestReport]] = {}

    def expect(self, suite: Suite, progress: Progress) -> None:
        """This is what is to run, and who is told."""
        self.suite, self.progress = suite, progress
        for lab in self.labs:
            collected = {nodeid: one for nodeid, one in suite.collected.items() if lab.includes(nodeid)}
            lab.suite, lab.progress = Suite(collected, suite.claims), progress

    def pytest_sessionstart(self) -> None:
        """Dialogues of an earlier run are not continued."""
        for old in (self._reports / "transcripts").rglob("*.transcript"):
            old.unlink()

    # -- what becomes of the run

    def say(self, text: str) -> None:
        """Tell who watches."""
        if self.progress:
            self.progress.say(text)

    def ask(self, text: str) -> None:
        """Show the operator a question."""
        if self.progress:
            self.progress.ask(text)

    def answered(self) -> None:
        """The question is answered."""
        if self.progress:
            self.progress.answered()

    def look(self, working: int, wanted: int) -> None:
        """Time passes; so many benches work, and so many may."""
        if self.progress:
            sliced = {lab.lab.is_sliced for lab in self.labs}
            called = (
                "slices" if sliced == {True} else "benches" if sliced == {False} else "benches and slices"
            )
            self.progress.benches(working, wanted, called)
            self.progress.refresh()

    def once_more(self, lab: LabResults, number: int, left_out: int) -> None:
        """What did not pass is about to be run alone, but for some where that is too much."""
        if left_out:
            self.say(f"{left_out + number} testcases did not pass; {left_out} are not run once more, alone")
        if self.progress:
            self.progress.again(number, lab.name)

    def give_up(self, why: str) -> None:
        """The run ends here, on all labs: what has no result yet is an ERROR of this cause."""
        for lab in self.labs:
            lab.give_up(why)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """The run was told to end."""
        told = excinfo.type is KeyboardInterrupt  # pytest stops itself with subclasses
        words = str(excinfo.value) or "SIGINT"
        self.give_up(f"the run was interrupted ({words})" if told else words)

    # -- testcases that run in this process: those that need no bench, or all under a debugger

    @contextmanager
    def running_here(self, lab: LabResults) -> Iterator[None]:
        """What pytest tells of testcases meanwhile is of this lab."""
        self.here = lab
        try:
            yield
        finally:
            self.here = None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A testcase begins."""
        if self.here is not None:
            self.here.began(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a testcase has ended."""
        if self.here is None:
            return
        if report.when == "teardown" or report.outcome != "passed":
            phases = [*self._phases.pop(report.nodeid, []), report]
            result = None if report.nodeid in self.here.recorded else result_of(phases, self.here)
            if result is not None:
                self.here.final(result)
        else:
            self._phases.setdefault(report.nodeid, []).append(report)

    # -- the end

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write what people and machines read."""
        for lab in self.labs:
            if lab.ended_for:
                lab.progress = None  # said once, at the end
            lab.close()
        common = {"python": platform.python_version(), "git commit": git_commit()}
        self.run = self._as_one([lab.of_run(common) for lab in self.labs], common)
        write_reports(self.run, self._reports, [self._shown(row) for row in self._catalogue])

    def _as_one(self, labs: Sequence[LabOfRun], common: Mapping[str, str]) -> Run:
        """The run: that of its one lab, or all of them together."""
        several = len(labs) > 1
        had = {result.lab for lab in self.labs for result in lab.results}
        return Run(
            lab=", ".join(one.lab for one in labs),
            kind=", ".join(dict.fromkeys(one.kind for one in labs)),
            implementation=", ".join(dict.fromkeys(one.implementation for one in labs)),
            started=self._date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=time.monotonic() - self._started,
            properties=dict(common) if several else labs[0].properties,
            results=[result for lab in self.labs for result in lab.results],
            gone=[stale for one in labs for stale in one.gone],
            cabling=[cabling for one in labs for cabling in one.cabling],
            repeats=max(one.repeats for one in labs),
            unsteady_ok=self._unsteady_ok,
            labs=[one for one in labs if one.name in had],
            name="" if several else labs[0].name,
        )

    def _shown(self, row: Row) -> dict[str, object]:
        """A catalogue row as reports want it."""
        return {
            "id": row.id,
            "clause": row.clause,
            "clauses": row.clauses,
            "requirement": row.requirement,
            "confidence": row.confidence,
            "testcases": list(self.suite.claims.get(row.id, ())),
            "no_bench": self._catalogue.no_bench.get(row.id, ""),
        }


def git_commit() -> str:
    """The commit of the testcases that ran, with + where files were changed; "unknown" outside a checkout."""
    if not (INSTALLED / ".git").exists():
        return "unknown"  # and not that of a repository which an installed wheel happens to be in
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return done.stdout.strip() or "unknown"
