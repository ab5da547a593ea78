"""One testcase on a bench that is up: its case, and what it comes to; under pytest and without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.bench.bench import Bench
from harness.case.case import Case
from harness.catalogue import Catalogue, Row
from harness.catalogue.claims import Spec
from harness.monitor.watch import scene_of, watch
from harness.run.plan import capabilities, rows_lacking
from harness.run.verdict_of import Judgement, judge
from harness.verdict.result import RuleFinding


@dataclass(frozen=True)
class Outcome:
    """What one testcase came to, and what the protocol monitor found meanwhile."""

    judgement: Judgement
    watched: list[RuleFinding] = field(default_factory=list)

    @property
    def broken(self) -> list[RuleFinding]:
        """The monitor's rules that were broken for certain."""
        return [one for one in self.watched if one.wrong and not one.doubt]


def case_of(bench: Bench, spec: Spec, rows: Sequence[Row], *, soak: bool = False) -> Case:
    """The testcase's hand on a bench that has begun with it."""
    lab = bench.lab
    lacking = rows_lacking(lab, spec)
    left = [row for row in rows if row.id not in lacking]
    needs = [*spec.needs, *(need for row in left for need in spec.row_needs.get(row.id, ()))]
    return Case(bench, left, soak=soak, floods=spec.floods, needs=needs, has=capabilities(lab))


def conclude(
    bench: Bench | None,
    case: Case | None,
    error: BaseException | None,
    catalogue: Catalogue,
    rows: Sequence[Row],
) -> Outcome:
    """The outcome of a testcase that has ended, with this error or none; its captures are still there.

    ``bench`` is None where none came up, ``case`` where the testcase did not begin. A monitor that breaks is
    an ERROR of the testcase it broke on; whoever made the capture that others look at was watched.
    """
    judgement = judge(case, bench, error, rows)
    if case is None or bench is None or judgement.lost or bench.look is not None:
        return Outcome(judgement)
    try:
        return Outcome(judgement, watch(scene_of(bench, case.acts), catalogue, judgement.late))
    except Exception as broken:
        return Outcome(judge(case, None, broken, rows))
