"""Who waits on another machine for a processor, RTNL and the disk, by what its far end tells."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harness.host.far_end import probed
from harness.host.far_watch import FarWatch
from harness.host.offset import Offset
from harness.host.over_ssh import OverSsh
from harness.host.processes import MARK, MarkedProcesses
from harness.host.processor_wait import ProcessorWait
from harness.host.stalls import Source
from harness.lab.place import At
from testcases.selftest.elsewhere import Pair, pair
from testcases.selftest.host import wait_until

root = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")
AHEAD = 7_000_000_000
"""Nanoseconds that the other machine's clock is ahead."""

BENCH = f"agrw-{os.getpid()}"
ALLOWANCE = 0.25
SECOND = 1_000_000_000
SPIN = [sys.executable, "-c", "while True: pass"]


class Recorded:
    """A channel that answers, and whose clock is ahead: give or take a millisecond."""

    where = "ssh dut"

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.watching: Callable[[dict[str, Any]], None] | None = None
        self.offset = Offset()
        now = time.monotonic_ns()
        self.offset.add(now - 2_000_000, now + AHEAD - 1_000_000, now)

    def ask(self, within: float = 0.0, **request: Any) -> None:
        """Keeps what is asked."""
        self.asked.append(request)

    def tell(self, **message: Any) -> None:
        """What comes from the far end."""
        assert self.watching is not None
        self.watching(message)


def waits_there(channel: Recorded) -> ProcessorWait:
    """What such a channel tells of the machine at its end."""
    return ProcessorWait(
        lambda *listeners: FarWatch(channel, "ssh dut", BENCH, *listeners), time.monotonic, ALLOWANCE
    )


def look(channel: Recorded, end: int, *groups: Any, busy: float = 2.0) -> None:
    """Two processors were busy for the second until ``end`` of our clock."""
    channel.tell(look=[end - SECOND + AHEAD, end + AHEAD, 2, busy, 0.0, list(groups)])


def test_a_wait_there_is_found_by_our_clock() -> None:
    channel = Recorded()
    waits = waits_there(channel)
    assert channel.asked == [{"do": "watch", "bench": BENCH}] and waits.where == "ssh dut"
    now = time.monotonic_ns()
    look(channel, now - 2 * SECOND, ["IMPLEMENTATION", False, [[0.01, 0.0, 3]]])
    look(channel, now - SECOND, ["IMPLEMENTATION", False, [[0.2, 0.8, 40]]], ["SOFTIRQ", True, []])
    look(channel, now, ["IMPLEMENTATION", False, []])
    end = now / 1e9
    stalled = waits.stall(end - 2, end - 1)
    assert stalled.by[Source.IMPLEMENTATION] == pytest.approx(0.8, abs=0.01)
    assert stalled.window == pytest.approx(1)
    assert waits.stall(end - 0.9, end).total == waits.stall(end - 3, end - 2.1).total == 0
    channel.tell(late=("RTNL", now - SECOND // 2 + AHEAD, now + AHEAD))
    assert waits.stall(end - 1, end).by[Source.RTNL] == pytest.approx(0.5, abs=0.01)
    assert {"do": "catch_up"} in channel.asked
    waits.close()


def test_what_may_have_been_in_a_window_counts() -> None:
    """It ends a moment before the window, and the clock is not known better than that."""
    channel = Recorded()
    waits = waits_there(channel)
    now = time.monotonic_ns()
    channel.tell(late=("RTNL", now - SECOND + AHEAD, now + AHEAD))
    end = now / 1e9
    assert 0 < waits.stall(end + 0.0005, end + 1).by[Source.RTNL] < 0.002
    assert waits.stall(end + 0.1, end + 1).total == 0
    waits.close()


def test_an_implementation_that_takes_its_own_processors_is_not_excused() -> None:
    channel = Recorded()
    waits = waits_there(channel)
    now = time.monotonic_ns()
    look(
        channel,
        now,
        ["IMPLEMENTATION", False, [[0.9, 0.8, 40], [1.0, 0.8, 40]]],
        ["FAR_END", False, [[0, 1, 1]]],
    )
    assert waits.stall(now / 1e9 - 1, now / 1e9).total < 0.2
    waits.close()


def test_sources_are_told_by_their_names() -> None:
    requests = probed()
    assert {*requests, "IMPLEMENTATION", "FAR_END", "SOFTIRQ", "TIMERS"} <= set(Source.__members__)
    for request in requests.values():
        request()
        request.close()


def test_what_a_bench_has_started_is_known_by_its_mark() -> None:
    marked = MarkedProcesses(BENCH)
    assert marked.pids() == []
    command = ["sh", "-c", "sleep 1000 & echo; wait"]  # one that is started by the one that is marked
    with subprocess.Popen(command, env={**os.environ, MARK: BENCH}, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = wait_until(lambda: pids if len(pids := marked.pids()) == 2 else None, "both")
        for pid in found:
            os.kill(pid, 9)
    assert marked.pids() == []


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(BENCH, tmp_path_factory.mktemp("ssh")) as made:
        yield made


@contextmanager
def watched(ssh: Pair) -> Iterator[tuple[OverSsh, ProcessorWait]]:
    """The host, and who waits there."""
    host = ssh.connect(lambda: OverSsh(At(**ssh.server.at), BENCH))
    waits = ProcessorWait(host.watcher(), time.time, ALLOWANCE)
    try:
        yield host, waits
    finally:
        waits.close()
        host.close()


@root
def test_an_implementation_that_others_keep_waiting_there_is_seen(ssh: Pair) -> None:
    """It wants its processor all the time, and so does somebody else."""
    pinned = ["taskset", "-c", str(min(os.sched_getaffinity(0))), *SPIN]
    with subprocess.Popen(pinned) as other, watched(ssh) as (host, waits):
        try:
            behind = 'exec "$@" >/dev/null 2>&1 & echo $!'
            started = host.run(["sh", "-c", f"({behind})", "sh", *pinned], {}, 20)
            begun = time.time()

            def kept_waiting() -> bool:
                stall = waits.stall(begun, time.time())
                return stall.by.get(Source.IMPLEMENTATION, 0.0) > ALLOWANCE

            wait_until(kept_waiting, "its waits")
            assert waits.strain() > 0 and waits.worst > 0
            os.kill(int(started.output), 9)
        finally:
            other.kill()


@root
def test_a_lost_connection_raises_nothing_here(ssh: Pair) -> None:
    """Who asks for something there is told of it."""
    with watched(ssh) as (_, waits):
        ssh.cut()
        now = time.time()
        assert waits.stall(now - 1, now).window == pytest.approx(1)
        waits.begin()
