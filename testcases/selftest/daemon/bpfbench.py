"""A bench for the data path in the kernel without a daemon."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple

from agr.daemon.datapath.bpfpath import BpfPath
from agr.daemon.linux.packet import ETH_P_ALL, PACKET_IGNORE_OUTGOING, SOL_PACKET, STACK_GUARD, STACK_WALL
from agr.daemon.members import guard
from testcases.selftest.daemon.lab import Lab, Namespace, RawPort
from testcases.selftest.host import PATIENCE

_SO_RCVBUFFORCE = 33
PORTS = ("re0", "re1")
Scenario = Callable[[BpfPath], Awaitable[None]]


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


@contextlib.contextmanager
def listener(bench: Bench, port: str, kind: int) -> Iterator[socket.socket]:
    """A program on the host that wants frames of one type from a port, as LLDP's does: behind all hooks."""
    with bench.host.entered(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
        sock.bind((port, kind))
        sock.settimeout(PATIENCE)
        yield sock


def guarded(lab: Lab) -> Bench:
    """A bench, guarded as agrd does."""
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
        path = BpfPath(loop, "agr0.m", lambda: None, adopt=adopt, tcx=tcx)
        path.attach()
        for port in PORTS:
            path.add_port(port)
            path.attach(port)
        try:
            await scenario(path)
        finally:
            path.leave_running() if leave else path.close()

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


def arrived(port: RawPort, count: int) -> list[bytes]:
    """The next frames."""
    return [port.wait_for(lambda _: True, "a frame") for _ in range(count)]
