"""Named sets of testcases exist, and keep to their time."""

from __future__ import annotations

import pytest

from harness.catalogue.sets import NamedSet, set_of, sets
from harness.lab import load
from harness.run.collecting import SUITE, SuiteItem, collect
from harness.run.plan import lacks
from harness.verdict import UsageError
from testcases.selftest.runs.command import ROOT, SIMULATED, agr_lab

each = pytest.mark.parametrize("name", sets())


@pytest.fixture(scope="module")
def suite() -> list[SuiteItem]:
    return collect([SUITE])


def of(suite: list[SuiteItem], name: str) -> tuple[NamedSet, list[SuiteItem]]:
    found = set_of(name)
    return found, [item for item in suite if item.nodeid in found]


@each
def test_every_testcase_of_a_set_exists(suite: list[SuiteItem], name: str) -> None:
    found, items = of(suite, name)
    assert found.title
    names = {item.nodeid.rpartition("conformance/")[2] for item in items}
    assert names == found.testcases


@each
def test_a_set_keeps_to_its_time(suite: list[SuiteItem], name: str) -> None:
    """By the times that its testcases claim, one after the other."""
    found, items = of(suite, name)
    assert sum(item.spec.seconds for item in items) <= 60 * found.minutes


def test_acceptance_is_for_the_smallest_bench_of_metal(suite: list[SuiteItem]) -> None:
    """All of it runs there, on both topologies, and has something of each group of LACP and Markers."""
    lab = load(ROOT / "fixtures" / "labs" / "four-port.yaml")
    _, items = of(suite, "acceptance")
    assert [item.nodeid for item in items if lacks(lab, item.spec)] == []
    assert {item.spec.topology for item in items} >= {"T1", "T2"}
    groups = {row[:2] for item in items for row in item.spec.rows}
    assert groups >= {"LF", "RX", "PT", "TX", "SL", "MX", "MK", "FD", "SP"}


def test_a_set_that_is_none_is_said_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="--set: there is no set quick; there are acceptance"):
        set_of("quick")
    done = agr_lab("run", "--lab", SIMULATED, "--set", "quick")
    assert done.code == 3
    done.says("--set: there is no set quick")
