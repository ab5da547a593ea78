"""The suite on the switch with the reference's LACP in virtual time: it passes; what is broken is caught."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from harness.bench.bench import Bench
from harness.bench.opening import opened
from harness.lab import load
from harness.lab.schema import Lab
from harness.verdict import Verdict
from testcases.in_process import Testcase, fit_for, run, whole_suite

FIXTURES = Path(__file__).parents[3] / "fixtures"
MOST_SECONDS = 60.0
"""Of the processor, for one testcase."""

FEWEST = 200
"""Testcases that apply: what the command line sets, and a bridge's port shows."""

CAUGHT = {
    "markers-ignored": "MK-01",
    "rate-ignored": "LF-23",
    "key-zero": "LF-30",
    "min-links-ignored": "AG-13",
    "max-bundle-ignored": "SL-16",
    "channel-source": "LF-02",
    "duplicates-at-failover": "FD-03",
    "reordered-on-return": "FD-02",
}
"""Breakages that stations wired straight to the switch show, and a row of each."""


@pytest.fixture(scope="module")
def suite() -> list[Testcase]:
    return whole_suite()


def lab(folder: Path, name: str) -> Lab:
    """A bench with the switch of that name of `virtual` under test."""
    said = {
        "extends": str(FIXTURES / "labs" / "reference.yaml"),
        "name": "virtual-switch",
        "implementation": {
            "load": f"testcases.selftest.switch_emulated.virtual:{name}",
            "pics": str(FIXTURES / "pics" / "reference-switch.yaml"),
        },
    }
    file = folder / "lab.yaml"
    file.write_text(yaml.safe_dump(said))
    return load(file)


@contextmanager
def bench(folder: Path, name: str, suite: Sequence[Testcase]) -> Iterator[tuple[Bench, list[Testcase]]]:
    """That bench, and what of the suite applies."""
    found = lab(folder, name)
    with opened(found) as (opened_bench, _):
        yield opened_bench, fit_for(found, suite)


def failed(testcase: Testcase, on: Bench) -> set[str]:
    """The rows that failed; the verdict where it is no PASS without one."""
    outcome = run(testcase, on, MOST_SECONDS)
    rows = {failure.row for failure in outcome.judgement.failures if not failure.doubt}
    rows |= {rule.row for rule in outcome.broken}
    passed = outcome.judgement.verdict is Verdict.PASS
    return rows or (set() if passed else {str(outcome.judgement.verdict)})


def test_the_suite_passes_whole(tmp_path: Path, suite: list[Testcase]) -> None:
    with bench(tmp_path, "VirtualSwitch", suite) as (on, testcases):
        found = {testcase.nodeid: failed(testcase, on) for testcase in testcases}
    assert not {name: rows for name, rows in found.items() if rows}
    assert len(found) >= FEWEST


@pytest.mark.parametrize(("breakage", "row"), CAUGHT.items())
def test_what_is_broken_is_caught(tmp_path: Path, suite: list[Testcase], breakage: str, row: str) -> None:
    with bench(tmp_path, breakage.replace("-", "_"), suite) as (on, testcases):
        claiming = [testcase for testcase in testcases if row in testcase.spec.rows]
        assert row in set().union(*(failed(testcase, on) for testcase in claiming))
