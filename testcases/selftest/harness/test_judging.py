"""Whose fault it was: a failure is the implementation's, an error never is (docs/design.md, rule 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

import pytest

from harness import catalogue
from harness.bench.bench import Bench, Window
from harness.case import Case
from harness.catalogue import Row
from harness.pdu import Frame, PortInfo, lacpdu_frame
from harness.profile import Profile, profile
from harness.run.verdict_of import Judgement, judge
from harness.verdict import (
    BenchError,
    ConformanceFailure,
    ImplementationBroke,
    ImplementationRefused,
    Inconclusive,
    NotApplicable,
    NotJudged,
    Verdict,
)
from harness.verdict.failure import Failure, Kind
from harness.wire.virtual_loop import VirtualLoop
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import LATE, wire_and_tap

WRONG = Failure("MK-06", "43.5.4", "transaction 7", "transaction 8")
FAILURE = ConformanceFailure(WRONG)


@dataclass
class SelfMeasured:
    """A bench as far as a judge looks at it."""

    losses: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    held: float = 0.0
    asked: Window | None = None
    worst_strain: float = 0.25
    loop: VirtualLoop = field(default_factory=VirtualLoop)

    def delays(self) -> list[str]:
        return []

    def lost(self) -> list[str]:
        return list(self.losses)

    def troubles(self) -> list[str]:
        return list(self.late)

    def held_up(self, window: Window | None = None, granted: float = 0.0) -> str:
        self.asked = window
        return f"not run for {self.held} s" if self.held - granted > LATE else ""


@dataclass
class Tried:
    """A testcase, as far as a judge looks at it: the rows it claims, and those that were judged."""

    checks: int
    floods: bool = False
    profile: Profile = field(default_factory=lambda: profile("802.3ad-2000"))
    claimed: tuple[str, ...] = ("MK-06",)
    checked: set[str] = field(default_factory=lambda: {"MK-06"})
    failures: list[Failure] = field(default_factory=list)
    empty: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> dict[str, Row]:
        return {row: catalogue.load().row(row) for row in self.claimed}

    def now(self) -> float:
        return 0.0


def verdict(
    error: BaseException | None,
    *,
    checks: int = 1,
    losses: list[str] | None = None,
    late: list[str] | None = None,
) -> Verdict:
    bench = SelfMeasured(losses or [], late or [])
    tried = Tried(checks, checked={"MK-06"} if checks else set())
    return judge(cast(Case, tried), cast(Bench, bench), error).verdict


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, Verdict.PASS),
        (FAILURE, Verdict.FAIL),
        (ImplementationRefused("agrconfig agr0 create", "exit 1: no"), Verdict.FAIL),
        (ImplementationBroke("ZeroDivisionError: division by zero"), Verdict.FAIL),
        (BenchError("console /dev/ttyUSB0: silent"), Verdict.ERROR),
        (Inconclusive("the switch was rebooting"), Verdict.INCONCLUSIVE),
        (AssertionError("a plain assert"), Verdict.ERROR),
        (KeyError("x"), Verdict.ERROR),
    ],
)
def test_who_is_at_fault(error: BaseException | None, expected: Verdict) -> None:
    assert verdict(error) is expected


def test_a_testcase_that_checked_nothing_is_an_error() -> None:
    assert verdict(None, checks=0) is Verdict.ERROR


def test_lost_frames_forbid_both_pass_and_fail() -> None:
    assert verdict(None, losses=["t1 lost 3"]) is Verdict.INCONCLUSIVE
    assert verdict(FAILURE, losses=["t1 lost 3"]) is Verdict.INCONCLUSIVE


def test_a_late_bench_forbids_fail_only() -> None:
    assert verdict(FAILURE, late=["300 ms late"]) is Verdict.INCONCLUSIVE
    assert verdict(None, late=["300 ms late"]) is Verdict.PASS


@pytest.mark.parametrize(("held", "granted"), [(LATE, 0.0), (1.5, 1.5), (0.0, 0.0)])
def test_a_failure_stands_where_nobody_was_held_up_or_got_time_for_it(held: float, granted: float) -> None:
    failure = Failure("MK-06", "43.5.4", "an answer", "nothing", window=(3.0, 7.0), granted=granted)
    bench = SelfMeasured(held=held)
    told = judge(cast(Case, Tried(1)), cast(Bench, bench), ConformanceFailure(failure))
    assert told.verdict is Verdict.FAIL and told.failures == [failure]


def test_an_implementation_that_was_not_run_has_not_failed() -> None:
    bench = SelfMeasured(held=1.5)
    failure = Failure("MK-06", "43.5.4", "an answer", "one after 6 s", window=(3.0, 7.0))
    told = judge(cast(Case, Tried(1)), cast(Bench, bench), ConformanceFailure(failure))
    assert told.verdict is Verdict.INCONCLUSIVE and bench.asked == (3.0, 7.0)
    assert told.cause == told.failures[0].doubt == "not run for 1.5 s"
    assert told.failures[0].seen == "one after 6 s"
    assert told.strain == bench.worst_strain


def test_what_a_failure_without_a_window_judged_is_the_testcase() -> None:
    bench = SelfMeasured(held=1.5)
    assert judge(cast(Case, Tried(1)), cast(Bench, bench), FAILURE).verdict is Verdict.INCONCLUSIVE
    assert bench.asked is None


@pytest.mark.parametrize(
    ("held", "verdict"), [(0.0, Verdict.FAIL), (15.0, Verdict.FAIL), (25.0, Verdict.INCONCLUSIVE)]
)
def test_a_command_that_hangs_has_failed_unless_it_was_not_run(held: float, verdict: Verdict) -> None:
    bench = SelfMeasured(held=held)
    hung = ImplementationRefused("agrconfig agr0 create", "no answer within 30 s", 30.0, granted=15.0)
    assert judge(cast(Case, Tried(1)), cast(Bench, bench), hung).verdict is verdict
    assert bench.asked is not None and bench.asked[1] - bench.asked[0] == pytest.approx(30)


def test_who_was_held_up_passes_all_the_same() -> None:
    told = judge(cast(Case, Tried(1)), cast(Bench, SelfMeasured(held=9.0)), None)
    assert told.verdict is Verdict.PASS and told.strain == 0.25


def test_trouble_is_no_escape_from_an_error() -> None:
    assert verdict(BenchError("x"), losses=["t1 lost 3"], late=["late"]) is Verdict.ERROR


def flooded(times: list[float], *, floods: bool = False, straight: bool = True) -> Verdict:
    """What comes of a testcase that passed while the tester sent LACPDUs at these times."""
    wire, tap = wire_and_tap()
    wire.straight = straight
    tap.frames += [Frame(time, lacpdu_frame(tap.mac, PortInfo(), PortInfo()), True, "t1") for time in times]
    return judge(cast(Case, Tried(1, floods)), cast(Bench, SelfMeasured(wires=[wire])), None).verdict


def test_a_tester_that_broke_the_rate_forbids_both_pass_and_fail() -> None:
    six = [10.0 + number * 0.19 for number in range(6)]
    assert flooded(six) is Verdict.INCONCLUSIVE
    assert flooded(six, floods=True) is Verdict.PASS
    assert flooded(six, straight=False) is Verdict.PASS
    assert flooded([10.0 + number * 0.2 for number in range(20)]) is Verdict.PASS


def of_two(
    error: BaseException | None,
    *failures: Failure,
    checked: tuple[str, ...] = ("MK-06", "MK-08"),
    empty: Mapping[str, str] = MappingProxyType({}),
) -> Judgement:
    """What a testcase of two rows comes to that found these failures and went on."""
    tried = Tried(
        2, claimed=("MK-06", "MK-08"), checked=set(checked), failures=list(failures), empty=dict(empty)
    )
    return judge(cast(Case, tried), cast(Bench, SelfMeasured()), error)


def test_each_row_has_a_verdict_of_its_own() -> None:
    told = of_two(None, WRONG)
    assert told.verdict is Verdict.FAIL
    assert told.rows == {"MK-06": Verdict.FAIL, "MK-08": Verdict.PASS}


def test_a_row_behind_a_failure_that_ended_the_story_is_not_judged() -> None:
    told = of_two(FAILURE)
    assert told.rows == {"MK-06": Verdict.FAIL, "MK-08": Verdict.NOT_JUDGED}


def test_what_breaks_after_a_failure_is_its_consequence() -> None:
    told = of_two(IndexError("list index out of range"), WRONG)
    assert told.rows == {"MK-06": Verdict.FAIL, "MK-08": Verdict.NOT_JUDGED}
    assert "IndexError" in told.notes[0] and "IndexError" in told.details


def test_a_bench_that_breaks_takes_a_failure_before_it_back() -> None:
    told = of_two(BenchError("console /dev/ttyUSB0: silent"), WRONG)
    assert told.verdict is Verdict.ERROR
    assert told.rows == {"MK-06": Verdict.INCONCLUSIVE, "MK-08": Verdict.ERROR}
    assert told.failures[0].doubt == told.cause == "console /dev/ttyUSB0: silent"


def test_what_cannot_be_judged_takes_back_no_failure_before_it() -> None:
    told = of_two(Inconclusive("the switch has lost 3 frames"), WRONG)
    assert told.verdict is Verdict.FAIL
    assert told.rows == {"MK-06": Verdict.FAIL, "MK-08": Verdict.INCONCLUSIVE}


def test_a_row_that_is_never_judged_is_an_error_of_the_testcase() -> None:
    told = of_two(None, checked=("MK-06",))
    assert told.rows == {"MK-06": Verdict.PASS, "MK-08": Verdict.ERROR} and "MK-08" in told.cause


def test_a_row_with_nothing_to_judge_is_not_passed_though_it_was_checked() -> None:
    told = of_two(None, empty={"MK-08": "no data on t1-4"})
    assert (told.verdict, told.cause) == (Verdict.NOT_JUDGED, "no data on t1-4")
    assert told.rows == {"MK-06": Verdict.PASS, "MK-08": Verdict.NOT_JUDGED}
    assert of_two(None, checked=("MK-06",), empty={"MK-08": "no data"}).rows == told.rows


def test_a_row_that_failed_stays_failed_whatever_else_there_was_to_judge() -> None:
    told = of_two(None, WRONG, empty={"MK-06": "no data on t1-4"})
    assert told.rows == {"MK-06": Verdict.FAIL, "MK-08": Verdict.PASS}


def test_what_did_not_come_about_ends_a_testcase_without_a_failure() -> None:
    told = of_two(NotJudged("no conversation on t1-4"))
    assert (told.verdict, told.failures) == (Verdict.NOT_JUDGED, [])
    assert told.cause == "no conversation on t1-4"
    assert of_two(NotJudged("nothing"), WRONG).rows == {"MK-06": Verdict.FAIL, "MK-08": Verdict.NOT_JUDGED}


def test_what_the_bench_turns_out_not_to_have_ends_a_testcase_as_not_applicable() -> None:
    told = of_two(NotApplicable("the switch has no max-bundle"))
    assert (told.verdict, told.failures) == (Verdict.NOT_APPLICABLE, [])
    assert told.cause == "the switch has no max-bundle"
    assert of_two(NotApplicable("nothing"), WRONG).verdict is Verdict.FAIL


def test_a_premise_that_is_not_reached_judges_no_row_of_the_testcase() -> None:
    premise = Failure("MX-08", "43.4.15", "an LACPDU", "nothing", Kind.PREMISE)
    told = of_two(ConformanceFailure(premise))
    assert told.verdict is Verdict.NOT_JUDGED and set(told.rows.values()) == {Verdict.NOT_JUDGED}
    assert told.failures == [premise]
    again = of_two(ConformanceFailure(premise), WRONG)
    assert again.verdict is Verdict.FAIL and again.rows["MK-08"] is Verdict.NOT_JUDGED


def test_a_premise_that_was_not_reached_on_a_bench_that_was_late_is_inconclusive() -> None:
    premise = Failure("MX-08", "43.4.15", "an LACPDU", "nothing", Kind.PREMISE)
    told = judge(cast(Case, Tried(1)), cast(Bench, SelfMeasured(held=1.5)), ConformanceFailure(premise))
    assert told.verdict is Verdict.INCONCLUSIVE and told.rows == {"MK-06": Verdict.INCONCLUSIVE}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ImplementationRefused("agrconfig agr0 create", "no"), Kind.REFUSAL),
        (ImplementationBroke("it spins at t=3"), Kind.CRASH),
    ],
)
def test_what_an_implementation_does_to_a_testcase_is_of_its_first_row(error: Exception, kind: Kind) -> None:
    for case in (Tried(1), None):
        rows = [catalogue.load().row("MK-06")]
        told = judge(cast(Case, case), cast(Bench, SelfMeasured()), error, rows)
        (failure,) = told.failures
        assert (failure.row, failure.clause, failure.kind) == ("MK-06", rows[0].clause, kind)
        assert failure.seen == str(error) and told.rows == {"MK-06": Verdict.FAIL}


def test_an_inconclusive_failure_still_says_what_was_seen() -> None:
    told = judge(cast(Case, Tried(1)), cast(Bench, SelfMeasured(late=["300 ms late"])), FAILURE)
    assert told.cause == "300 ms late" and told.failures[0].seen == "transaction 8"
