"""What becomes of the testcases of one lab of a run, and of its benches."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from harness.catalogue import Catalogue
from harness.lab.schema import Lab
from harness.report.cabling import cabling_of
from harness.report.findings import broken_rules, unmet_premises, words
from harness.report.sentences import message
from harness.run.collecting import SuiteItem
from harness.run.deviations import gone, mark, under
from harness.run.progress import Progress
from harness.verdict import Verdict
from harness.verdict.result import LabOfRun, Result

DATA_PATH = "data path"
"""Which of an implementation's data paths was judged: a fact of `Dut.facts`."""

NOTHING_CAME = "no result came back from the bench's process; see run.log"


@dataclass(frozen=True)
class Suite:
    """What is to run on a lab: testcases by node id, and node ids by row of all that could be selected."""

    collected: Mapping[str, SuiteItem] = field(default_factory=dict)
    claims: Mapping[str, Sequence[str]] = field(default_factory=dict)


class LabResults:
    """The results of one lab; each is told to ``progress``, where somebody watches.

    ``name`` is the lab's where the run has several, else "". ``recorded`` are node ids that have their
    verdict; ``ended_for`` is why the rest has none, "" while it goes on. ``failed``: node ids that alone are
    run, None: all. ``today`` decides which known deviations are known still.
    """

    def __init__(
        self,
        lab: Lab,
        name: str,
        catalogue: Catalogue,
        today: date,
        *,
        repeats: int = 1,
        failed: set[str] | None = None,
    ) -> None:
        self.lab = lab
        self.name = name
        self.repeats = repeats
        self.results: list[Result] = []
        self.recorded: set[str] = set()
        self.progress: Progress | None = None
        self.suite = Suite()
        self.ended_for = ""
        self._details = ""
        self._failed = failed
        self._catalogue = catalogue
        self._today = today
        self._deviations = under(lab.profile, lab.implementation.deviations)
        self._began = self._ended = time.monotonic()

    def includes(self, nodeid: str) -> bool:
        """Whether a testcase is to be run on this lab."""
        return self._failed is None or nodeid in self._failed

    # -- what becomes of benches

    def begin(self) -> None:
        """Its time begins: no other lab is waited for."""
        self._began = self._ended = time.monotonic()

    def parked(self, bench: str, cause: str, details: str) -> None:
        """A bench does no more in this run."""
        if self.progress:
            self.progress.parked(" ".join(filter(None, (self.name, bench))), cause)
        self._details = details

    def give_up(self, why: str) -> None:
        """Nothing more is run: what has no result yet is an ERROR of this cause."""
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

    # -- what becomes of a testcase

    def began(self, nodeid: str, bench: str = "") -> None:
        """A testcase begins."""
        if self.progress:
            found = self.suite.collected.get(nodeid)
            self.progress.began((self.name, nodeid), found.title if found else nodeid, bench)

    def without_result(
        self, nodeid: str, cause: str, details: str = "", seconds: float = 0.0, bench: str = ""
    ) -> Result:
        """An ERROR for a testcase that gave no result itself."""
        found = self.suite.collected.get(nodeid)
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
            lab=self.name,
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
        if again and self.progress:
            rows = " ".join(filter(None, (self.name, *result.rows)))
            self.progress.say(f"to be run again: {result.verdict.upper()} {rows}: {message(result)}")
        elif self.progress:
            self.progress.finished(result)

    def final(self, result: Result) -> None:
        """A testcase has its verdict."""
        result = self._marked(result)
        self.recorded.add(result.nodeid)
        self.results.append(result)
        self._ended = time.monotonic()
        if self.progress:
            self.progress.finished(result)

    def _marked(self, result: Result) -> Result:
        """The result, as this lab's and as known deviations make it."""
        result = replace(result, lab=self.name)
        mark(result, self._deviations, self._today)
        return result

    # -- the end

    def close(self) -> None:
        """What was to run and gave no result is an ERROR; what several testcases showed has a result."""
        for nodeid in self.suite.collected:
            if nodeid not in self.recorded:
                self.final(self.without_result(nodeid, self.ended_for or NOTHING_CAME, self._details))
        for broken in (*broken_rules(self.results), *unmet_premises(self.results)):
            self.final(broken)

    def of_run(self, common: Mapping[str, str]) -> LabOfRun:
        """The lab as reports tell of it; ``common`` are properties that all labs of the run have."""
        facts: dict[str, str] = {}
        for result in self.results:
            facts.update({k: v for k, v in result.properties.items() if k not in facts})
        implementation = facts.get("implementation", self.lab.implementation.adapter)
        paths = sorted({word for r in self.results for word in r.properties.get(DATA_PATH, "").split()})
        if paths:  # not every testcase need have found the same
            facts[DATA_PATH] = " ".join(paths)
            implementation += f", data path {facts[DATA_PATH]}"
        watched = words(self.results)
        return LabOfRun(
            name=self.lab.name,
            lab=self.lab.file,
            kind=self.lab.kind,
            implementation=implementation,
            seconds=self._ended - self._began,
            properties={
                **facts,
                "lab": self.lab.file,
                "profile": str(self.lab.judged_by),
                **({"protocol monitor": watched} if watched else {}),
                "benches": " ".join(sorted({r.bench for r in self.results})),
                "seed": str(self.lab.seed),
                **common,
            },
            gone=gone(self.results, self._deviations, self.suite.claims),
            cabling=[cabling_of(self.lab)],
            repeats=self.repeats,
        )
