"""The table fits what there is, and two of its trials, on an emulated bench each, are as it has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fixtures.switch.reference.breakages import BREAKAGES as OF_THE_SWITCH
from harness.run.collecting import SUITE, collect_with_claims
from testcases.selftest.breakages.table import BREAKAGES as OF_AGR
from testcases.selftest.switch_breakages.table import AGR, PARTNER, SWITCH, TRIALS, Bench, Trial
from testcases.selftest.switch_breakages.trying import tried

FEWEST = {Bench.SWITCH: 8, Bench.AGR: 12}
"""Breakages that are caught on these benches."""

DRAWN = [
    next(trial for trial in SWITCH if trial.breakage == "forwards-after-shutdown"),
    next(trial for trial in AGR if trial.row == "PT-07"),
]
"""One that virtual time does not show, and one behind a switch: some 20 s each."""


def test_every_breakage_of_the_switch_is_tried_both_ways() -> None:
    every = set(OF_THE_SWITCH) - {"max-bundle-ignored"}
    assert {trial.breakage for trial in SWITCH} == every
    assert {trial.breakage for trial in PARTNER} == set(OF_THE_SWITCH)


def test_there_are_enough() -> None:
    for bench, fewest in FEWEST.items():
        assert len({trial.breakage for trial in TRIALS if trial.bench is bench}) >= fewest


def test_every_trial_names_what_there_is() -> None:
    collected, _ = collect_with_claims([SUITE])
    rows = {found.nodeid: found.spec.rows for found in collected}
    names = {breakage.name for breakage in OF_AGR}
    for trial in TRIALS:
        claimed = rows[f"{SUITE}/{trial.testcase}"]
        assert trial.row in claimed if trial.row else trial.told, trial.name
        assert trial.bench is not Bench.AGR or trial.breakage in names, trial.name


@pytest.mark.skipif(os.geteuid() != 0, reason="an emulated bench needs root")
@pytest.mark.parametrize("trial", DRAWN, ids=lambda trial: trial.name)
def test_is_noticed(trial: Trial, tmp_path: Path) -> None:
    found = tried(trial, tmp_path)
    if found.trouble:
        pytest.skip(f"the bench gives no verdict: {found.words}")
    assert found.right, found.words
