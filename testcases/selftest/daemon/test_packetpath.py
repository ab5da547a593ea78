"""The Python data path without a daemon: its turns, and what finds no room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agr.core.distribution import Distributor
from agr.daemon.packetpath import FRAMES_A_TURN, PacketPath
from testcases.selftest.daemon.lab import Lab, Namespace, RawPort

FRAME = b"\xff" * 6 + bytes.fromhex("020000000001") + b"\x88\xb5" + bytes(46)


class Turns:
    """An event loop of which the test takes each turn itself."""

    def __init__(self) -> None:
        self._readers: list[Callable[[], None]] = []

    def add_reader(self, _: object, callback: Callable[..., None], *arguments: Any) -> None:
        self._readers.append(lambda: callback(*arguments))

    def remove_reader(self, _: object) -> None:
        """The test takes no turn afterwards."""

    def take(self) -> None:
        for reader in self._readers:
            reader()


@pytest.fixture
def host(lab: Lab) -> Namespace:
    """The pairs agr0 and agr0.m, re0 and far, all up, and nothing that the kernel sends by itself."""
    host = lab.host()
    host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    for name, mate in (("agr0", "agr0.m"), ("re0", "far")):
        host.run("ip", "link", "add", name, "type", "veth", "peer", "name", mate)
        for end in (name, mate):
            host.run("ip", "link", "set", end, "up")
    return host


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def said() -> list[str]:
    """When control frames had their say."""
    return []


@pytest.fixture
def path(host: Namespace, turns: Turns, said: list[str]) -> Iterator[PacketPath]:
    """Between agr0 and re0, which collects."""
    with host.entered():
        path = PacketPath(turns, "agr0.m", Distributor(), lambda: said.append("control"))  # type: ignore[arg-type]
        path.add_port("re0")
    path.expect("re0", True)
    path.set_collecting("re0", True)
    yield path
    path.close()


def test_control_frames_come_before_each_turn_of_data(
    host: Namespace, path: PacketPath, turns: Turns, said: list[str]
) -> None:
    with RawPort(host, "far") as wire:
        for _ in range(3 * FRAMES_A_TURN):
            wire.send(FRAME)
    for turn in (1, 2, 3):
        turns.take()
        assert path.port_traffic("re0").received == turn * FRAMES_A_TURN
        assert len(said) == 2 * turn, "once for the port and once for the client"


def test_collecting_ends_in_the_middle_of_a_queue(host: Namespace, path: PacketPath, turns: Turns) -> None:
    with RawPort(host, "far") as wire, RawPort(host, "agr0") as client:
        for _ in range(2 * FRAMES_A_TURN):
            wire.send(FRAME)
        turns.take()
        path.set_collecting("re0", False)
        turns.take()
        assert len(client.waiting()) == FRAMES_A_TURN
    assert path.port_traffic("re0").discarded == FRAMES_A_TURN


def test_frames_without_a_distributing_port_go_nowhere(
    host: Namespace, path: PacketPath, turns: Turns
) -> None:
    with RawPort(host, "agr0") as client, RawPort(host, "far") as wire:
        client.send(FRAME)
        turns.take()
        assert wire.waiting() == []
    assert path.client_traffic().undistributed == 1


def test_what_finds_no_room_is_counted(host: Namespace, path: PacketPath, turns: Turns) -> None:
    frames = 60_000  # over 32 MB, as the kernel counts
    with RawPort(host, "far") as wire:
        for _ in range(frames):
            wire.send(FRAME)
    for _ in range(frames // FRAMES_A_TURN + 1):
        turns.take()
    traffic = path.port_traffic("re0")
    assert traffic.overrun > 0
    assert traffic.received + traffic.overrun == frames
