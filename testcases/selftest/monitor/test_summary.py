"""What a rule of the monitor comes to over a run: broken, doubted, or doubted and then kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.monitor.rules import RULES
from harness.report.findings import broken_rules
from harness.verdict import Verdict
from harness.verdict.failure import Kind, SeenFrame
from harness.verdict.result import Attempt, Result, RuleFinding

FRAMES = (SeenFrame(-1.0, "t1-0", "before"), SeenFrame(0.0, "t1-0", "the one"))
KEPT = RuleFinding("LF-26", "43.4.9", "an echo", 10)
BROKEN = RuleFinding("LF-26", "43.4.9", "an echo", 10, 1, "another one", FRAMES)
DOUBTED = RuleFinding("LF-26", "43.4.9", "an echo", 10, 1, "another one", FRAMES, doubt="the bench was late")
ONCE = Attempt(Verdict.PASS, "", "a", 1.0)
ALONE = Attempt(Verdict.PASS, "", "a", 1.0, alone=True)


def case(*watched: RuleFinding, name: str = "test_a") -> Result:
    """A testcase that passed, run as often as there is something watched."""
    attempts = [ONCE, ALONE] if len(watched) > 1 else []
    return Result(
        name, ["LF-01"], "43B.3", "T", Verdict.PASS, 1.0, "a", watched=list(watched), attempts=attempts
    )


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        ([case(BROKEN)], Verdict.FAIL),
        ([case(DOUBTED)], Verdict.INCONCLUSIVE),
        ([case(DOUBTED, KEPT)], Verdict.UNSTEADY),
        ([case(DOUBTED, DOUBTED)], Verdict.INCONCLUSIVE),
        ([case(DOUBTED, BROKEN)], Verdict.FAIL),
        ([case(BROKEN, KEPT)], Verdict.FAIL),
        ([case(DOUBTED, KEPT), case(DOUBTED, name="test_b")], Verdict.INCONCLUSIVE),
        ([case(DOUBTED), case(KEPT, name="test_b")], Verdict.INCONCLUSIVE),
    ],
)
def test_a_rule(cases: list[Result], verdict: Verdict) -> None:
    (found,) = broken_rules(cases)
    assert found.verdict is verdict
    assert found.nodeid == "monitor::LF-26"
    assert found.shown_by[0] == "test_a"
    (failure,) = found.failures
    assert (failure.row, failure.kind, failure.frames) == ("LF-26", Kind.RULE, FRAMES)
    assert failure.expected == "always: an echo"
    assert failure.seen.startswith("another one, during LF-01 T")


def test_of_several_it_says_how_many() -> None:
    (found,) = broken_rules([case(BROKEN), case(BROKEN, name="test_b"), case(KEPT, name="test_c")])
    assert found.failures[0].seen == "another one, during LF-01 T; in all 2 frames in 2 testcases"
    assert found.shown_by == ["test_a", "test_b"]
    assert found.checks == 30


def test_its_name_does_not_change_when_it_is_reworded() -> None:
    """One rule a row: the row names it."""
    (found,) = broken_rules([case(BROKEN), case(replace(BROKEN, title="in other words"), name="test_b")])
    assert (found.nodeid, found.rows) == ("monitor::LF-26", ["LF-26"])
    assert len({rule.row for rule in RULES}) == len(RULES)


def test_a_rule_that_is_kept_is_no_result() -> None:
    assert broken_rules([case(KEPT)]) == []
