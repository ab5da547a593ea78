"""Each figure that the simulated suite records has a name for machines, its own within the testcase."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from harness.bench.opening import opened
from harness.catalogue import load as load_catalogue
from harness.lab import load
from harness.run.testcase import case_of
from testcases.in_process import collect
from testcases.selftest.runs.command import SIMULATED


def test_figures_have_names_of_their_own() -> None:
    lab, rows = load(Path(SIMULATED)), load_catalogue()
    recorded = 0
    with opened(lab) as (bench, _):
        for testcase in collect(lab):
            bench.begin()
            case = case_of(bench, testcase.spec, [rows.row(row) for row in testcase.spec.rows])
            testcase.function(case=case, **testcase.parameters)
            names = Counter(one.id for one in case.measurements)
            assert not [name for name, times in names.items() if times > 1 or not name], testcase.nodeid
            recorded += len(case.measurements)
            case.close()
    assert recorded
