"""Sender and receiver over a veth cable: what was planted is found, and nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.host.location import Here
from harness.host.port_queue import PortQueue
from harness.net.packet_socket import PacketSocket
from harness.traffic.flows import udp_frame
from harness.traffic.outcome import ReceiverCount, SenderCount, compare
from harness.traffic.receiver import Receiver
from harness.traffic.sender import Sender
from harness.traffic.stamp import OCTETS, stamp
from harness.verdict import BenchError
from testcases.selftest.host import ip, wait_until
from testcases.selftest.traffic.cables import cables

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")
NAME = f"agrtraffic-{os.getpid()}"
NEAR, FAR = f"{NAME}-a", f"{NAME}-b"
RUN = 0x0A9B0C1D
MACS = (bytes.fromhex("020000000001"), bytes.fromhex("020000000002"))
FRAMES = [udp_frame(*MACS, addresses=("192.0.2.1", f"192.0.2.{n}"), octets=60 + 7 * n) for n in range(9)]


@pytest.fixture(scope="module", autouse=True)
def hosts() -> Iterator[None]:
    """x0 - y0 and x1 - y1."""
    with cables(NEAR, FAR, 2):
        yield


def plant(sequences: list[int], run: int = RUN) -> ReceiverCount:
    """What the receiver says of one flow's frames in this order."""
    port = PacketSocket("x0", NEAR)
    try:
        with Receiver(["y0"], Here(FAR), run=RUN) as receiver:
            for sequence in sequences:
                port.send(FRAMES[0][:-OCTETS] + stamp(run, 3, sequence))
            return receiver.seen()
    finally:
        port.close()


def test_all_that_was_sent_arrives_in_order() -> None:
    with (
        Receiver(["y0"], Here(FAR), run=RUN) as receiver,
        Sender("x0", Here(NEAR), FRAMES, run=RUN) as sender,
    ):
        sender.start(count=50_000)
        sent = sender.wait(30)
        seen = receiver.seen()
    assert compare(sent, seen).clean
    assert (sent.frames, seen.frames) == (50_000, 50_000)
    assert {n: flow.received for n, flow in seen.flows.items()} == dict(enumerate(sent.flows))
    assert seen.ports["y0"].frames == 50_000
    assert seen.ports["y0"].first_ns < seen.ports["y0"].last_ns


def test_a_sender_stops_and_starts_again_where_it_was() -> None:
    with (
        Receiver([], Here(FAR), run=RUN) as receiver,
        Sender("x1", Here(NEAR), FRAMES[:1], run=RUN) as sender,
    ):
        sender.start(rate=20_000)
        wait_until(lambda: receiver.seen(0).frames >= 500, "500 frames")
        before = sender.stop()
        sender.start(count=1000)
        sent = sender.wait(30)
        seen = receiver.seen()
    assert sent.frames == before.frames + 1000
    assert compare(sent, seen).clean
    assert set(seen.ports) == {"y1"}


@pytest.mark.parametrize("waiting", [0, 5000])
def test_frames_may_wait_in_a_queue_where_that_is_wanted(waiting: int) -> None:
    """A slow queue takes what a fast sender has; else the sender waits until it is empty."""
    count = 5000
    queue = PortQueue("x0", Here(NEAR))
    queue.slow(1e9)
    try:
        with (
            Receiver(["y0"], Here(FAR), run=RUN) as receiver,
            Sender("x0", Here(NEAR), FRAMES, run=RUN, waiting=waiting) as sender,
        ):
            queue.slow(20_000 * len(FRAMES[0]))
            sender.start(count=count)
            sent = sender.wait(30)
            waits = queue.waiting()
            queue.slow(1e9)
            wait_until(lambda: receiver.seen(0).frames >= count - 1, f"{count - 1} frames")
            seen = receiver.seen()
    finally:
        queue.remove()
    assert compare(sent, seen).clean
    assert waits > count / 2 if waiting else waits == 0


def test_two_interfaces_of_three() -> None:
    """Frames of each interface, in one order."""
    with Receiver(["x0", "x1"], Here(NEAR), run=RUN, outgoing=True) as receiver:
        for interface in ("x0", "x1", "lo"):
            with Sender(interface, Here(NEAR), FRAMES, run=RUN) as sender:
                sender.start(count=100)
                sender.wait(30)
        seen = receiver.seen()
    assert {name: port.frames for name, port in seen.ports.items()} == {"x0": 100, "x1": 100}


def test_the_rate_is_kept() -> None:
    with Sender("x0", Here(NEAR), FRAMES, run=RUN) as sender:
        sender.start(rate=10_000, count=5000)
        assert sender.wait(30).rate < 10_100


def test_a_pace_that_cannot_be_kept_is_told() -> None:
    with Sender("x0", Here(NEAR), FRAMES, run=RUN) as sender:
        sender.start(rate=20e6, count=2_000_000)
        sent = sender.wait(30)
    found = re.fullmatch(r"the generator sent ([\d,]+) frames a second, it was to send ([\d,]+)", sent.behind)
    assert found
    rate, wanted = (int(figure.replace(",", "")) for figure in found.groups())
    assert rate == round(sent.rate) < 10e6
    assert 18e6 < wanted < 20.1e6


@pytest.mark.parametrize(("seconds", "late", "told"), [(1, 0.01, False), (1, 0.1, True), (60, 0.9, False)])
def test_a_little_late_is_at_its_pace(seconds: float, late: float, told: bool) -> None:
    assert bool(SenderCount(1000, 0, seconds, (1000,), late).behind) is told


def test_what_the_host_sends_is_seen_on_request() -> None:
    with (
        Receiver(["x0"], Here(NEAR), run=RUN, outgoing=True) as receiver,
        Sender("x0", Here(NEAR), FRAMES, run=RUN) as sender,
    ):
        sender.start(count=1000)
        assert compare(sender.wait(30), receiver.seen()).clean


@pytest.mark.parametrize(
    ("sequences", "received", "duplicated", "reordered"),
    [
        ([0, 1, 2, 3], 4, 0, 0),
        ([0, 1, 3, 2, 4], 5, 0, 1),
        ([0, 1, 1, 2], 4, 1, 0),
        ([0, 5, 1, 2, 5, 1], 6, 2, 2),
    ],
)
def test_planted_trouble_is_found(
    sequences: list[int], received: int, duplicated: int, reordered: int
) -> None:
    flow = plant(sequences).flows[3]
    assert (flow.received, flow.duplicated, flow.reordered) == (received, duplicated, reordered)


def test_frames_that_never_came_are_lost() -> None:
    with (
        Receiver(["y0"], Here(FAR), run=RUN) as receiver,
        Sender("x0", Here(NEAR), FRAMES, run=RUN) as sender,
    ):
        sender.start(count=5000)
        sender.wait(30)
        receiver.seen()
        ip("-n", FAR, "link", "set", "y0", "down")
        try:
            sender.start(count=70)
            sent = sender.wait(30)
        finally:
            ip("-n", FAR, "link", "set", "y0", "up")
        outcome = compare(sent, receiver.seen())
    assert (outcome.lost, outcome.duplicated, outcome.reordered) == (70, 0, 0)


def test_a_full_ring_is_told() -> None:
    """The receiver does not read while it is stopped."""
    with (
        Receiver(["y0"], Here(FAR), run=RUN, octets=2 << 20) as receiver,
        Sender("x0", Here(NEAR), FRAMES, run=RUN) as sender,
    ):
        with receiver.paused():
            sender.start(count=30_000)
            sent = sender.wait(30)
        outcome = compare(sent, receiver.seen())
    assert outcome.dropped == outcome.lost > 0


def test_silence_is_told_with_its_ends() -> None:
    with (
        Receiver(["y0"], Here(FAR), run=RUN, silence=0.2) as receiver,
        Sender("x0", Here(NEAR), FRAMES, run=RUN) as sender,
    ):
        sender.start(count=10)
        sender.wait(30)
        before = receiver.seen(0.3).ports["y0"].last_ns
        sender.start(count=10)
        sender.wait(30)
        (silence,) = receiver.seen().silences
    assert (silence.interface, silence.last_ns) == ("y0", before)
    assert silence.next_ns - silence.last_ns >= 200_000_000


def test_frames_of_another_run_do_not_count() -> None:
    assert plant([0, 1, 2], run=RUN + 1).frames == 0


def test_a_sender_comes_before_other_sessions() -> None:
    """Where the kernel shares its time among sessions first, a process that is nice is so to its own only."""
    with Sender("x0", Here(NEAR), FRAMES, run=RUN) as sender:
        group = Path(f"/proc/{sender._process.pid}/autogroup")
        if not group.exists():
            pytest.skip("this kernel does not group processes by session")
        assert int(group.read_text().split()[-1]) < 0


def test_trouble_has_a_name() -> None:
    with pytest.raises(BenchError, match=r"interface nowhere in namespace .* No such device"):
        Sender("nowhere", Here(NEAR), FRAMES, run=RUN)
    with pytest.raises(BenchError, match=r"nowhere in namespace .* no interface with this name"):
        Receiver(["nowhere"], Here(NEAR), run=RUN)
    with pytest.raises(BenchError, match="core 4095"):
        Receiver(["y0"], Here(FAR), run=RUN, core=4095)
    ip("-n", NEAR, "link", "set", "x1", "down")
    with Sender("x1", Here(NEAR), FRAMES, run=RUN) as sender:
        sender.start(count=10)
        with pytest.raises(BenchError, match=r"interface x1 .* Network is down"):
            sender.wait(30)
    ip("-n", NEAR, "link", "set", "x1", "up")
