"""A port that is slower than its sender: frames wait in its queue; the socket that sends them has room."""

from __future__ import annotations

import socket

import pytest

from agr.daemon.datapath.holdsockets import BATCH, SendSocket, frame_of
from testcases.selftest.daemon.lab import Lab, Namespace, RawPort, distributing
from testcases.selftest.daemon.test_lag import EXPERIMENTAL
from testcases.selftest.host import wait_until

FRAMES = 1000
FRAME = (b"\xff" * 6 + bytes((2, 0, 0, 0, 8, 1)) + EXPERIMENTAL).ljust(60, b"\0")
_NO_OFFLOADS = bytes(10)


@pytest.fixture
def hosts(lab: Lab) -> tuple[Namespace, Namespace]:
    """re0 of the first one is wired to re0 of the second, and sends almost nothing."""
    near, far = lab.host(), lab.host()
    for host in (near, far):
        host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    lab.wire(near, "re0", far, "re0")
    for host in (near, far):
        host.run("ip", "link", "set", "re0", "up")
    let_through(near, "8kbit")
    return near, far


def let_through(host: Namespace, rate: str) -> None:
    queue = ["tbf", "rate", rate, "burst", "2048", "limit", str(16 << 20)]
    host.run("tc", "qdisc", "replace", "dev", "re0", "root", *queue)


def all_arrive(far: RawPort) -> None:
    arrived: list[bytes] = []

    def all_are_here() -> bool:
        arrived.extend(frame for frame in far.waiting() if frame[12:14] == EXPERIMENTAL)
        return len(arrived) >= FRAMES

    wait_until(all_are_here, f"{FRAMES} frames arrive")
    assert len(arrived) == FRAMES


def test_held_frames_that_are_released(hosts: tuple[Namespace, Namespace]) -> None:
    near, far = hosts
    with RawPort(far, "re0") as end, near.entered():
        sending = SendSocket()
        octets = bytearray(_NO_OFFLOADS + FRAME)  # its memory is all that is sent
        frames = [frame_of(octets)] * FRAMES
        batches = [frames[first : first + BATCH] for first in range(0, FRAMES, BATCH)]
        index = socket.if_nametoindex("re0")
        assert sum(sending.send_many(index, batch) for batch in batches) == FRAMES
        let_through(near, "1gbit")
        all_arrive(end)
        sending.close()


def test_frames_of_the_client_without_ebpf(hosts: tuple[Namespace, Namespace]) -> None:
    near, far = hosts
    near.data_path = "python"
    near.agrconfig("agr0", "create", "link1", "agrport", "re0")
    near.run("ip", "link", "set", "agr0", "up")
    wait_until(lambda: distributing(near, "re0"), "re0 distributes")
    with RawPort(far, "re0") as end, RawPort(near, "agr0") as client:
        for _ in range(FRAMES):
            client.send(FRAME)

        def are_handed_over() -> bool:
            traffic = near.port("re0")["traffic"]
            return bool(traffic["sent"] + traffic["unsent"] >= FRAMES)

        wait_until(are_handed_over, "agrd has handed all to re0")
        assert near.port("re0")["traffic"]["unsent"] == 0
        let_through(near, "1gbit")
        all_arrive(end)
