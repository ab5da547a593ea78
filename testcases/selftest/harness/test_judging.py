"""Whose fault it was: a failure is the implementation's, an error never is (rule 4 of the design)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from harness import catalogue
from harness.bench.bench import Bench, Window
from harness.case import Case
from harness.pdu import Frame, PortInfo, lacpdu_frame
from harness.profile import Profile, profile
from harness.run.verdict_of import judge
from harness.verdict import (
    BenchError,
    ConformanceFailure,
    ImplementationBroke,
    ImplementationRefused,
    Inconclusive,
    Verdict,
)
from harness.wire.virtual_loop import VirtualLoop
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import LATE, wire_and_tap

FAILURE = ConformanceFailure("MK-06", "43.5.4", "transaction 7", "transaction 8")


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
    checks: int
    floods: bool = False
    profile: Profile = field(default_factory=lambda: profile("802.3ad-2000"))
    rows: dict[str, Any] = field(default_factory=lambda: {"MK-06": catalogue.load().row("MK-06")})


def verdict(
    error: BaseException | None,
    *,
    checks: int = 1,
    losses: list[str] | None = None,
    late: list[str] | None = None,
) -> Verdict:
    bench = SelfMeasured(losses or [], late or [])
    return judge(cast(Case, Tried(checks)), cast(Bench, bench), error).verdict


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
    failure = ConformanceFailure("MK-06", "43.5.4", "an answer", "nothing", (3.0, 7.0), granted)
    told = judge(cast(Case, Tried(1)), cast(Bench, SelfMeasured(held=held)), failure)
    assert told.verdict is Verdict.FAIL and not told.held_up


def test_an_implementation_that_was_not_run_has_not_failed() -> None:
    bench = SelfMeasured(held=1.5)
    failure = ConformanceFailure("MK-06", "43.5.4", "an answer", "one after 6 s", (3.0, 7.0))
    told = judge(cast(Case, Tried(1)), cast(Bench, bench), failure)
    assert told.verdict is Verdict.INCONCLUSIVE and bench.asked == (3.0, 7.0)
    assert told.held_up == "not run for 1.5 s" and "one after 6 s" in told.message
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


def test_messages_name_row_clause_expected_and_seen() -> None:
    told = judge(cast(Case, Tried(1)), cast(Bench, SelfMeasured()), FAILURE)
    for word in ("MK-06", "43.5.4", "transaction 7", "transaction 8"):
        assert word in told.message
    refused = judge(
        cast(Case, Tried(1)),
        cast(Bench, SelfMeasured()),
        ImplementationRefused("agrconfig agr0 create", "no"),
    )
    assert "MK-06" in refused.message and "agrconfig agr0 create" in refused.message


def test_an_inconclusive_failure_still_says_what_was_seen() -> None:
    told = judge(cast(Case, Tried(1)), cast(Bench, SelfMeasured(late=["300 ms late"])), FAILURE)
    assert "300 ms late" in told.message and "transaction 8" in told.message
