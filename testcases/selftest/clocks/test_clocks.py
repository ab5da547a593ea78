"""Where others capture, whose clocks are known to an error, every verdict is as it was, and faults show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness.bench.opening import opened
from harness.lab import load
from harness.lab.schema import Capturer
from harness.verdict import Verdict
from testcases.in_process import collect
from testcases.in_process import run as in_process_run
from testcases.selftest.breakages import ROOT
from testcases.selftest.breakages.broken import copy
from testcases.selftest.breakages.running import Job, Outcome, catches, catching, run
from testcases.selftest.breakages.table import BREAKAGES
from testcases.selftest.clocks.__main__ import main
from testcases.selftest.clocks.drawn import capturers

FAR = ROOT / "fixtures" / "labs" / "far-clocks.yaml"
FOUND = (
    "short timeout 0.4 s early",
    "short timeout 0.6 s late",
    "period of 1.4 s",
    "four LACPDUs within 0.8 s",
    "no 2 s wait",
    "EXPIRED lasts 1 s less",
    "a link with a silent partner is left 2 s late, timeout short",
    "a link that is lost keeps its conversations",
    "what was held leaves in the wrong order",
    "conversations move without a Marker",
    "a frame in 10,000 leaves after the next one",
    "a frame in 10,000 is sent twice",
    "data is sent though Distributing is over",
    "a frame in 100 waits 20 ms for the next ones",
    "Markers answered only while Distributing",
    "every port answers a Marker",
    "Marker Responses are answered",
    "another port number after each link up",
)
"""Breakages that show by times, order or counts of frames on wires and at the client."""


def test_no_verdict_changes_by_clocks_that_are_known_to_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Each testcase under clocks that are drawn for it."""
    code = main([])
    said = capsys.readouterr().out
    assert code == 0 and " testcases under clocks of other machines: 0 not PASS" in said, said


@pytest.mark.parametrize(("error", "verdict"), [(0.02, Verdict.FAIL), (0.2, Verdict.INCONCLUSIVE)])
def test_a_clock_that_is_known_worse_than_its_limit_fails_nothing(error: float, verdict: Verdict) -> None:
    lab = load(ROOT / "docs" / "example" / "broken.yaml")
    capturer = Capturer(wires=[wire.name for wire in lab.wires], error=error)
    impaired = lab.impairments.model_copy(update={"captured_by": {"tester": capturer}})
    lab = lab.model_copy(update={"impairments": impaired})
    (testcase,) = (one for one in collect(lab) if one.nodeid.endswith("::test_every_port_answers"))
    with opened(lab) as (bench, _):
        judgement = in_process_run(testcase, bench, 60.0).judgement
    assert judgement.verdict is verdict, judgement.text
    words = "the clock of tester was known to 200 ms only (limits.clock_error 0.125 s)"
    assert (words in judgement.text) is (verdict is Verdict.INCONCLUSIVE)


def test_who_captures_is_drawn_and_the_same_again() -> None:
    lab = load(FAR)
    drawn = [capturers(seed, lab) for seed in range(100)]
    assert drawn == [capturers(seed, lab) for seed in range(100)]
    assert {len(one) for one in drawn} == {1, 2, 3, 4, 5}
    assert all(abs(machine.ahead) <= machine.error for one in drawn for machine in one.values())


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Outcome]]:
    """By breakage, what became of its rows' testcases on the bench with far clocks."""
    folder = tmp_path_factory.mktemp("clocks")
    jobs = {one.name: job(folder, one.name) for one in BREAKAGES if one.name in FOUND}
    return dict(zip(jobs, run(list(jobs.values()), FAR), strict=True))


def job(folder: Path, name: str) -> Job:
    """The run of one breakage."""
    (breakage,) = (one for one in BREAKAGES if one.name == name)
    place = folder / str(FOUND.index(name))
    return Job(copy(place, breakage), breakage.rows, place / "reports", caught_by=catching(breakage))


@pytest.mark.parametrize("name", FOUND)
def test_a_fault_is_found_by_far_clocks_too(name: str, outcomes: Mapping[str, Sequence[Outcome]]) -> None:
    (breakage,) = (one for one in BREAKAGES if one.name == name)
    assert catches(breakage, outcomes[name]), [outcome.message for outcome in outcomes[name]]
