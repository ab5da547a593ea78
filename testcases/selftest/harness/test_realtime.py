"""The real loop and AF_PACKET wires, between two namespaces of this test's own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.carrier import CarrierByTester, ImplementationEnd
from harness.bench.links import Links
from harness.bench.realtime import RealLoop
from harness.bench.sockets import in_namespace
from harness.bench.station import Station, default_info
from harness.bench.wire import Wire
from harness.bench.wired import FRAMES_A_TURN, InterfaceTap
from harness.verdict import BenchError

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")
NAME = f"agrh-{os.getpid()}"


@pytest.fixture
def loop() -> Iterator[RealLoop]:
    loop = RealLoop()
    yield loop
    loop.close()


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Links]:
    """Two ports with a cable between them, and how they are set up and down."""

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    for side in "ab":
        ip("netns", "add", f"{NAME}-{side}")
        for scope in ("all", "default"):
            setting = f"net.ipv6.conf.{scope}.disable_ipv6=1"
            ip("netns", "exec", f"{NAME}-{side}", "sysctl", "-qw", setting)
    try:
        ip("link", "add", "x0", "netns", f"{NAME}-a", "type", "veth", "peer", "y0", "netns", f"{NAME}-b")
        ip("-n", f"{NAME}-a", "link", "set", "x0", "up")
        ip("-n", f"{NAME}-b", "link", "set", "y0", "up")
        yield Links(tmp_path / "ports.journal")
    finally:
        for side in "ab":
            ip("netns", "delete", f"{NAME}-{side}")


def wire(loop: RealLoop, links: Links, interface: str, side: str) -> Wire:
    tap = InterfaceTap(loop, interface, interface, f"{NAME}-{side}")
    other = {"x0": ("b", "y0"), "y0": ("a", "x0")}[interface]
    end = ImplementationEnd(f"{NAME}-{other[0]}", other[1], 5.0)
    carrier = CarrierByTester(links, interface, f"{NAME}-{side}", end)
    return Wire(interface, "re0", tap, carrier, capture="tester", straight=True)


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
def test_both_ends_see_a_frame_once_with_one_time_line(loop: RealLoop, cable: Links) -> None:
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
def test_tags_come_back_into_the_frame(loop: RealLoop, cable: Links) -> None:
    near, far = wire(loop, cable, "x0", "a"), wire(loop, cable, "y0", "b")
    tagged = bytes.fromhex("02005e00530102005e0053028100600588b5") + bytes(46)
    near.send(tagged)
    got = loop.run(lambda: far.received(), loop.now() + 5)
    assert got is not None and got[0].data == tagged
    near.tap.close()
    far.tap.close()


@needs_root
def test_cut_takes_the_carrier_of_the_far_end(loop: RealLoop, cable: Links) -> None:
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
        InterfaceTap(loop, "t", "agrh-none", None)


@needs_root
def test_at_a_deadline_a_backlog_has_been_read(loop: RealLoop, cable: Links) -> None:
    """More frames than one turn reads, all on the wire before the deadline: all are seen at it."""
    near, far = wire(loop, cable, "x0", "a"), wire(loop, cable, "y0", "b")
    frame = bytes.fromhex("02005e00530102005e00530288b5") + bytes(46)
    with loop.lock:  # nothing is read meanwhile
        for _ in range(5 * FRAMES_A_TURN):
            near.send(frame)
        loop.run(lambda: None, loop.now())
    assert len(far.received()) + far.tap.lost() == 5 * FRAMES_A_TURN
    near.tap.close()
    far.tap.close()
