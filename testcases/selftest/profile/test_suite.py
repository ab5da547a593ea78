"""Under every edition what a reading is about has a verdict: agr passes, and no testcase judges nothing."""

from __future__ import annotations

from typing import get_args

import pytest

from harness.bench.opening import opened
from harness.lab import load
from harness.profile import Edition
from harness.verdict import Verdict
from testcases import in_process
from testcases.selftest.runs.command import ROOT

DIFFERENT = {
    "LF-06",
    "LF-10",
    "LF-13",
    "LF-14",
    "LF-21",
    "LF-28",
    "RX-13",
    "RX-31",
    "SL-11",
    "SL-12",
    "SP-01",
    "SP-02",
}
"""Rows that editions read differently."""


@pytest.mark.parametrize("edition", get_args(Edition))
def test_every_edition_can_judge(edition: Edition) -> None:
    lab = load(ROOT / "fixtures" / "labs" / "simulated.yaml").model_copy(update={"profile": edition})
    with opened(lab) as (bench, _):
        for testcase in in_process.collect(lab):
            if DIFFERENT & set(testcase.spec.rows):
                outcome = in_process.run(testcase, bench, 60.0)
                assert outcome.judgement.verdict is Verdict.PASS, (
                    f"{testcase.nodeid}: {outcome.judgement.text}"
                )
                assert not outcome.broken, testcase.nodeid
