"""What a rule of the monitor comes to over a run: broken, doubted, or doubted and then kept."""

from __future__ import annotations

import pytest

from harness.report.findings import broken_rules
from harness.verdict import Verdict
from harness.verdict.result import Attempt, Result, Watched

KEPT = Watched("LF-26", "43.4.9", "an echo", 10)
BROKEN = Watched("LF-26", "43.4.9", "an echo", 10, 1, "another one")
DOUBTED = Watched("LF-26", "43.4.9", "an echo", 10, 1, "another one", doubt="the bench was late")
ONCE = Attempt(Verdict.PASS, "", "a", 1.0)
ALONE = Attempt(Verdict.PASS, "", "a", 1.0, alone=True)


def case(*watched: Watched, name: str = "test_a") -> Result:
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
    assert found.properties["shown by"].splitlines()[0] == "test_a"


def test_a_rule_that_is_kept_is_no_result() -> None:
    assert broken_rules([case(KEPT)]) == []
