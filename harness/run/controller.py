"""The part of the plugin that sees every result: progress, JUnit, the page."""

from __future__ import annotations

import json
import platform
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from harness.catalogue import Catalogue, Row
from harness.lab.schema import Lab
from harness.report.cabling import cabling_of
from harness.report.findings import broken_rules, unmet_premises, words
from harness.report.sentences import message
from harness.report.write import write_reports
from harness.run.collecting import INSTALLED, SuiteItem
from harness.run.deviations import gone, mark, under
from harness.run.operator import Operator
from harness.verdict import Verdict
from harness.verdict.result import Result, Run

DATA_PATH = "data path"
"""Which of an implementation's data paths was judged: a fact of `Dut.facts`."""

NOTHING_CAME = "no result came back from the bench's process; see run.log"


class Progress(Protocol):
    """Who is told while the suite runs."""

    def began(self, nodeid: str, title: str, bench: str) -> None:
        """A testcase starts."""

    def finished(self, result: Result) -> None:
        """A testcase has its verdict."""

    def again(self, total: int) -> None:
        """What follows is run once more with nothing beside it."""

    def parked(self, bench: str, cause: str) -> None:
        """A bench does no more in this run."""

    def say(self, text: str) -> None:
        """Something else is to be known."""

    def ask(self, text: str) -> None:
        """The operator is asked something; nothing may be drawn over it."""

    def answered(self) -> None:
        """He has answered, or will not."""

    def refresh(self) -> None:
        """Time passes."""

    def benches(self, working: int, wanted: int, called: str = "benches") -> None:
        """How many benches work, or what they are ``called``, and how many may."""


CONTROLLER: pytest.StashKey[Controller] = pytest.StashKey()

LAB: pytest.StashKey[Lab] = pytest.StashKey()
"""The lab, where who started the run has read its file already."""

OPERATOR: pytest.StashKey[Operator | None] = pytest.StashKey()
"""Who is asked to change LAGs that have been set up by hand; None: nobody."""


_OUTCOMES = {
    Verdict.PASS: "passed",
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.NOT_JUDGED: "skipped",
}
"""Pytest's words for verdicts; "failed" for the others."""


def report_of(item: pytest.Item, result: Result) -> pytest.TestReport:
    """A final result, for pytest's own count and for whoever else listens."""
    outcome = _OUTCOMES.get(result.verdict, "failed")
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=None if outcome == "passed" else f"{result.verdict.upper()}: {message(result)}",
        when="call",
        duration=result.seconds,
    )


class Controller:
    """Collects results in the process that started the run, and writes the reports at its end."""

    def __init__(
        self, lab: Lab, catalogue: Catalogue, reports: Path, *, repeats: int = 1, unsteady_ok: bool = False
    ) -> None:
        self.lab = lab
        self._deviations = under(lab.profile, lab.implementation.deviations)
        self.results: list[Result] = []
        self.progress: Progress | None = None
        self.run: Run | None = None
        self.collected: dict[str, SuiteItem] = {}
        self.claims: dict[str, list[str]] = {}  # by row, of all testcases that could have been selected
        self.benches: dict[str, str] = {}  # by node id: where it runs
        self._catalogue = catalogue
        self._reports = reports
        self._repeats = repeats
        self._unsteady_ok = unsteady_ok
        self._started = time.monotonic()
        self._date = datetime.now(UTC)
        self.recorded: set[str] = set()
        self.ended_for = ""
        self._details = ""
        self._phases: dict[str, list[pytest.TestReport]] = {}

    def pytest_sessionstart(self) -> None:
        """Dialogues of an earlier run are not continued."""
        for old in (self._reports / "transcripts").glob("*.transcript"):
            old.unlink()

    # -- what becomes of benches and of the run

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
            self.progress.benches(working, wanted, "slices" if self.lab.is_sliced else "benches")
            self.progress.refresh()

    def parked(self, bench: str, cause: str, details: str) -> None:
        """A bench does no more in this run."""
        if self.progress:
            self.progress.parked(bench, cause)
        self._details = details

    def once_more(self, number: int, left_out: int) -> None:
        """What did not pass is about to be run alone, but for some where that is too much."""
        if left_out:
            self.say(f"{left_out + number} testcases did not pass; {left_out} are not run once more, alone")
        if self.progress:
            self.progress.again(number)

    def give_up(self, why: str) -> None:
        """The run ends here: what has no result yet is an ERROR of this cause."""
        self.ended_for = self.ended_for or why

    def not_left_as_found(self, bench: str, message: str) -> None:
        """Record an ERROR for a bench that could not be taken down cleanly."""
        said = f"not left as it was found: {message}"
        self._trouble(f"bench {bench}", bench, "The bench is left as it was found", said)

    def unfit(self, bench: str, message: str) -> None:
        """Record one ERROR for wires through the switch that are none; who needs them is not applicable."""
        title = "Wires through the switch pass what a cable passes"
        name = f"bench {bench}: wires through the switch"
        if name not in self.recorded:
            self._trouble(name, bench, title, message)

    def _trouble(self, name: str, bench: str, title: str, cause: str) -> None:
        self.final(Result(name, [], "", title, Verdict.ERROR, 0.0, bench, cause=cause))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """The run was told to end."""
        told = excinfo.type is KeyboardInterrupt  # pytest stops itself with subclasses
        words = str(excinfo.value) or "SIGINT"
        self.give_up(f"the run was interrupted ({words})" if told else words)

    # -- what becomes of a testcase

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A testcase begins, here or in a bench's process."""
        if self.progress:
            found = self.collected.get(nodeid)
            self.progress.began(nodeid, found.title if found else nodeid, self.benches.get(nodeid, ""))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A testcase that ran in this process has ended: one that needs no bench, or under a debugger."""
        if report.nodeid in self.recorded:
            return
        if report.when == "teardown" or report.outcome != "passed":
            result = self.result_of([*self._phases.pop(report.nodeid, []), report])
            if result is not None:
                self.final(result)
        else:
            self._phases.setdefault(report.nodeid, []).append(report)

    def result_of(self, reports: Sequence[pytest.TestReport]) -> Result | None:
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
                    result = self.without_result(report.nodeid, broke, text, report.duration)
                    continue
                result.notes.append(f"cleaning up after it failed: {last}")
                if result.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE):
                    result.end_with(Verdict.ERROR, f"cleaning up failed: {last}", text)
                else:
                    result.details = f"{result.details}\n{text}".strip()
        return result

    def without_result(
        self, nodeid: str, cause: str, details: str = "", seconds: float = 0.0, bench: str = ""
    ) -> Result:
        """An ERROR for a testcase that gave no result itself."""
        found = self.collected.get(nodeid)
        rows = list(found.spec.rows) if found else []
        return Result(
            nodeid,
            rows,
            self._catalogue.row(rows[0]).dotted if rows else "",
            found.title if found else nodeid,
            Verdict.ERROR,
            seconds,
            bench or self.lab.name,
            found.spec.topology if found else "",
            cause=cause,
            details=details,
        )

    def is_troubled(self, result: Result) -> bool:
        """Whether a testcase, or a rule of the monitor in it, did not pass, and not in a known way."""
        return any(
            one.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR)
            for one in map(self._marked, [result, *broken_rules([result]), *unmet_premises([result])])
        )

    def provisional(self, result: Result, *, again: bool) -> None:
        """A testcase did not pass, and is run again: beside others, or at the end with nothing beside it."""
        result = self._marked(result)
        if again:
            self.say(f"to be run again: {result.verdict.upper()} {' '.join(result.rows)}: {message(result)}")
        elif self.progress:
            self.progress.finished(result)

    def final(self, result: Result) -> None:
        """A testcase has its verdict."""
        result = self._marked(result)
        self.recorded.add(result.nodeid)
        self.results.append(result)
        if self.progress:
            self.progress.finished(result)

    def _marked(self, result: Result) -> Result:
        """The result, as known deviations make it."""
        result = replace(result)
        mark(result, self._deviations, self._date.date())
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write what people and machines read. What was to run and gave no result is an ERROR."""
        if self.ended_for:
            self.progress = None  # said once, at the end
        for nodeid in self.collected:
            if nodeid not in self.recorded:
                self.final(self.without_result(nodeid, self.ended_for or NOTHING_CAME, self._details))
        watched = words(self.results)
        for broken in (*broken_rules(self.results), *unmet_premises(self.results)):
            self.final(broken)
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
                "seed": str(self.lab.seed),
                "python": platform.python_version(),
                "git commit": git_commit(),
            },
            results=self.results,
            gone=gone(self.results, self._deviations, self.claims),
            cabling=[cabling_of(self.lab)],
            repeats=self._repeats,
            unsteady_ok=self._unsteady_ok,
        )
        write_reports(self.run, self._reports, [self._shown(row) for row in self._catalogue])

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
