"""Where in a second testcases of a simulated bench begin: drawn from the seed, spread over repetitions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.bench.opening import opened
from harness.lab import load
from harness.plugin import with_seed
from harness.verdict import UsageError
from testcases.selftest.runs.command import ROOT, SIMULATED, agr_lab

REFERENCE = ROOT / "fixtures" / "labs" / "reference.yaml"


def phases(seed: int, testcases: Sequence[str]) -> list[float]:
    """Of testcases that begin one after the other on one bench."""
    with opened(load(REFERENCE).model_copy(update={"seed": seed})) as (bench, _):
        found = []
        for testcase in testcases:
            before = bench.loop.now()
            bench.begin(testcase)
            assert before <= bench.loop.now() <= before + 1.1, "it does not go back, nor far"
            found.append(bench.loop.now() % 1.0)
        return found


def test_the_same_seed_gives_the_same_whatever_ran_before() -> None:
    assert phases(7, ["a", "b"])[1] == pytest.approx(phases(7, ["c", "a", "b"])[2])


def test_each_testcase_and_each_seed_has_another() -> None:
    one, other = phases(7, ["a", "b"])
    assert one != pytest.approx(other) and phases(8, ["a"])[0] != pytest.approx(one)


@pytest.mark.parametrize("tick", [1.0, 0.1, 0.01])
def test_ten_repetitions_leave_no_wide_gap_in_a_tick(tick: float) -> None:
    found = sorted(phase % tick for phase in phases(7, ["a"] * 10))
    gaps = [after - before for before, after in zip(found, [*found[1:], found[0] + tick], strict=True)]
    assert max(gaps) < 0.25 * tick


def test_a_run_has_the_seed_that_it_is_given_or_another_one() -> None:
    labs = [load(REFERENCE), load(REFERENCE).model_copy(update={"seed": 6})]
    assert [lab.seed for lab in with_seed(labs, 5)] == [5, 5]
    assert with_seed(labs, None)[1].seed == 6
    assert len({with_seed(labs, None)[0].seed for _ in range(20)}) > 1
    with pytest.raises(UsageError, match="--seed: a number"):
        with_seed(labs, -1)


def test_the_reports_tell_it(tmp_path: Path) -> None:
    done = agr_lab(
        "run", "--lab", SIMULATED, "-k", "test_destination", "--seed", "4711", "--reports", tmp_path
    )
    done.says("4711")
    assert "4711" in (tmp_path / "junit.xml").read_text()
