"""Runs that are told to end, or are killed: what they had on the machine goes, at once or by the next run."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from testcases.selftest.host import wait_until
from testcases.selftest.runs import suites
from testcases.selftest.runs.command import EMULATED, SIMULATED, agr_lab, started
from testcases.selftest.runs.traces import Traces

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="interfaces need root")


def test_two_runs_have_different_benches_and_end_when_told(tmp_path: Path) -> None:
    """One gets SIGINT, as Control-C sends it to a whole group; the other, which lost a worker, SIGTERM."""
    suite = suites.write(tmp_path, suites.LONG)
    words = ("--lab", EMULATED, suite)
    with (
        started(*words, "--benches", "1", folder=tmp_path / "one") as one,
        started(*words, "--benches", "2", folder=tmp_path / "other") as other,
    ):
        mine, theirs = one.reach(1), other.reach(2)
        assert set(mine).isdisjoint(theirs)
        for run, benches, number in ((one, mine, signal.SIGINT), (other, theirs, signal.SIGTERM)):
            traces = [Traces.of(bench) for bench in benches]
            if run is other:
                os.kill(int(traces[0].owner), signal.SIGKILL)
            done = run.kill(number, group=number == signal.SIGINT)
            assert [trace.left() for trace in traces] == [[] for _ in benches]
            assert done.code == 2
            done.says(f"the run was interrupted ({number.name})", "2  ERROR")
            assert done.out.count("interrupted") == 1


def test_a_run_ends_though_a_bench_did_not_hear_that_it_should(tmp_path: Path) -> None:
    """Its testcase comes to its end as if nothing were; the bench is told again, and takes no further one."""
    suite = suites.write(tmp_path, suites.DEAF)
    with started("--lab", SIMULATED, suite, "--benches", "1", folder=tmp_path / "run") as run:
        run.reach(1)
        done = run.kill(signal.SIGTERM)
    assert done.code == 2
    done.says("the run was interrupted (SIGTERM)")


def test_workers_end_when_their_run_is_killed(tmp_path: Path) -> None:
    suite = suites.write(tmp_path, suites.LONG)
    with started("--lab", EMULATED, suite, "--benches", "2", folder=tmp_path / "run") as run:
        traces = [Traces.of(bench) for bench in run.reach(2)]
        run.kill(signal.SIGKILL)
        wait_until(lambda: not any(trace.left() for trace in traces), "benches taken down")


def test_what_a_killed_run_left_is_cleaned_up_by_the_next(tmp_path: Path) -> None:
    """By the next that starts, whichever that is: here it may be a run of another test."""
    suite = suites.write(tmp_path, suites.LONG)
    with started("--lab", EMULATED, suite, "--benches", "1", folder=tmp_path / "run") as run:
        (bench,) = run.reach(1)
        traces = Traces.of(bench)
        run.kill(signal.SIGKILL, group=True)
    done = agr_lab("run", "--lab", EMULATED, "--rows", "AG-01", "--reports", tmp_path / "reports")
    assert done.code == 0, done.out
    wait_until(lambda: not traces.left(), f"{bench} cleaned up: {traces.left()}")
