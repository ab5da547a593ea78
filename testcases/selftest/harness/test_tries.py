"""A testcase that tries again, as nothing was to be judged at first, comes to its verdict then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.bench.simulated import SimulatedBench
from harness.lab import load
from harness.verdict import Verdict
from testcases.in_process import fit_for, run, whole_suite

LAB = Path(__file__).parents[3] / "fixtures" / "labs" / "simulated.yaml"


def test_conversations_on_a_link_until_it_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The removed port is back in its LAG for the second try, though its partner does as it is told."""
    lab = load(LAB)
    (testcase,) = (one for one in fit_for(lab, whole_suite()) if one.nodeid.endswith("::test_partner_stops"))
    found = testcase.function.__globals__["used_to_the_end"]
    tries: list[bool] = []

    def later(*words: Any) -> bool:
        tries.append(bool(found(*words)))
        return len(tries) > 1 and tries[-1]

    monkeypatch.setitem(testcase.function.__globals__, "used_to_the_end", later)
    outcome = run(testcase, SimulatedBench(lab, "simulated"), 60.0)
    assert outcome.judgement.verdict is Verdict.PASS, outcome.judgement.text
    assert len(tries) > 1
