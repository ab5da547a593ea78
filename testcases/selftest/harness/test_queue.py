"""A link that is slowed down: frames wait, none is lost, and nothing is left of it behind."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

import pytest

from harness.host.location import Here
from harness.host.port_queue import PortQueue
from harness.net.packet_socket import PacketSocket
from harness.verdict import BenchError
from testcases.selftest.harness.stub import wire_and_tap
from testcases.selftest.traffic.cables import cables

NAME = f"agrqueue-{os.getpid()}"
NEAR, FAR = f"{NAME}-near", f"{NAME}-far"
FRAMES = [bytes.fromhex("02005e005302 02005e005301 88b5") + bytes([number]) * 986 for number in range(40)]
PATIENCE = 10.0

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")


@pytest.fixture
def cable() -> Iterator[None]:
    with cables(NEAR, FAR, 1):
        yield


def disciplines() -> str:
    shown = ["tc", "-n", NEAR, "qdisc", "show", "dev", "x0"]
    return subprocess.run(shown, capture_output=True, text=True, check=True).stdout


def received(socket: PacketSocket) -> list[bytes]:
    found = []
    while (got := socket.receive()) is not None:
        found.append(got[1])
    return found


@needs_root
@pytest.mark.usefixtures("cable")
def test_frames_wait_until_the_link_is_faster() -> None:
    found = disciplines()
    queue = PortQueue("x0", Here(NEAR))
    near, far = PacketSocket("x0", NEAR), PacketSocket("y0", FAR)
    queue.slow(5000.0)
    for frame in FRAMES:
        near.send(frame)
    came = received(far)
    assert len(came) < len(FRAMES) / 2
    assert "tbf" in disciplines()
    queue.slow(1e7)
    deadline = time.monotonic() + PATIENCE
    while len(came) < len(FRAMES) and time.monotonic() < deadline:
        came += received(far)
    assert came == FRAMES
    queue.remove()
    assert disciplines() == found
    queue.remove()
    near.close()
    far.close()


@needs_root
@pytest.mark.usefixtures("cable")
def test_an_interface_that_is_not_there() -> None:
    with pytest.raises(BenchError, match="x9"):
        PortQueue("x9", Here(NEAR)).slow(1e6)


def test_a_bench_without_queues_says_so() -> None:
    wire, _ = wire_and_tap()
    assert not wire.slows
    with pytest.raises(BenchError, match="t1: this bench cannot slow a link down"):
        wire.slow(1e6)
    wire.release()
