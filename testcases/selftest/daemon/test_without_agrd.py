"""agrd is killed: the data path in the kernel goes on."""

from __future__ import annotations

import os
import signal

from testcases.selftest.daemon.lab import Lab, RawPort, distributing
from testcases.selftest.host import wait_until

COUNT = 1000


def frames_from(source: int) -> list[bytes]:
    """Numbered frames of several conversations, which use both links."""
    return [
        b"\xff" * 6
        + bytes((2, 0, 0, 0, source, number % 16))
        + b"\x88\xb5"
        + number.to_bytes(2, "big").ljust(46, b"\0")
        for number in range(COUNT)
    ]


def test_frames_pass_after_kill_9(bpf: None, lab: Lab) -> None:
    """CF-06: both ways, until the partner misses agrd's PDUs."""
    hosts = (lab.host(), lab.host())
    for host in hosts:
        host.data_path = "bpf"
        host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    for port in ("re0", "re1"):
        lab.wire(hosts[0], port, hosts[1], port)
    for host in hosts:
        host.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0", "agrport", "re1")
        host.run("ip", "link", "set", "agr0", "up")
    for host in hosts:
        wait_until(lambda host=host: distributing(host, "re0", "re1"), "both ports distribute")
        wait_until(lambda host=host: not host.agr0()["moves"]["held"], "conversations have moved")

    killed, partner = hosts
    with RawPort(killed, "agr0") as client, RawPort(partner, "agr0") as other:
        (pid,) = killed.pids()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not killed.pids(), "agrd is gone")
        sent, expected = frames_from(1), frames_from(2)
        for mine, its in zip(sent, expected, strict=True):
            client.send(mine)
            other.send(its)
        for receiver, frames in ((other, sent), (client, expected)):
            arrived = [
                receiver.wait_for(lambda frame: frame[12:14] == b"\x88\xb5", "a frame") for _ in frames
            ]
            assert sorted(arrived) == sorted(frames)
