"""What testcases claim of their time holds on a quiet machine: a run and its watchdog go by it."""

from __future__ import annotations

from harness.lab import load
from harness.run.collecting import SUITE, collect
from harness.run.plan import lacks
from testcases.selftest.catalogue.measured import KEPT, kept

LAB = "lab.yaml"


def test_no_testcase_takes_longer_than_it_claims() -> None:
    lab, times = load(LAB), kept()
    found = [one for one in collect([SUITE, f"--lab={LAB}"]) if not lacks(lab, one.spec)]
    unknown = [one.nodeid for one in found if one.nodeid not in times]
    assert not unknown, f"measure a quiet run, and keep its times: see {KEPT.with_suffix('.py').name}"
    over = {one.nodeid: (times[one.nodeid], one.spec.seconds) for one in found}
    assert not {name: both for name, both in over.items() if both[0] > both[1]}, "(took, claims) in seconds"
