"""The data path in the kernel without a daemon: who gets which frame, and in which order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from agr.core.distribution import BUCKETS, bucket_of
from agr.daemon.bpf import holding
from agr.daemon.bpf.libbpf import Unavailable
from agr.daemon.bpfpath import BpfPath
from agr.daemon.client import ClientDevice
from agr.daemon.interfaces import Interfaces
from agr.daemon.members import guard
from agr.daemon.packet import ETH_P_ALL, PACKET_IGNORE_OUTGOING, SOL_PACKET, STACK_GUARD, STACK_WALL
from agr.daemon.paths import choose
from agr.daemon.protocol import Refused
from testcases.selftest.daemon.lab import PATIENCE, Lab, Namespace, RawPort, wait_until

_SO_RCVBUFFORCE = 33
PORTS = ("re0", "re1")
SLOW = bytes.fromhex("0180c2000002 020000000001 8809 01") + bytes(45)
Scenario = Callable[[BpfPath], Awaitable[None]]


@pytest.fixture(params=["tcx", "clsact"])
def tcx(request: pytest.FixtureRequest) -> bool:
    """Both ways in which the kernel runs the programs."""
    return bool(request.param == "tcx")


class Bench(NamedTuple):
    """agr0 and agr0.m, re0 and re1 on the host, all up; their other ends, far0 and far1, far away."""

    host: Namespace
    far: Namespace

    @contextlib.contextmanager
    def ends(self) -> Iterator[tuple[RawPort, RawPort, RawPort]]:
        """agr0, and the far ends of re0 and re1."""
        with (
            RawPort(self.host, "agr0") as client,
            RawPort(self.far, "far0") as far0,
            RawPort(self.far, "far1") as far1,
        ):
            yield client, far0, far1

    @contextlib.contextmanager
    def both_ends(self) -> Iterator[socket.socket]:
        """One socket that has what arrives at far0 and far1, in the order in which it arrives."""
        with self.far.entered():
            wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        with wire:
            wire.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            wire.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 256 << 20)
            wire.settimeout(PATIENCE)
            yield wire


@pytest.fixture
def bench(bpf: None, lab: Lab) -> Bench:
    """Guarded as agrd does."""
    host, far = lab.host(), lab.host()
    for namespace in (host, far):
        namespace.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    host.run("ip", "link", "add", "agr0", "type", "veth", "peer", "name", "agr0.m")
    for number, port in enumerate(PORTS):
        lab.wire(host, port, far, f"far{number}")
        far.run("ip", "link", "set", f"far{number}", "up")
    for interface in ("agr0", "agr0.m", *PORTS):
        host.run("ip", "link", "set", interface, "up")
    with host.entered():
        guard(socket.if_nametoindex("agr0.m"), STACK_WALL)
        for port in PORTS:
            guard(socket.if_nametoindex(port), STACK_GUARD)
    return Bench(host, far)


def run(
    bench: Bench, scenario: Scenario, *, tcx: bool = True, adopt: bool = False, leave: bool = False
) -> None:
    """Run a scenario with a path that has both ports; with ``leave`` what is in the kernel goes on."""

    async def driven() -> None:
        loop = asyncio.get_running_loop()
        interfaces = Interfaces()
        device = ClientDevice(interfaces, ClientDevice.plan("agr0"))
        path = BpfPath(loop, device, lambda: None, adopt=adopt, tcx=tcx)
        for port in PORTS:
            path.add_port(port)
        try:
            await scenario(path)
        finally:
            path.detach_from_process() if leave else path.close()
            interfaces.close()

    with bench.host.entered():
        asyncio.run(asyncio.wait_for(driven(), 2 * PATIENCE))


async def held(path: BpfPath, buckets: list[int]) -> None:
    """Hold buckets, and wait until that is in force."""
    done = asyncio.Event()
    path.hold(buckets, done.set)
    await asyncio.wait_for(done.wait(), PATIENCE)


async def until(condition: Callable[[], object], what: str) -> None:
    """As `wait_until`, while the event loop goes on."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"not in {PATIENCE:g} s: {what}"
        await asyncio.sleep(0.005)


def frames_of(conversation: int, numbers: range) -> list[bytes]:
    """Numbered frames of one conversation of that number."""
    head = b"\xff" * 6 + bytes((2, 0, 0, 0, 0, conversation)) + b"\x88\xb5"
    return [head + number.to_bytes(4, "big").ljust(46, b"\0") for number in numbers]


def number_of(frame: bytes) -> int:
    return int.from_bytes(frame[14:18], "big")


def test_frames_go_where_their_bucket_says(bench: Bench, tcx: bool) -> None:
    first, second = frames_of(1, range(3)), frames_of(2, range(3))

    async def scenario(path: BpfPath) -> None:
        with bench.ends() as (client, far0, far1):
            client.send(first[0])
            await until(lambda: path.client_traffic().undistributed == 1, "no bucket has a port yet")
            path.assign([bucket_of(first[0])], "re0")
            path.assign([bucket_of(second[0])], "re1")
            for frame in (*first, *second):
                client.send(frame)
            await until(lambda: path.port_traffic("re1").sent == 3, "all are sent")
            assert (far0.waiting(), far1.waiting()) == (first, second)
            assert path.port_traffic("re0").sent == 3

    run(bench, scenario, tcx=tcx)


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


def test_a_hold_does_not_outlive_agrd(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its deadline passes: the frames take the port that their bucket has."""
    monkeypatch.setattr(holding, "DEADLINE_NS", 300_000_000)
    (frame,) = frames_of(1, range(1))

    async def dies(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re0")
        await held(path, [bucket_of(frame)])

    run(bench, dies, leave=True)
    with bench.ends() as (client, far0, _):

        def arrives() -> bool:
            client.send(frame)
            return frame in far0.waiting()

        wait_until(arrives, "a frame arrives")


def test_frames_pass_while_no_agrd_runs_and_the_next_one_goes_on(bench: Bench, tcx: bool) -> None:
    frames = frames_of(1, range(1000))

    async def before(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re1")
        path.set_collecting("re0", True)

    run(bench, before, tcx=tcx, leave=True)
    with bench.ends() as (client, far0, far1):
        for frame in frames:
            client.send(frame)
            far0.send(frame)
        assert arrived(far1, 1000) == arrived(client, 1000) == frames

        async def after(path: BpfPath) -> None:
            assert path.port_traffic("re1").sent == 1000
            assert path.port_traffic("re0").received == 1000
            client.send(frames[0])
            far0.send(frames[0])
            assert arrived(far1, 1) == arrived(client, 1) == [frames[0]]
            assert path.port_traffic("re1").sent == 1001

        run(bench, after, tcx=tcx, adopt=True)
        client.send(frames[0])
        far0.send(frames[0])
        assert far1.receive(0.2) is None, "close() ends it"
        assert client.receive(0.2) is None


def arrived(port: RawPort, count: int) -> list[bytes]:
    """The next frames."""
    return [port.wait_for(lambda _: True, "a frame") for _ in range(count)]


def test_there_must_be_something_to_adopt(bench: Bench) -> None:
    async def never(_: BpfPath) -> None:
        raise AssertionError

    with pytest.raises(Unavailable, match="no earlier data path"):
        run(bench, never, adopt=True)


def test_a_port_delivers_while_it_collects(bench: Bench, tcx: bool) -> None:
    """And neither slow protocol frames nor what is for this link alone."""
    (frame,) = frames_of(1, range(1))
    link_local = bytes.fromhex("0180c200000e 020000000001 88cc") + bytes(46)
    tagged_slow = SLOW[:12] + b"\x81\x00\x00\x05" + SLOW[12:]

    async def scenario(path: BpfPath) -> None:
        with bench.ends() as (client, far0, _):
            far0.send(frame)
            await until(
                lambda: path.port_traffic("re0").discarded == 1, "discarded: the port does not collect"
            )
            path.set_collecting("re0", True)
            for other in (link_local, SLOW, b"\2" + SLOW[1:], tagged_slow, frame):
                far0.send(other)
            assert client.wait_for(lambda _: True, "a frame") == frame
            path.set_collecting("re0", False)
            far0.send(frame)
            await until(lambda: path.port_traffic("re0").discarded == 2, "discarded again")
            assert client.waiting() == []
            assert path.port_traffic("re0").received == 1

    run(bench, scenario, tcx=tcx)


def test_slow_protocol_frames_of_the_client_are_refused(bench: Bench) -> None:
    tagged = b"\2" + SLOW[1:12] + b"\x81\x00\x00\x05" + SLOW[12:]

    async def scenario(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re0")
        with bench.ends() as (client, far0, _):
            for frame in (SLOW, b"\2" + SLOW[1:], SLOW[:12] + b"\x88\xb5" + SLOW[14:], tagged):
                client.send(frame)
            assert far0.wait_for(lambda _: True, "what has a tag is data") == tagged
            assert path.client_traffic().refused == 3

    run(bench, scenario)


def test_round_robin_and_back(bench: Bench) -> None:
    frames = frames_of(1, range(20))

    async def scenario(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re1")
        with bench.ends() as (client, far0, far1):
            for turns, expected in (
                (PORTS, [frames[::2], frames[1::2]]),
                (["re0"], [frames, []]),
                ([], [[], []]),
                (None, [[], frames]),
            ):
                path.round_robin(turns)
                for frame in frames:
                    client.send(frame)
                sent = [arrived(far, len(some)) for far, some in zip((far0, far1), expected, strict=True)]
                assert sorted(sent) == sorted(expected)
            assert path.client_traffic().undistributed == 20

    run(bench, scenario)


def test_the_port_that_leaves_gets_nothing_more(bench: Bench) -> None:
    (frame,) = frames_of(1, range(1))

    async def scenario(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re0")
        path.set_collecting("re0", True)
        path.remove_port("re0")
        with bench.ends() as (client, far0, _):
            client.send(frame)
            far0.send(frame)
            await until(lambda: path.client_traffic().undistributed == 1, "the frame goes nowhere")
            assert far0.waiting() == client.waiting() == []

    run(bench, scenario)


def test_the_fallback_is_told_once(bpf: None, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    missing = tmp_path / "datapath.bpf.o"
    with caplog.at_level(logging.WARNING, "agrd"):
        choice = choose("auto", missing)
    assert choice.name == "python"
    assert choice.reason == f"{missing} is missing: make install compiles it, with clang"
    assert [record.getMessage() for record in caplog.records] == [
        f"frames are moved by the data path in Python, which is slow: {choice.reason}"
    ]
    with pytest.raises(Refused, match="the data path bpf cannot be had"):
        choose("bpf", missing)
    assert choose("auto").name == "bpf"
