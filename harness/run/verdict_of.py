"""From what happened in a testcase to its verdict and those of its rows (docs/design.md, rule 4)."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.bench.bench import Bench
from harness.case.case import Case
from harness.catalogue import Row
from harness.run.rate import overruns
from harness.run.watchdog import Overrun
from harness.verdict import (
    BenchError,
    ConformanceFailure,
    ImplementationBroke,
    ImplementationRefused,
    Inconclusive,
    NotApplicable,
    NotJudged,
    Verdict,
    worst,
)
from harness.verdict.failure import Failure, Kind


@dataclass
class Judgement:
    """A verdict with its reason; `details` is for engineers.

    `cause` is why there is no verdict, in words, `failures` are what the implementation did wrong, `rows` the
    verdict of each row. `lost` and `late` are what the bench measured of itself: captures that lost frames
    forbid any verdict, a stepped clock forbids a FAIL, and so does what held up the bench or the
    implementation in the window of a failure, which is then its `doubt`. `strain` is the bench's own in this
    testcase, in seconds (`Bench.strain`). `notes` are for the report.
    """

    verdict: Verdict
    cause: str = ""
    failures: list[Failure] = field(default_factory=list)
    rows: dict[str, Verdict] = field(default_factory=dict)
    details: str = ""
    lost: str = ""
    late: str = ""
    strain: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Cause and failures, in a line for engineers."""
        return "; ".join(filter(None, (self.cause, *(str(ConformanceFailure(one)) for one in self.failures))))


def judge(
    case: Case | None, bench: Bench | None, error: BaseException | None, rows: Sequence[Row] = ()
) -> Judgement:
    """What a finished testcase comes to; ``rows`` are those that it claims, where there is no case yet.

    A capture that lost frames can neither pass nor fail anything, nor can a tester that broke the rate of the
    slow protocols where that was not the testcase's purpose. A bench that was late cannot fail anything, nor
    can one fail an implementation that the host did not run: what was seen in time despite it, was seen.

    What a call of the bench's loop raised counts before what the testcase raised, or did not: such a call is
    a part of it, or of the bench.
    """
    claimed = case.rows if case is not None else {row.id: row for row in rows}
    failure = None if bench is None or isinstance(error, Overrun) else bench.loop.take_failure()
    judgement = _ended_by(case, claimed, error if failure is None else failure)
    if failure is not None:
        judgement.details = "".join(traceback.format_exception(failure))
    if bench is not None:
        _weigh(judgement, case, bench)
    judgement.rows = _rows(case, claimed, judgement)
    own = [_verdict(one) for one in judgement.failures if not one.is_premise]
    judgement.verdict = worst((judgement.verdict, *judgement.rows.values(), *own))
    return judgement


def _ended_by(case: Case | None, claimed: Mapping[str, Row], error: BaseException | None) -> Judgement:
    """The verdict before the bench is asked: of the rows that have no failure of their own."""
    failures = list(case.failures) if case is not None else []
    if error is None:
        return Judgement(Verdict.PASS, failures=failures)
    match error:
        case ConformanceFailure():
            if error.failure not in failures:
                failures.append(error.failure)
            return Judgement(Verdict.NOT_JUDGED, failures=failures)
        case ImplementationRefused():
            failures.append(_refusal(case, claimed, error))
            return Judgement(Verdict.NOT_JUDGED, failures=failures)
        case ImplementationBroke():
            failures.append(_of_first_row(claimed, "an implementation that goes on", str(error), Kind.CRASH))
            trace = "".join(traceback.format_exception(error))
            return Judgement(Verdict.NOT_JUDGED, failures=failures, details=trace)
        case Inconclusive():
            return Judgement(Verdict.INCONCLUSIVE, str(error), failures)
        case NotApplicable():
            return Judgement(Verdict.NOT_APPLICABLE, str(error), failures)
        case NotJudged():
            return Judgement(Verdict.NOT_JUDGED, str(error), failures)
        case BenchError():
            trace = "".join(traceback.format_exception(error)) if error.__cause__ else ""
            return Judgement(Verdict.ERROR, str(error), failures, details=trace)
        case Overrun():
            return Judgement(
                Verdict.ERROR, f"the testcase did not end: {error}", failures, details=error.stacks
            )
    trace = "".join(traceback.format_exception(error))
    said = f"{type(error).__name__}: {error}"
    if failures:  # it went on with what a broken row had left it
        notes = [f"the story ended after the first failure: {said}"]
        return Judgement(Verdict.NOT_JUDGED, failures=failures, details=trace, notes=notes)
    return Judgement(Verdict.ERROR, f"the testcase broke: {said}", details=trace)


def _weigh(judgement: Judgement, case: Case | None, bench: Bench) -> None:
    """Hold a verdict against what the bench measured of itself."""
    judgement.notes += bench.delays()
    lost, late = bench.lost(), bench.troubles()
    if case is not None and not case.floods:
        lost += overruns(bench.wires, case.profile.slow_protocol_frames_per_second)
    judgement.lost, judgement.late = "; ".join(lost), "; ".join(late)
    judgement.strain = bench.worst_strain
    ended = [judgement.cause] if judgement.verdict is Verdict.ERROR else []
    general = [*ended, *lost, *late]
    judgement.failures = [
        replace(one, doubt="; ".join(filter(None, (*general, bench.held_up(one.window, one.granted)))))
        for one in judgement.failures
    ]
    if judgement.verdict not in (Verdict.PASS, Verdict.NOT_JUDGED):
        return
    doubts = list(dict.fromkeys(one.doubt for one in judgement.failures if one.doubt))
    if lost:
        judgement.verdict, judgement.cause = Verdict.INCONCLUSIVE, judgement.lost
    elif doubts:
        judgement.cause = "; ".join(doubts)
        if judgement.verdict is Verdict.NOT_JUDGED and all(one.doubt for one in judgement.failures):
            judgement.verdict = Verdict.INCONCLUSIVE


def _rows(case: Case | None, claimed: Mapping[str, Row], judgement: Judgement) -> dict[str, Verdict]:
    """The verdict of each row: its own failure's, or what the testcase ended with for the others.

    One that came to its end and never judged a row is wrong, but for rows that are only reported, those that
    had nothing to judge, and those whose part of the story a broken row has made impossible.
    """
    rows = dict.fromkeys(claimed, judgement.verdict)
    if case is not None and judgement.verdict is Verdict.PASS:
        rows |= dict.fromkeys(case.empty, Verdict.NOT_JUDGED)
        judgement.cause = judgement.cause or "; ".join(dict.fromkeys(case.empty.values()))
        forgotten = [
            row.id
            for row in claimed.values()
            if row.id not in case.checked
            and row.id not in case.empty
            and (case.checks == 0 or "report" not in row.flags)
        ]
        if forgotten and not judgement.failures:
            judgement.cause = f"the testcase checked nothing of {', '.join(forgotten)}"
        rows |= dict.fromkeys(forgotten, Verdict.NOT_JUDGED if judgement.failures else Verdict.ERROR)
    return rows | {one.row: _verdict(one) for one in judgement.failures if one.row in rows}


def _verdict(failure: Failure) -> Verdict:
    return Verdict.INCONCLUSIVE if failure.doubt else Verdict.FAIL


def _refusal(case: Case | None, claimed: Mapping[str, Row], error: ImplementationRefused) -> Failure:
    """A command that was not carried out; its window is the command's own time."""
    failure = _of_first_row(claimed, "the implementation to do as it is told", str(error), Kind.REFUSAL)
    if case is None or error.seconds is None:
        return failure
    now = case.now()
    return replace(failure, window=(now - error.seconds, now), granted=error.granted)


def _of_first_row(claimed: Mapping[str, Row], expected: str, seen: str, kind: Kind) -> Failure:
    row = next(iter(claimed.values()), None)
    return Failure(row.id if row else "", row.clause if row else "", expected, seen, kind)
