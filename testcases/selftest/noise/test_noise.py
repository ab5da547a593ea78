"""The load beside a run: the same for the same seed, ended with it; and what a record says is amiss."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from harness.run.interrupt import children
from testcases.selftest.breakages.table import BREAKAGES
from testcases.selftest.host import wait_until
from testcases.selftest.noise.__main__ import CAUGHT_ALL_THE_SAME, Record
from testcases.selftest.noise.clock import FARTHEST, Stepping
from testcases.selftest.noise.load import BUSY, Load, episodes


def record(load: str = "busy 0", **verdicts: int) -> Record:
    """Of a run with so many of each verdict."""
    return Record(
        1,
        load,
        "abc",
        "2026-01-01",
        "a machine",
        1.0,
        0,
        {k.replace("_", " "): n for k, n in verdicts.items()},
    )


@pytest.mark.parametrize(
    ("verdicts", "amiss"),
    [
        ({"pass": 348, "not_applicable": 2}, []),
        ({"pass": 330, "inconclusive": 18}, []),
        ({"pass": 347, "fail": 1}, ["1 FAIL"]),
        ({"pass": 347, "error": 1}, ["1 ERROR"]),
        ({"pass": 300, "unsteady": 48}, ["300 of 348 have PASS, not 320"]),
    ],
)
def test_what_is_amiss(verdicts: dict[str, int], amiss: list[str]) -> None:
    assert record("random", **verdicts).amiss == amiss


def test_beside_one_busy_process_a_core_more_must_pass() -> None:
    assert record(f"busy {os.cpu_count()}", **{"pass": 330, "inconclusive": 18}).amiss


def test_a_seed_is_a_load() -> None:
    assert list(islice(episodes(7), 50)) == list(islice(episodes(7), 50))
    assert list(islice(episodes(7), 50)) != list(islice(episodes(8), 50))
    assert {one.kind for one in islice(episodes(7), 200)} == {"busy", "disk", "stopped", "patient"}


def test_the_clock_steps_and_begins_with_none() -> None:
    clock = Stepping(3, 100.0)
    ahead = [clock.at(100.0 + second) for second in range(3600)]
    assert ahead[0] == 0.0
    assert len(set(ahead)) > 20
    assert max(map(abs, ahead)) <= FARTHEST


def busy() -> list[int]:
    """The busy processes that this one has started."""
    words = [word.encode() for word in BUSY]
    return [pid for pid in children() if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1] == words]


def test_the_load_ends_with_the_run() -> None:
    with subprocess.Popen(["sleep", "1000"]) as run:
        with Load(run.pid, seed=1, busy=3):
            assert len(busy()) == 3
        assert busy() == []
        run.kill()


def test_the_breakages_are_there() -> None:
    assert set(CAUGHT_ALL_THE_SAME) <= {one.name for one in BREAKAGES}
    assert len(CAUGHT_ALL_THE_SAME) >= 5


def test_a_load_whose_owner_is_killed_ends_too() -> None:
    script = """
import os, sys
from harness.run.interrupt import children
from testcases.selftest.noise.load import Load
with Load(os.getpid(), seed=1, busy=2):
    print(*children(os.getpid()), flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        busy = owner.stdout.readline().split()
        assert len(busy) == 2 and all(Path(f"/proc/{pid}").exists() for pid in busy)
        owner.kill()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in busy), "the load has ended")
