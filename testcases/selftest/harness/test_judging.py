"""Whose fault it was: a failure is the implementation's, an error never is (rule 4 of the design)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from harness import catalogue
from harness.bench.bench import Bench
from harness.bench.virtual import VirtualLoop
from harness.bench.wire import Wire
from harness.case import Case
from harness.pdu import Frame, PortInfo, lacpdu_frame
from harness.profile import Profile, profile
from harness.run.judging import judge
from harness.verdict import (
    BenchError,
    ConformanceFailure,
    ImplementationBroke,
    ImplementationRefused,
    Inconclusive,
    Verdict,
)
from testcases.selftest.harness.stub import wire_and_tap

FAILURE = ConformanceFailure("MK-06", "43.5.4", "transaction 7", "transaction 8")


@dataclass
class SelfMeasured:
    """A bench as far as a judge looks at it."""

    losses: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    loop: VirtualLoop = field(default_factory=VirtualLoop)

    def delays(self) -> list[str]:
        return []

    def lost(self) -> list[str]:
        return list(self.losses)

    def troubles(self) -> list[str]:
        return list(self.late)


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
