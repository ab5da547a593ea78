"""Tries one breakage on an emulated bench, and says whether it was noticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.run.collecting import SUITE
from testcases.selftest.breakages import ROOT
from testcases.selftest.breakages.broken import copy
from testcases.selftest.breakages.running import Job, Outcome, run
from testcases.selftest.breakages.table import BREAKAGES
from testcases.selftest.switch_breakages.table import Bench, Trial

LABS = ROOT / "fixtures" / "labs"
ALONE = {"name": "broken", "benches": 1, "confirm": "never"}
"""A FAIL is not run again: it is what is wanted."""

JUDGED = {
    "pics": str(ROOT / "fixtures" / "pics" / "reference-switch.yaml"),
    "deviations": {"known": []},
    "load_balance": "src-dst-mixed-ip-port",
}
PASSED = ("pass",)


@dataclass(frozen=True)
class Found:
    """Whether it was as it must be, in words for a person; ``trouble``: the bench may be why it was not."""

    right: bool
    trouble: bool
    words: str


def lab(bench: Bench, breakage: str) -> dict[str, Any]:
    """The lab file of a bench, with the switch broken so; "": sound."""
    emulated = {"lacp": "reference"} | ({"breakage": breakage} if breakage else {})
    if bench is Bench.SWITCH:
        own = {"extends": str(LABS / "switch-ssh.yaml"), "implementation": JUDGED, "emulated": emulated}
        return ALONE | own
    straight = yaml.safe_load((LABS / "nothing-straight.yaml").read_text(encoding="utf-8"))
    own = {"extends": str(ROOT / "lab.yaml"), "wires": straight["wires"]}
    return ALONE | own | ({"emulated": emulated} if bench is Bench.PARTNER else {})


def tried(trial: Trial, folder: Path) -> Found:
    """Run its testcase with what is broken; ``folder`` need not exist."""
    breakage = "" if trial.bench is Bench.AGR else trial.breakage
    source = ROOT
    if trial.bench is Bench.AGR:
        (own,) = (one for one in BREAKAGES if one.name == trial.breakage)
        source = copy(folder / "agr", own)
    outcomes = _run(trial.bench, breakage, source, [trial.testcase], folder)
    verdicts = {outcome.verdict for outcome in outcomes}
    words = "; ".join(f"{outcome.verdict}: {outcome.message or _notes(outcome)}" for outcome in outcomes)
    doubt = bool(verdicts & {"error", "inconclusive"})
    if trial.row:
        caught = any(outcome.broke(trial.row) for outcome in outcomes)
        return Found(caught, not caught and doubt, words)
    told = any(trial.told in outcome.message + outcome.said for outcome in outcomes)
    failed = "fail" in verdicts
    return Found(told and not failed, doubt and not failed, words)


def sound(bench: Bench, testcases: Sequence[str], folder: Path) -> Found:
    """Run testcases on a bench on which nothing is broken: they must pass."""
    outcomes = _run(bench, "", ROOT, testcases, folder)
    bad = [f"{one.name}: {one.verdict}: {one.message}" for one in outcomes if one.verdict not in PASSED]
    trouble = not any(outcome.verdict == "fail" for outcome in outcomes)
    return Found(len(outcomes) == len(set(testcases)) and not bad, trouble, "; ".join(bad))


def _run(bench: Bench, breakage: str, source: Path, testcases: Sequence[str], folder: Path) -> list[Outcome]:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "lab.yaml"
    file.write_text(yaml.safe_dump(lab(bench, breakage)), encoding="utf-8")
    nodeids = [f"{SUITE}/{testcase}" for testcase in testcases]
    return run([Job(source, (), folder / "reports", nodeids)], file)[0]


def _notes(outcome: Outcome) -> str:
    return " ".join(line for line in outcome.said.splitlines() if line.startswith("[note]"))
