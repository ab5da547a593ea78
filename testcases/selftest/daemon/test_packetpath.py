"""The Python data path without a daemon: its turns, and what finds no room."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agr.core.distribution import BUCKETS, bucket_of
from agr.daemon.datapath import heldframes
from agr.daemon.datapath.packetpath import FRAMES_A_TURN, RELEASED_A_TURN, PacketPath
from testcases.selftest.daemon.lab import Lab, Namespace, RawPort
from testcases.selftest.daemon.samples import CLIENTS, KEPT, UNSUPPORTED
from testcases.selftest.host import wait_until

FRAME = b"\xff" * 6 + bytes.fromhex("020000000001") + b"\x88\xb5" + bytes(46)


class Arrival:
    """Of all frames sent on this host's pairs so far: one processor delivers them in their order."""

    def __init__(self, host: Namespace) -> None:
        self._near, self._far = RawPort(host, "probe"), RawPort(host, "probe.m")
        self._number = 0

    def wait(self) -> None:
        """Until the last of them has arrived: a busy host may deliver later than `send` returns."""
        self._number += 1
        probe = FRAME + self._number.to_bytes(8, "big")
        self._near.send(probe)
        self._far.wait_for(lambda frame: frame == probe, "what was sent has arrived")

    def close(self) -> None:
        with self._near, self._far:
            pass


class Port(RawPort):
    """What was sent to it has arrived when it is looked at."""

    def __init__(self, host: Namespace, interface: str, arrival: Arrival) -> None:
        super().__init__(host, interface)
        self._arrival = arrival

    def __enter__(self) -> Port:
        return self

    def waiting(self) -> list[bytes]:
        self._arrival.wait()
        return super().waiting()


Ports = Callable[[str], Port]


class Turns:
    """An event loop of which the test takes each turn itself, once what was sent has arrived."""

    def __init__(self, arrival: Arrival) -> None:
        self._arrival = arrival
        self._readers: dict[object, Callable[[], None]] = {}
        self._writers: dict[object, Callable[[], None]] = {}
        self._soon: list[Callable[[], None]] = []

    def add_reader(self, descriptor: object, callback: Callable[..., None], *arguments: Any) -> None:
        self._readers[descriptor] = lambda: callback(*arguments)

    def remove_reader(self, descriptor: object) -> None:
        self._readers.pop(descriptor, None)

    def add_writer(self, descriptor: object, callback: Callable[..., None], *arguments: Any) -> None:
        self._writers[descriptor] = lambda: callback(*arguments)

    def remove_writer(self, descriptor: object) -> None:
        self._writers.pop(descriptor, None)

    def call_soon(self, callback: Callable[[], None]) -> None:
        self._soon.append(callback)

    def take(self) -> None:
        self._arrival.wait()
        soon, self._soon = self._soon, []
        for callback in (*soon, *self._readers.values(), *self._writers.values()):
            callback()


@pytest.fixture(autouse=True)
def one_processor() -> Iterator[None]:
    """Which delivers what it sent in that order."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


@pytest.fixture
def host(lab: Lab) -> Namespace:
    """Pairs: agr0 and agr0.m, re0 and far0, re1 and far1, one for probes, all up; the kernel says nothing."""
    host = lab.host()
    host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    pairs = (("agr0", "agr0.m"), ("re0", "far0"), ("re1", "far1"), ("probe", "probe.m"))
    for name, mate in pairs:
        host.run("ip", "link", "add", name, "type", "veth", "peer", "name", mate)
        for end in (name, mate):
            host.run("ip", "link", "set", end, "up")

    def up(end: str) -> bool:
        """What is sent to one that has only been set up is dropped."""
        return (host.link(end) or {})["operstate"] == "UP"

    wait_until(lambda: all(up(end) for pair in pairs for end in pair), "all pairs are operational")
    return host


@pytest.fixture
def arrival(host: Namespace) -> Iterator[Arrival]:
    arrival = Arrival(host)
    yield arrival
    arrival.close()


@pytest.fixture
def turns(arrival: Arrival) -> Turns:
    return Turns(arrival)


@pytest.fixture
def port(host: Namespace, arrival: Arrival) -> Ports:
    """To open one."""
    return lambda interface: Port(host, interface, arrival)


@pytest.fixture
def said() -> list[str]:
    """When control frames had their say."""
    return []


@pytest.fixture
def path(host: Namespace, turns: Turns, said: list[str]) -> Iterator[PacketPath]:
    """Between agr0 and re0, which collects, and re1, which does not."""
    with host.entered():
        path = PacketPath(turns, "agr0.m", lambda: said.append("control"))  # type: ignore[arg-type]
        for port in ("re0", "re1"):
            path.add_port(port)
    path.expect("re0", True)
    path.set_collecting("re0", True)
    yield path
    path.close()


def test_the_client_gets_what_is_not_lacps_or_markers(port: Ports, path: PacketPath, turns: Turns) -> None:
    """43.2.9, both ways: BPDUs too; of slow protocols it sends none."""
    path.assign(range(BUCKETS), "re0")
    with port("far0") as wire, port("agr0") as client:
        for frame in (*KEPT, *CLIENTS):
            wire.send(frame)
        turns.take()
        assert client.waiting() == CLIENTS
        for frame in (*KEPT, UNSUPPORTED, *CLIENTS[1:]):
            client.send(frame)
        turns.take()
        assert wire.waiting() == CLIENTS[1:]
    assert path.client_traffic().refused == len(KEPT) + 1


def test_control_frames_come_before_each_turn_of_data(
    port: Ports, path: PacketPath, turns: Turns, said: list[str]
) -> None:
    with port("far0") as wire:
        for _ in range(3 * FRAMES_A_TURN):
            wire.send(FRAME)
    for turn in (1, 2, 3):
        turns.take()
        assert path.port_traffic("re0").received == turn * FRAMES_A_TURN
        assert len(said) == 3 * turn, "once for each port and once for the client"


def test_what_is_kept_is_delivered_when_the_port_collects(
    port: Ports, path: PacketPath, turns: Turns
) -> None:
    path.set_collecting("re0", False)
    path.keep("re0")
    with port("far0") as wire:
        wire.send(FRAME)
    turns.take()
    assert path.port_traffic("re0").discarded == 0
    path.set_collecting("re0", True)
    turns.take()
    assert path.port_traffic("re0").received == 1


def test_what_came_before_collecting_ends_is_delivered(port: Ports, path: PacketPath, turns: Turns) -> None:
    with port("far0") as wire, port("agr0") as client:
        for _ in range(2 * FRAMES_A_TURN):
            wire.send(FRAME)
        turns.take()
        path.set_collecting("re0", False)
        assert len(client.waiting()) == 2 * FRAMES_A_TURN
        wire.send(FRAME)
        turns.take()
        assert client.waiting() == []
    assert path.port_traffic("re0").discarded == 1


def test_what_came_before_a_marker_is_delivered(port: Ports, path: PacketPath, arrival: Arrival) -> None:
    with port("far0") as wire, port("agr0") as client:
        for _ in range(2 * FRAMES_A_TURN):
            wire.send(FRAME)
        arrival.wait()
        path.deliver("re0")
        assert len(client.waiting()) == 2 * FRAMES_A_TURN
    with port("far1") as wire:
        wire.send(FRAME)
    arrival.wait()
    path.deliver("re1")
    assert path.port_traffic("re1").discarded == 0, "what is kept for a port that may collect soon stays"


def test_frames_without_a_distributing_port_go_nowhere(port: Ports, path: PacketPath, turns: Turns) -> None:
    with port("agr0") as client, port("far0") as wire:
        client.send(FRAME)
        turns.take()
        assert wire.waiting() == []
    assert path.client_traffic().undistributed == 1


def test_what_finds_no_room_is_counted(port: Ports, path: PacketPath, turns: Turns) -> None:
    frames = 60_000  # over 32 MB, as the kernel counts
    with port("far0") as wire:
        for _ in range(frames):
            wire.send(FRAME)
    for _ in range(frames // FRAMES_A_TURN + 1):
        turns.take()
    traffic = path.port_traffic("re0")
    assert traffic.overrun > 0
    assert traffic.received + traffic.overrun == frames


def frames_of(conversation: int, count: int) -> list[bytes]:
    """Numbered frames of one conversation of that number."""
    head = b"\xff" * 6 + bytes((2, 0, 0, 0, 0, conversation)) + b"\x88\xb5"
    return [head + number.to_bytes(2, "big").ljust(46, b"\0") for number in range(count)]


def numbers(frames: list[bytes]) -> list[int]:
    return [int.from_bytes(frame[14:16], "big") for frame in frames]


class Wires:
    """What leaves on re0 and re1, and what agr0 sends."""

    def __init__(self, port: Ports) -> None:
        self.client = port("agr0")
        self.re0, self.re1 = port("far0"), port("far1")

    def send(self, frames: list[bytes]) -> None:
        for frame in frames:
            self.client.send(frame)


@pytest.fixture
def wires(port: Ports, path: PacketPath) -> Iterator[Wires]:
    wires = Wires(port)
    with wires.client, wires.re0, wires.re1:
        yield wires


def test_a_bucket_leaves_on_its_port(path: PacketPath, turns: Turns, wires: Wires) -> None:
    """Each conversation by its own: what is assigned elsewhere, or nowhere, does not show."""
    here, there, nowhere = (frames_of(conversation, 3) for conversation in range(3))
    path.assign(range(BUCKETS), "re1")
    path.assign([bucket_of(here[0])], "re0")
    path.assign([bucket_of(nowhere[0])], None)
    wires.send(here + there + nowhere)
    turns.take()
    assert (wires.re0.waiting(), wires.re1.waiting()) == (here, there)
    assert path.client_traffic().undistributed == len(nowhere)


def test_held_frames_leave_first_and_in_order(path: PacketPath, turns: Turns, wires: Wires) -> None:
    """43.2.5; also what comes while there is more to release than one turn takes."""
    count = RELEASED_A_TURN + 2 * FRAMES_A_TURN
    frames = frames_of(1, count + 3 * FRAMES_A_TURN)
    bucket, done = bucket_of(frames[0]), []
    path.assign([bucket], "re0")
    wires.send(frames[:FRAMES_A_TURN])
    turns.take()
    path.hold([bucket], lambda: done.append(len(wires.re0.waiting())))
    assert not done, "it is not called from within"
    wires.send(frames[FRAMES_A_TURN : FRAMES_A_TURN + count])
    while path.client_traffic().held < count:
        turns.take()
    assert done == [FRAMES_A_TURN], "all that was not held had left"
    assert wires.re1.waiting() == []
    wires.send(frames[FRAMES_A_TURN + count :])
    path.assign([bucket], "re1")
    assert len(first := wires.re1.waiting()) == RELEASED_A_TURN
    for _ in range(10):
        turns.take()
    assert numbers(first + wires.re1.waiting()) == list(range(FRAMES_A_TURN, len(frames)))
    assert wires.re0.waiting() == []
    traffic = path.client_traffic()
    assert traffic.held == traffic.released >= count
    assert (traffic.held_overrun, traffic.undistributed) == (0, 0)


def test_a_second_move_overtakes_the_release(path: PacketPath, turns: Turns, wires: Wires) -> None:
    """What the first new port had not yet been given leaves on the second, in order."""
    frames = frames_of(1, 2 * RELEASED_A_TURN)
    bucket = bucket_of(frames[0])
    path.hold([bucket], lambda: None)
    wires.send(frames)
    while path.client_traffic().held < len(frames):
        turns.take()
    path.assign([bucket], "re1")
    path.hold([bucket], lambda: None)
    turns.take()
    path.assign([bucket], "re0")
    turns.take()
    seen = (numbers(wires.re1.waiting()), numbers(wires.re0.waiting()))
    assert seen == (list(range(RELEASED_A_TURN)), list(range(RELEASED_A_TURN, len(frames))))


def test_held_frames_without_a_port_are_dropped_and_counted(
    path: PacketPath, turns: Turns, wires: Wires
) -> None:
    frames = frames_of(1, 5)
    path.hold([bucket_of(frames[0])], lambda: None)
    wires.send(frames)
    turns.take()
    path.assign([bucket_of(frames[0])], None)
    traffic = path.client_traffic()
    assert (traffic.held, traffic.released, traffic.undistributed) == (5, 5, 5)


def test_held_frames_have_a_limit(
    path: PacketPath, turns: Turns, wires: Wires, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is for all conversations together, and there is room again when they are gone."""
    first, second = frames_of(1, 4), frames_of(2, 4)
    buckets = [bucket_of(first[0]), bucket_of(second[0])]
    monkeypatch.setattr(heldframes, "HELD_OCTETS", 6 * (10 + len(first[0])))
    path.hold(buckets, lambda: None)
    wires.send(first + second)
    turns.take()
    assert (path.client_traffic().held, path.client_traffic().held_overrun) == (6, 2)
    path.assign(buckets, "re0")
    assert wires.re0.waiting() == first + second[:2]
    path.hold(buckets, lambda: None)
    wires.send(first)
    turns.take()
    assert (path.client_traffic().held, path.client_traffic().held_overrun) == (10, 2)


def test_a_port_that_goes_takes_what_it_had_to_release_with_it(
    path: PacketPath, turns: Turns, wires: Wires
) -> None:
    """What waits for its Assign does not go."""
    leaving, waiting = frames_of(1, RELEASED_A_TURN + 5), frames_of(2, 3)
    buckets = [bucket_of(leaving[0]), bucket_of(waiting[0])]
    path.assign(buckets, "re0")
    path.hold(buckets, lambda: None)
    wires.send(leaving + waiting)
    while path.client_traffic().held < len(leaving + waiting):
        turns.take()
    path.assign(buckets[:1], "re0")
    path.remove_port("re0")
    turns.take()
    assert path.client_traffic().undistributed == 5
    path.assign(buckets[1:], "re1")
    assert wires.re1.waiting() == waiting


def test_round_robin_takes_turns_and_ends(path: PacketPath, turns: Turns, wires: Wires) -> None:
    frames = frames_of(1, 6)
    path.assign([bucket_of(frames[0])], "re0")
    path.round_robin(["re0", "re1"])
    wires.send(frames)
    turns.take()
    seen = sorted((numbers(wires.re0.waiting()), numbers(wires.re1.waiting())))
    assert seen == [[0, 2, 4], [1, 3, 5]]
    path.round_robin(None)
    wires.send(frames)
    turns.take()
    assert wires.re0.waiting() == frames


def test_a_marker_stays_behind_the_data(path: PacketPath, turns: Turns, wires: Wires) -> None:
    """43.5: also where the port has a queue, which control frames may overtake."""
    frames = frames_of(1, 20)
    marker = b"\x01\x80\xc2\0\0\x02" + b"\x02" * 6 + b"\x88\x09\x02" + bytes(45)
    path.assign([bucket_of(frames[0])], "re0")
    wires.send(frames)
    turns.take()
    path.send_behind_data("re0", marker)
    assert wires.re0.waiting() == [*frames, marker]
