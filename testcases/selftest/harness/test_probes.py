"""What RTNL and the disk cost is noticed while it costs it, and not otherwise."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.host.probes import FLOOR, DiskRequest, Probe, RtnlRequest
from testcases.selftest.daemon.rtnl import rtnl_held
from testcases.selftest.host import wait_until

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="userfaultfd and SO_RCVBUFFORCE need root")
ENOUGH = 60.0
"""Seconds in which something comes that is certain to come."""

Told = list[tuple[str, int, int]]
"""Source, from when, until when; ns."""


class Held:
    """A request that is not answered before it is let go."""

    def __init__(self) -> None:
        self.asked, self.let_go = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.asked.set()
        self.let_go.wait(ENOUGH)

    def close(self) -> None: ...


@pytest.fixture
def noticed() -> Told:
    return []


@pytest.fixture
def write(tmp_path: Path) -> Iterator[DiskRequest]:
    made = DiskRequest(tmp_path)
    assert not list(tmp_path.iterdir())
    yield made
    made.close()


def test_a_request_that_is_not_answered_yet_is_told_of(noticed: Told) -> None:
    request = Held()
    probe = Probe("DISK", request, lambda *span: noticed.append(span))
    probe.look()
    assert not noticed
    request.asked.wait(ENOUGH)
    wait_until(lambda: probe.look() or noticed, "what the probe notices")
    source, start, end = noticed[0]
    assert source == "DISK" and end - start >= FLOOR * 1e9 and end <= time.monotonic_ns()
    request.let_go.set()
    wait_until(lambda: noticed[-1][2] - noticed[-1][1] >= end - start, "a longer wait")
    probe.close()


def test_a_write_and_a_question_are_answered(write: DiskRequest, tmp_path: Path) -> None:
    write()
    assert not list(tmp_path.iterdir())
    with pytest.raises(OSError):
        DiskRequest(tmp_path / "nowhere")
    question = RtnlRequest(None)
    question()
    question.close()


@needs_root
def test_a_lock_of_all_interfaces_is_noticed(noticed: Told) -> None:
    probe = Probe("RTNL", RtnlRequest(None), lambda *span: noticed.append(span))
    with rtnl_held():
        wait_until(lambda: probe.look() or noticed, "what the probe notices")
    probe.close()
    assert {source for source, _, _ in noticed} == {"RTNL"}
