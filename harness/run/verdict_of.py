"""From what happened in a testcase to its verdict (rule 4 of the design)."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field

from harness.bench.bench import Bench, Window
from harness.case.case import Case
from harness.run.rate import overruns
from harness.run.watchdog import Overrun
from harness.verdict import (
    BenchError,
    ConformanceFailure,
    ImplementationBroke,
    ImplementationRefused,
    Inconclusive,
    Verdict,
)


@dataclass
class Judgement:
    """A verdict with its reason; `details` is for engineers.

    `lost` and `late` are what the bench measured of itself: captures that lost frames forbid any verdict, a
    stepped clock forbids a FAIL, and so does what held up the bench or the implementation in the window of
    the failure. `held_up` is that in words, `would_fail`: without that it would be one. `strain` is the
    bench's own in this testcase, in seconds (`Bench.strain`). `notes` are for the report.
    """

    verdict: Verdict
    message: str = ""
    expected: str = ""
    seen: str = ""
    details: str = ""
    lost: str = ""
    late: str = ""
    would_fail: bool = False
    held_up: str = ""
    strain: float = 0.0
    notes: list[str] = field(default_factory=list)


def judge(case: Case | None, bench: Bench | None, error: BaseException | None) -> Judgement:
    """What a finished testcase comes to.

    A capture that lost frames can neither pass nor fail anything, nor can a tester that broke the rate of the
    slow protocols where that was not the testcase's purpose. A bench that was late cannot fail anything, nor
    can one fail an implementation that the host did not run: what was seen in time despite it, was seen.

    What a call of the bench's loop raised counts before what the testcase raised, or did not: such a call is
    a part of it, or of the bench.
    """
    failure = None if bench is None or isinstance(error, Overrun) else bench.loop.take_failure()
    judgement = _of_error(case, error) if failure is None else _of_loop(case, failure)
    if bench is None:
        return judgement
    judgement.notes += bench.delays()
    lost, late = bench.lost(), bench.troubles()
    if case is not None and not case.floods:
        lost += overruns(bench.wires, case.profile.slow_protocol_frames_per_second)
    judgement.lost, judgement.late = "; ".join(lost), "; ".join(late)
    judgement.strain = bench.worst_strain
    causes = list(lost)
    if judgement.verdict is Verdict.FAIL:
        judgement.held_up = bench.held_up(*_window(error, bench.loop.now()))
        causes += late + ([judgement.held_up] if judgement.held_up else [])
    if judgement.verdict not in (Verdict.PASS, Verdict.FAIL) or not causes:
        return judgement
    said = f"; without that it would be: {judgement.message}" if judgement.message else ""
    judgement.would_fail = judgement.verdict is Verdict.FAIL
    judgement.verdict, judgement.message = Verdict.INCONCLUSIVE, "; ".join(causes) + said
    judgement.expected = judgement.seen = ""
    return judgement


def _window(error: BaseException | None, now: float) -> tuple[Window | None, float]:
    """The time that a failure judged, and what was granted of it. Of a refusal it is the command's time."""
    if isinstance(error, ConformanceFailure):
        return error.window, error.granted
    if isinstance(error, ImplementationRefused) and error.seconds is not None:
        return (now - error.seconds, now), error.granted
    return None, 0.0


def _of_error(case: Case | None, error: BaseException | None) -> Judgement:
    if error is None:
        if case is not None and case.checks == 0:
            return Judgement(Verdict.ERROR, "the testcase checked nothing")
        return Judgement(Verdict.PASS)
    if isinstance(error, ConformanceFailure):
        return Judgement(Verdict.FAIL, str(error), error.expected, error.seen)
    if isinstance(error, ImplementationRefused):
        return _of_implementation(case, "the implementation to do as it is told", error)
    if isinstance(error, ImplementationBroke):
        judgement = _of_implementation(case, "an implementation that goes on", error)
        judgement.details = "".join(traceback.format_exception(error))
        return judgement
    if isinstance(error, Inconclusive):
        return Judgement(Verdict.INCONCLUSIVE, str(error))
    if isinstance(error, BenchError):
        return Judgement(Verdict.ERROR, str(error))
    if isinstance(error, Overrun):
        return Judgement(Verdict.ERROR, f"the testcase did not end: {error}", details=error.stacks)
    trace = "".join(traceback.format_exception(error))
    return Judgement(Verdict.ERROR, f"the testcase broke: {type(error).__name__}: {error}", details=trace)


def _of_loop(case: Case | None, failure: Exception) -> Judgement:
    judgement = _of_error(case, failure)
    judgement.details = "".join(traceback.format_exception(failure))
    return judgement


def _of_implementation(case: Case | None, expected: str, error: Exception) -> Judgement:
    row = next(iter(case.rows.values())) if case else None
    named = f"{row.id} (clause {row.clause}): " if row else ""
    return Judgement(Verdict.FAIL, f"{named}expected {expected}; seen {error}", expected, str(error))
