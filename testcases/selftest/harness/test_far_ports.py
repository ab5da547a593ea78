"""The tester's ports at the end of an SSH connection are set, sent at and put back as those here."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.carrier import CarrierByTester, ImplementationEnd
from harness.bench.kernel_wires import InterfaceTap
from harness.bench.places import Places
from harness.host.location import Here
from harness.host.over_ssh import OverSsh
from harness.host.tester_ports import OwnPorts
from harness.lab import load
from harness.lab.place import At
from harness.verdict import BenchBroken, BenchError
from harness.wire.real_loop import RealLoop
from testcases.selftest.elsewhere import Pair, pair
from testcases.selftest.host import ip, wait_until
from testcases.selftest.relay import relay

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")

FRAME = bytes.fromhex("0180c20000020200000000018809") + bytes(range(46))
PATIENCE, SOON = 20.0, 0.1
DELAY = 0.1


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A wire te-re: the tester's end te is on the host that has the server."""
    with pair(f"agrfp-{os.getpid()}", tmp_path_factory.mktemp("ssh"), [("te", "re")]) as made:
        ip("-n", made.host, "tuntap", "add", "tap0", "mode", "tap")
        yield made


def connected(far: Pair, **at: str | int) -> OverSsh:
    return far.connect(lambda: OverSsh(At(**(at or far.server.at)), "bench", "te: at"))


@pytest.fixture
def there(far: Pair) -> Iterator[OverSsh]:
    made = connected(far)
    yield made
    made.close()


@pytest.fixture
def loop() -> Iterator[RealLoop]:
    made = RealLoop()
    yield made
    made.close()


def test_its_carrier_is_taken_and_given_back(far: Pair, there: OverSsh, tmp_path: Path) -> None:
    end = ImplementationEnd(Here(far.tester), "re", PATIENCE)
    wire = CarrierByTester(OwnPorts(tmp_path / "journal"), there, "te", end)
    wire.cut()
    assert Here(far.tester).link_state("re") == (True, False)
    wire.restore()
    assert Here(far.tester).link_state("re") == (True, True)


def test_the_next_run_puts_back_what_a_killed_one_changed(far: Pair, there: OverSsh, tmp_path: Path) -> None:
    """By the place's name, which the lab file has to name still."""
    found = there.read_settings("tap0")
    links = OwnPorts(tmp_path / "journal")
    links.set(there, "te", up=False)
    links.negotiate(there, "tap0", 100, full_duplex=False)
    assert there.medium("tap0") == (100, False)
    file = tmp_path / "lab.yaml"
    wire = "  - {name: t1, port: re, to: tester, tester: {interface: te%s}}\n"
    head = "kind: hardware\nname: x\nimplementation: {adapter: agr}\nwires:\n"
    file.write_text(head + wire % "")
    with pytest.raises(BenchError, match=r"ssh root@.*: ports there are to be put back, and the lab file"):
        OwnPorts(tmp_path / "journal", Places(load(file)).find).restore()
    at = ", ".join(f"{key}: '{value}'" for key, value in far.server.at.items())
    file.write_text(head + wire % f", at: {{{at}}}")
    places = far.connect(lambda: Places(load(file)))
    OwnPorts(tmp_path / "journal", places.find).restore()
    places.close()
    assert there.link_state("te") == (True, True)
    assert there.read_settings("tap0") == found
    assert not (tmp_path / "journal").exists()


def test_ends_on_one_host_share_a_connection(far: Pair, tmp_path: Path) -> None:
    at = json.dumps(far.server.at)
    file = tmp_path / "lab.yaml"
    file.write_text(
        f"kind: hardware\nname: x\nimplementation: {{adapter: agr, at: {at}}}\nwires:\n"
        f"  - {{name: t1, port: re, to: tester, tester: {{interface: te, at: {at}}}}}\n"
    )
    lab = load(file)
    places = far.connect(lambda: Places(lab))
    assert places.of(lab.own_ports[0]) is places.implementation and places.elsewhere == [
        places.implementation
    ]
    places.close()


def test_a_port_that_is_down_sends_when_it_is_up(far: Pair, there: OverSsh, loop: RealLoop) -> None:
    """In order, and the delay is known by the capture there."""
    here = Here(far.tester).packets("re")
    tap = InterfaceTap(loop, "t1", "te", there, patience=PATIENCE)
    ip("-n", far.host, "link", "set", "te", "down")
    frames = [FRAME[:-1] + bytes([number]) for number in range(3)]
    for frame in frames:
        tap.send(frame)
    assert loop.run(lambda: tap.delay.longest > SOON, loop.now() + PATIENCE), tap.delay
    assert tap.waiting
    ip("-n", far.host, "link", "set", "te", "up")
    assert loop.run(lambda: len(tap.frames) >= 3, loop.now() + PATIENCE)
    assert [frame.data for frame in tap.frames if frame.sent] == frames
    came: list[bytes] = []
    wait_until(lambda: (got := here.receive()) and came.append(got[1]) is None and len(came) == 3, "them")
    assert came == frames
    assert not tap.waiting and tap.delay.frames == 3 and tap.delay.longest > SOON
    tap.close()
    here.close()


def test_one_that_stays_down_breaks_the_bench(far: Pair, there: OverSsh, loop: RealLoop) -> None:
    tap = InterfaceTap(loop, "t1", "te", there, patience=SOON)
    ip("-n", far.host, "link", "set", "te", "down")
    try:
        tap.send(FRAME)
        with pytest.raises(BenchBroken, match=r"interface te .*: cannot send for 0\.1 s .*Network is down"):
            loop.run(lambda: None, loop.now() + PATIENCE)
    finally:
        ip("-n", far.host, "link", "set", "te", "up")
        tap.close()


def test_what_a_client_s_interface_refuses_is_told_by_the_next_call(far: Pair, there: OverSsh) -> None:
    packets = there.packets("te")
    ip("-n", far.host, "link", "set", "te", "down")
    try:
        packets.send(FRAME)

        def told() -> bool:
            try:
                packets.lost()
            except BenchError as error:
                return "cannot send: Network is down" in str(error)
            return False

        wait_until(told, "word of it")
    finally:
        ip("-n", far.host, "link", "set", "te", "up")
        packets.close()


def test_an_answer_is_late_by_the_way_there_and_back(far: Pair, loop: RealLoop) -> None:
    """A station here answers what came in there, over a slow way of management."""
    here = Here(far.tester).packets("re")
    with relay(far.tester, far.server.address, 22, DELAY) as slow:
        there = connected(far, **far.server.behind(slow))
        tap = InterfaceTap(loop, "t1", "te", there, patience=PATIENCE)
        tap.listen(lambda frame: None if frame.sent else tap.send(FRAME))
        here.send(FRAME[:-1] + b"?")
        assert loop.run(lambda: len(tap.frames) == 2, loop.now() + PATIENCE)
        asked, answered = tap.frames
        assert (asked.sent, answered.sent) == (False, True)
        assert tap.delay.longest >= 2 * DELAY - 2 * there.clock_error - SOON
        assert tap.delay.longest >= answered.time - asked.time - SOON
        assert "(the way there and back)" in tap.delay.text()
        tap.close()
        there.close()
    here.close()


def test_a_deadline_waits_for_what_was_captured_there(far: Pair, loop: RealLoop) -> None:
    """Frames that came in before a deadline are seen when it has passed, however slow the way is."""
    here = Here(far.tester).packets("re")
    with relay(far.tester, far.server.address, 22, DELAY) as slow:
        there = connected(far, **far.server.behind(slow))
        tap = InterfaceTap(loop, "t1", "te", there, patience=PATIENCE)
        here.send(FRAME)
        sent = time.time_ns()
        loop.run(lambda: None, loop.stamped(sent) + 2 * there.clock_error)
        assert [frame.data for frame in tap.frames] == [FRAME]
        tap.close()
        there.close()
    here.close()
