"""Held frames of the data path in the kernel: all of them, in order."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from agr.core.constants import Marker_Wait_Time
from agr.core.distribution import BUCKETS, bucket_of
from agr.daemon.datapath import holdqueues
from agr.daemon.datapath.bpfpath import BpfPath
from testcases.selftest.daemon.bpfbench import PORTS, Bench, frames_of, held, number_of, run, until
from testcases.selftest.host import PATIENCE


def test_held_frames_leave_on_the_new_port_in_order(bench: Bench, tcx: bool) -> None:
    moving, staying = frames_of(1, range(300)), frames_of(2, range(20))
    bucket = bucket_of(moving[0])

    async def scenario(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re0")
        with bench.ends() as (client, far0, far1):
            for frame in moving[:100]:
                client.send(frame)
            await held(path, [bucket])
            for frame in moving[100:200]:
                client.send(frame)
            for frame in staying:
                client.send(frame)
            await until(lambda: path.client_traffic().held == 100, "all are held")
            assert far0.waiting() == [*moving[:100], *staying]
            path.assign([bucket], "re1")
            for frame in moving[200:]:
                client.send(frame)
            await until(lambda: path.port_traffic("re1").sent == 200, "all are sent")
            assert far1.waiting() == moving[100:]
            traffic = path.client_traffic()
            assert traffic.held == traffic.released
            assert traffic.held_overrun == 0

    run(bench, scenario, tcx=tcx)


def test_a_bucket_that_stays_held_keeps_what_came_among_others(bench: Bench) -> None:
    a, b = frames_of(1, range(10)), frames_of(2, range(10))

    async def scenario(path: BpfPath) -> None:
        await held(path, [bucket_of(a[0]), bucket_of(b[0])])
        with bench.ends() as (client, far0, far1):
            for pair in zip(a, b, strict=True):
                for frame in pair:
                    client.send(frame)
            await until(lambda: path.client_traffic().held == 20, "all are held")
            path.assign([bucket_of(a[0])], "re0")
            await until(lambda: path.client_traffic().released == 10, "one conversation is released")
            assert (far0.waiting(), far1.waiting()) == (a, [])
            path.assign([bucket_of(b[0])], None)
            await until(lambda: path.client_traffic().released == 20, "the other is dropped")
            assert path.client_traffic().undistributed == 10
            assert far1.waiting() == []

    run(bench, scenario)


def test_what_comes_while_a_marker_waits_is_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """0.1 million frames a second, for Marker_Wait_Time: the partner may answer as late as that."""
    frame = frames_of(1, range(1))[0]
    count = int(0.1e6 * Marker_Wait_Time)
    monkeypatch.setattr(holdqueues, "RELEASE_SECONDS", PATIENCE)  # this machine may be slow

    async def scenario(path: BpfPath) -> None:
        await held(path, [bucket_of(frame)])
        with bench.ends() as (client, _, _):
            for _ in range(count):
                client.send(frame)
            await until(lambda: path.client_traffic().held == count, "all are held")
            path.assign([bucket_of(frame)], "re0")
            await until(lambda: _released(path), "all is released")
        assert path.client_traffic().held_overrun == 0
        assert path.port_traffic("re0").sent == count

    run(bench, scenario)


def test_tags_of_held_frames(bench: Bench) -> None:
    head = b"\xff" * 6 + bytes((2, 0, 0, 0, 0, 1))
    frames = [
        head + bytes.fromhex("8100 e064 0800") + bytes(60),
        head + bytes.fromhex("88a8 0003 8100 0064 86dd") + bytes(90),
        head + bytes.fromhex("0800") + bytes(1500),
    ]

    async def scenario(path: BpfPath) -> None:
        buckets = [bucket_of(frame) for frame in frames]
        await held(path, buckets)
        with bench.ends() as (client, far0, _):
            for frame in frames:
                client.send(frame)
            await until(lambda: path.client_traffic().held == 3, "all are held")
            path.assign(buckets, "re0")
            await until(lambda: path.port_traffic("re0").sent == 3, "all are sent")
            assert far0.waiting() == frames

    run(bench, scenario)


# Sends numbered frames of conversations 0..63 until standard input ends, then prints how many of each.


SENDER = """
import select, socket, struct, sys
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
sock.bind(("agr0", 0))
sent = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    for conversation in range(64):
        head = bytes((255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, conversation)) + b"\\x88\\xb5"
        sock.send(head + struct.pack(">I", sent).ljust(46, b"\\0"))
    sent += 1
print(sent)
"""


def test_moves_under_load(bench: Bench) -> None:
    """0 lost, 0 duplicated, 0 out of order, however often conversations go to and fro."""
    buckets = sorted({bucket_of(frames_of(conversation, range(1))[0]) for conversation in range(16)})

    async def scenario(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re0")
        command = bench.host.command(sys.executable, "-c", SENDER)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sender:
            await until(lambda: path.port_traffic("re0").sent > 1000, "it sends")
            for move in range(10):
                before = path.client_traffic().held
                await held(path, buckets)
                await until(lambda before=before: path.client_traffic().held > before + 100, "some are held")
                path.assign(buckets, PORTS[(move + 1) % 2])
                await until(lambda: _released(path), "all is released")
            sent = int(sender.communicate(timeout=PATIENCE)[0])
        assert path.client_traffic().held_overrun == 0
        assert numbers_seen(wire, 64 * sent) == {
            conversation: list(range(sent)) for conversation in range(64)
        }

    with bench.both_ends() as wire:
        run(bench, scenario)


def numbers_seen(wire: socket.socket, count: int) -> dict[int, list[int]]:
    """Of each conversation, in the order of arrival; no more than ``count`` frames arrive."""
    seen: dict[int, list[int]] = {}
    for _ in range(count):
        frame = wire.recv(2048)
        seen.setdefault(frame[11], []).append(number_of(frame))
    wire.setblocking(False)
    with pytest.raises(BlockingIOError):
        wire.recv(2048)
    return seen


def _released(path: BpfPath) -> bool:
    traffic = path.client_traffic()
    return traffic.held == traffic.released
