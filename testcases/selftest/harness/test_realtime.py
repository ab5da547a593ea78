"""The real loop and AF_PACKET wires, between two namespaces of this test's own."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.carrier import CarrierByTester, ImplementationEnd, NoCarrier
from harness.bench.kernel_wires import FRAMES_A_TURN, InterfaceTap
from harness.host.location import Here
from harness.host.tester_ports import OwnPorts
from harness.net.packet_socket import in_namespace
from harness.verdict import BenchBroken, BenchError
from harness.wire.clock import WallClock
from harness.wire.real_loop import RealLoop
from harness.wire.station import Station, default_info
from harness.wire.wire import Wire
from testcases.selftest.host import ip

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")
PATIENCE = 60.0
NAME = f"agrh-{os.getpid()}"


@pytest.fixture
def loop() -> Iterator[RealLoop]:
    loop = RealLoop()
    yield loop
    loop.close()


def connect() -> None:
    """A cable between x0 and y0, that carries frames when this returns."""
    ends = {"a": "x0", "b": "y0"}
    ip("link", "add", "x0", "netns", end("a"), "type", "veth", "peer", "y0", "netns", end("b"))
    for side, port in ends.items():
        ip("-n", end(side), "link", "set", port, "up")
    deadline = time.monotonic() + PATIENCE
    for side, port in ends.items():
        while json.loads(ip("-n", end(side), "-j", "link", "show", "dev", port))[0]["operstate"] != "UP":
            assert time.monotonic() < deadline


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[OwnPorts]:
    """Two ports with a cable between them, and how they are set up and down."""
    for side in "ab":
        ip("netns", "add", end(side))
        for scope in ("all", "default"):
            setting = f"net.ipv6.conf.{scope}.disable_ipv6=1"
            ip("netns", "exec", end(side), "sysctl", "-qw", setting)
    try:
        connect()
        yield OwnPorts(tmp_path / "ports.journal")
    finally:
        for side in "ab":
            ip("netns", "delete", end(side))


def end(side: str) -> str:
    return f"{NAME}-{side}"


def frame(number: int) -> bytes:
    return bytes.fromhex("02005e00530102005e00530288b5") + number.to_bytes(4, "big") + bytes(42)


class KernelWire(Wire):
    tap: InterfaceTap


def wire(loop: RealLoop, links: OwnPorts, interface: str, side: str) -> KernelWire:
    tap = InterfaceTap(loop, interface, interface, Here(f"{NAME}-{side}"))
    other = {"x0": ("b", "y0"), "y0": ("a", "x0")}[interface]
    end = ImplementationEnd(Here(f"{NAME}-{other[0]}"), other[1], 5.0)
    carrier = CarrierByTester(links, tap.at, interface, end)
    return KernelWire(interface, "re0", tap, carrier, capture="tester", straight=True)


def test_timers_fire_in_order_and_not_early(loop: RealLoop) -> None:
    begun, fired = loop.now(), []
    for delay in (0.03, 0.01, 0.02):
        loop.call_at(begun + delay, lambda delay=delay: fired.append((delay, loop.now() - begun)) or None)
    assert loop.run(lambda: len(fired) == 3, begun + 10)
    assert [delay for delay, _ in fired] == [0.01, 0.02, 0.03]
    assert all(at >= delay for delay, at in fired)


def test_a_condition_that_never_holds_ends_at_the_deadline(loop: RealLoop) -> None:
    begun = loop.now()
    assert loop.run(lambda: None, begun + 0.05) is None
    assert loop.now() >= begun + 0.05


def test_a_starved_bench_knows_it(loop: RealLoop) -> None:
    loop.measured()
    starved_until = loop.now() + 0.3
    with loop.lock:  # the loop's own thread cannot run while this is held
        while loop.now() < starved_until:
            continue
    loop.run_for(0.05)
    assert loop.measured()[0] > 0.2


def test_what_breaks_in_the_loop_is_the_bench_s_error(loop: RealLoop) -> None:
    def broken() -> None:
        raise RuntimeError("boom")

    loop.call_at(loop.now(), broken)
    with pytest.raises(BenchError, match="boom"):
        loop.run_for(5)


@needs_root
def test_both_ends_see_a_frame_once_with_one_time_line(loop: RealLoop, cable: OwnPorts) -> None:
    near, far = wire(loop, cable, "x0", "a"), wire(loop, cable, "y0", "b")
    me = Station(loop, near, default_info(1))
    sent = me.say(key=0x1234)
    got = loop.run(lambda: far.received(), loop.now() + 5)
    assert got is not None and [frame.data for frame in got] == [sent.data]
    assert got[0].time >= sent.time
    assert near.received() == []
    near.tap.close()
    far.tap.close()


@needs_root
def test_tags_come_back_into_the_frame(loop: RealLoop, cable: OwnPorts) -> None:
    near, far = wire(loop, cable, "x0", "a"), wire(loop, cable, "y0", "b")
    tagged = bytes.fromhex("02005e00530102005e0053028100600588b5") + bytes(46)
    near.send(tagged)
    got = loop.run(lambda: far.received(), loop.now() + 5)
    assert got is not None and got[0].data == tagged
    near.tap.close()
    far.tap.close()


@needs_root
def test_cut_takes_the_carrier_of_the_far_end(loop: RealLoop, cable: OwnPorts) -> None:
    def carrier() -> str:
        command = ["ip", "-n", f"{NAME}-b", "-o", "link", "show", "y0"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    near = wire(loop, cable, "x0", "a")
    near.cut()
    assert loop.run(lambda: "NO-CARRIER" in carrier(), loop.now() + 5)
    near.restore()
    assert loop.run(lambda: "LOWER_UP" in carrier(), loop.now() + 5)
    near.tap.close()


@needs_root
def test_a_missing_interface_and_namespace_are_named(loop: RealLoop) -> None:
    with pytest.raises(BenchError, match="network namespace agrh-nowhere"):
        in_namespace("agrh-nowhere", lambda: None)
    with pytest.raises(BenchError, match="interface agrh-none"):
        InterfaceTap(loop, "t", "agrh-none", Here(None))


@needs_root
def test_at_a_deadline_a_backlog_has_been_read(loop: RealLoop, cable: OwnPorts) -> None:
    """More frames than one turn reads, all on the wire before the deadline: all are seen at it."""
    near, far = wire(loop, cable, "x0", "a"), wire(loop, cable, "y0", "b")
    with loop.lock:  # nothing is read meanwhile
        for _ in range(5 * FRAMES_A_TURN):
            near.send(frame(0))
    loop.run(lambda: None, loop.now())
    assert len(far.received()) + far.tap.lost() == 5 * FRAMES_A_TURN
    near.tap.close()
    far.tap.close()


class Refusing:
    """In place of a socket's `offer`: the queue is full for so many seconds."""

    def __init__(self, tap: InterfaceTap, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self._offer = tap._socket.offer
        self._until = tap.loop.now() + seconds
        self._tap = tap
        assert tap._outbox is not None
        monkeypatch.setattr(tap._outbox, "_offer", self)

    def __call__(self, frame: bytes) -> None:
        if self._tap.loop.now() < self._until:
            raise OSError(errno.ENOBUFS, "No buffer space available")
        self._offer(frame)


@needs_root
def test_a_queue_that_is_full_for_50_ms_is_waited_for(
    loop: RealLoop, cable: OwnPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a partner says arrives, in order, and so does what is sent behind it."""
    near, far = wire(loop, cable, "x0", "a"), wire(loop, cable, "y0", "b")
    assert isinstance(near.tap, InterfaceTap)
    Refusing(near.tap, monkeypatch, 0.05)
    first = Station(loop, near, default_info(1)).say(key=0x1234)
    near.tap.send_all([frame(number) for number in range(300)])
    got = loop.run(lambda: (len(far.received()) == 301 and far.received()) or None, loop.now() + PATIENCE)
    assert got and [one.data for one in got] == [first.data, *(frame(number) for number in range(300))]
    assert near.tap.delay.frames >= 1
    assert near.tap.delay.longest >= 0.04
    assert "interface x0" in near.tap.delay.text() and "No buffer space available" in near.tap.delay.text()
    assert loop.take_failure() is None
    near.tap.close()
    far.tap.close()


@needs_root
def test_a_queue_that_stays_full_breaks_the_bench(
    loop: RealLoop, cable: OwnPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    tap = InterfaceTap(loop, "x0", "x0", Here(end("a")), patience=0.2)
    Refusing(tap, monkeypatch, 3600.0)
    where = Wire("x0", "re0", tap, NoCarrier("x0"), capture="tester", straight=True)
    with pytest.raises(BenchBroken, match=r"interface x0 in namespace .*send for 0\.2 s .*No buffer space"):
        Station(loop, where, default_info(1)).say()
    tap.close()


@needs_root
def test_a_port_that_is_down_for_a_moment_sends_then(loop: RealLoop, cable: OwnPorts) -> None:
    near, far = wire(loop, cable, "x0", "a"), wire(loop, cable, "y0", "b")
    ip("-n", end("a"), "link", "set", "x0", "down")
    near.send(frame(1))
    assert near.tap.waiting
    ip("-n", end("a"), "link", "set", "x0", "up")
    assert loop.run(lambda: not near.tap.waiting, loop.now() + PATIENCE)
    assert "Network is down" in near.tap.delay.text()
    near.tap.close()
    far.tap.close()


@needs_root
def test_what_waits_when_the_wire_is_cut_is_lost_with_it(
    loop: RealLoop, cable: OwnPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    near, far = wire(loop, cable, "x0", "a"), wire(loop, cable, "y0", "b")
    assert isinstance(near.tap, InterfaceTap)
    Refusing(near.tap, monkeypatch, 3600.0)
    near.send(frame(1))
    near.cut()
    assert not near.tap.waiting
    monkeypatch.undo()
    near.restore()
    near.send(frame(2))
    got = loop.run(far.received, loop.now() + PATIENCE)
    assert got and [one.data for one in got] == [frame(2)]
    near.tap.close()
    far.tap.close()


@needs_root
def test_a_port_that_comes_back_is_captured_again_but_what_passed_is_lost(
    loop: RealLoop, cable: OwnPorts
) -> None:
    """A NIC that was reset. That frames were lost forbids a verdict."""
    tap = InterfaceTap(loop, "x0", "x0", Here(end("a")), patience=PATIENCE)
    ip("-n", end("a"), "link", "delete", "x0")
    assert loop.run(tap.lost, loop.now() + PATIENCE)
    connect()
    assert loop.run(lambda: tap._gone is None, loop.now() + PATIENCE)
    tap.send(frame(1))
    assert loop.run(lambda: frame(1) in [one.data for one in tap.frames], loop.now() + PATIENCE)
    assert tap.lost()
    tap.forget()
    assert not tap.lost()
    tap.close()


@needs_root
def test_a_port_that_is_gone_breaks_the_bench(loop: RealLoop, cable: OwnPorts) -> None:
    tap = InterfaceTap(loop, "x0", "x0", Here(end("a")), patience=0.05)
    ip("-n", end("a"), "link", "delete", "x0")
    with pytest.raises(BenchBroken, match=rf"^interface x0 in namespace {end('a')} is gone$"):
        loop.run_for(PATIENCE)
    tap.close()


@needs_root
def test_an_interface_of_the_implementation_may_go_and_says_at_once_that_it_takes_nothing(
    loop: RealLoop, cable: OwnPorts
) -> None:
    tap = InterfaceTap(loop, "client", "x0", Here(end("a")), client=True, patience=0.01)
    ip("-n", end("a"), "link", "set", "x0", "down")

    def under_lock() -> None:
        with loop.lock:
            tap.send(frame(1))

    for send in (lambda: tap.send(frame(1)), under_lock):
        with pytest.raises(BenchError, match="Network is down") as raised:
            send()
        assert not isinstance(raised.value, BenchBroken)
    ip("-n", end("a"), "link", "delete", "x0")
    loop.run_for(0.1)
    assert loop.take_failure() is None
    tap.close()


@needs_root
def test_frames_come_at_their_time_when_the_wall_clock_has_stepped(cable: OwnPorts) -> None:
    wall = WallClock()
    loop = RealLoop(wall)
    near, far = wire(loop, cable, "x0", "a"), wire(loop, cable, "y0", "b")
    for step in (3600.0, -3600.0):
        wall.ahead += step
        loop.run_for(0.05)  # it is seen
        begun = loop.now()
        near.send(frame(1))
        got = loop.run(lambda begun=begun: far.received(begun), loop.now() + PATIENCE)
        assert got and begun <= got[0].time <= loop.now()
    near.tap.close()
    far.tap.close()
    loop.close()
