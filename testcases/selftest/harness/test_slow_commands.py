"""Testcases on an implementation whose commands answer late, as a switch's or a remote host's do.

A port that hears no partner is DEFAULTED by then, and at the slow period (43.4.12, 43.4.13): it says nothing
for 30 s. No testcase may take that for silence.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.bench.opening import opened
from harness.dut.acts import Acts
from harness.lab import load
from harness.profile.constants import SHORT_TIMEOUT_TIME
from harness.verdict import Verdict
from testcases.in_process import fit_for, run, whole_suite

REFERENCE = Path(__file__).parents[3] / "fixtures" / "labs" / "reference.yaml"

ANSWER = SHORT_TIMEOUT_TIME + 1.2
"""Seconds from when a command is carried out until it answers."""

LONGEST = 12
"""Seconds that a testcase claims: what takes longer waits longer than that for everything."""

ALSO = ("test_partner_admin.py", "test_states.py", "test_speed.py")
"""Files with longer ones that have taken a port at the slow period for a silent one."""

MOST_SECONDS = 60.0
"""Of the processor, for one testcase."""


def test_no_testcase_needs_commands_that_answer_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = load(REFERENCE)
    suite = [
        testcase
        for testcase in fit_for(lab, whole_suite())
        if testcase.spec.seconds <= LONGEST or any(name in testcase.nodeid for name in ALSO)
    ]
    carried_out = Acts.do
    with opened(lab) as (bench, _):

        def late(acts: Acts, order: Callable[[], Any]) -> Any:
            def answered() -> Any:
                result = order()
                bench.loop.run_for(ANSWER)
                return result

            return carried_out(acts, answered)

        monkeypatch.setattr(Acts, "do", late)
        outcomes = {testcase.nodeid: run(testcase, bench, MOST_SECONDS) for testcase in suite}
    missed = {
        nodeid: (str(outcome.judgement.verdict), [str(failure) for failure in outcome.judgement.failures])
        for nodeid, outcome in outcomes.items()
        if outcome.judgement.verdict is not Verdict.PASS or outcome.broken
    }
    assert len(outcomes) > 100
    assert not missed
