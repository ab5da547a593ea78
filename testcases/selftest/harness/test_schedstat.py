"""What the kernel says of who waits for a processor, read from recorded files, and a thread that does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.host.processes import NamespaceProcesses, descendants
from harness.host.processor_wait import ProcessorWait, lateness
from harness.host.schedstat import Cores, Figures, ThreadFiles, is_runnable, read_cores, read_figures
from harness.host.stalls import Source
from harness.host.watch import LONG, Group, Watch

STAT = b"""\
cpu  70062 10 16295 78760 651 0 5379 203 40 0
cpu0 30906 5 7292 44391 66 0 2816 97 20 0
cpu1 39155 5 9002 34368 585 0 2562 106 20 0
intr 8143 0 0
ctxt 12345
"""
ENOUGH = 60.0
"""Seconds in which something comes that is certain to come."""

ALLOWANCE = 0.25

SPIN = "while True: pass"


def test_a_schedstat_file() -> None:
    assert read_figures(b"1500000000 250000000 42\n") == pytest.approx((1.5, 0.25, 42))
    with pytest.raises(ValueError):
        read_figures(b"")


def test_what_came_since() -> None:
    assert Figures(2.0, 0.5, 9).since(Figures(1.5, 0.25, 4)) == Figures(0.5, 0.25, 5)


def test_the_machine_s_processors() -> None:
    tick = os.sysconf("SC_CLK_TCK")
    busy = 70062 + 10 + 16295 + 5379 + 203  # without idle, iowait, and guests, who are in user
    assert read_cores(STAT) == Cores(2, pytest.approx(busy / tick), pytest.approx(203 / tick))
    with pytest.raises(ValueError):
        read_cores(b"intr 1\n")


def test_a_name_with_brackets_is_not_a_state() -> None:
    assert is_runnable(b"77 (a ) S b) R 1 77 77 0\n")
    assert not is_runnable(b"77 (a ) R b) S 1 77 77 0\n")


@pytest.mark.parametrize(
    ("come", "late"),
    [
        (Figures(0.0, 0.0, 0), 0.0),
        (Figures(0.03, 0.05, 12), 0.05),  # it wanted to run most of the time
        (Figures(0.002, 0.03, 10), 0.0),  # short waits between which it slept
        (Figures(0.001, 0.03, 1), 0.03),  # one long one
        (Figures(0.0, 0.4, 1), 0.4),  # longer than the slot
    ],
)
def test_what_makes_a_thread_late(come: Figures, late: float) -> None:
    assert lateness(come, 0.1) == late


def test_who_is_busy_by_nature_is_late_by_long_waits_alone() -> None:
    assert lateness(Figures(0.05, 0.05, 12), 0.1, busy=True) == 0.0
    assert lateness(Figures(0.05, 2 * LONG, 1), 0.1, busy=True) == 2 * LONG


@contextmanager
def spinning(*before: str) -> Iterator[int]:
    with subprocess.Popen([*before, sys.executable, "-c", SPIN]) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def test_a_process_that_has_ended_says_nothing() -> None:
    with spinning() as pid:
        files = ThreadFiles(pid)
        files.find()
        assert pid in files.read()
    files.find()
    assert files.read() == {} and not files.runnable(pid)
    files.close()


def test_who_has_started_whom() -> None:
    with spinning() as pid:
        assert pid in descendants(os.getpid())
    assert pid not in descendants(os.getpid())


def test_nobody_is_known_where_there_is_no_namespace_of_its_own() -> None:
    assert NamespaceProcesses(None).pids() == []
    assert NamespaceProcesses("agrh-nowhere").pids() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")
def test_who_runs_in_a_namespace() -> None:
    name = f"agrh-{os.getpid()}-w"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        inside = NamespaceProcesses(name)
        assert inside.pids() == []
        with spinning("ip", "netns", "exec", name) as pid:
            deadline = time.monotonic() + ENOUGH
            while inside.pids() != [pid]:
                inside = NamespaceProcesses(name)  # it may have been looked at before it had entered
                assert time.monotonic() < deadline
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


def watched(*groups: Group) -> ProcessorWait:
    """This machine, with no probes."""
    return ProcessorWait(lambda *listeners: Watch(groups, {}, *listeners), time.time, ALLOWANCE)


def test_a_starved_process_is_seen_to_wait() -> None:
    """Two others want its processor all the time."""
    core = str(min(os.sched_getaffinity(0)))
    pinned = ["taskset", "-c", core]
    with spinning(*pinned) as other, spinning(*pinned) as starved:
        waits = watched(Group("IMPLEMENTATION", lambda: [starved]))
        begun, deadline = time.time(), time.monotonic() + ENOUGH
        assert starved != other
        try:
            while waits.stall(begun, time.time()).by.get(Source.IMPLEMENTATION, 0.0) < 0.3:
                assert time.monotonic() < deadline
            assert waits.strain() > 0 and waits.worst > 0
        finally:
            waits.close()


def test_strain_is_the_longest_wait_or_lateness_since_it_was_asked() -> None:
    waits = watched()
    try:
        waits.note(Source.RTNL, 10.0, 110.0)
        waits.note(Source.DISK, 200.0, 207.0)
        assert waits.strain() == waits.worst == 100.0
        assert waits.strain() < 100.0
        waits.begin()
        assert waits.worst < 100.0
    finally:
        waits.close()


def test_a_process_that_sleeps_does_not_wait() -> None:
    with subprocess.Popen(["sleep", str(ENOUGH)]) as sleeper:
        waits = watched(Group("IMPLEMENTATION", lambda: [sleeper.pid]))
        try:
            asleep = ThreadFiles(sleeper.pid)
            while asleep.runnable(sleeper.pid) or Path(f"/proc/{sleeper.pid}/comm").read_text() != "sleep\n":
                continue
            waits.begin()
            begun = time.time()
            while time.time() - begun < 3 * LONG:
                stall = waits.stall(begun, time.time())
            assert Source.IMPLEMENTATION not in stall.by
        finally:
            waits.close()
            sleeper.kill()
