"""A mix over cables that carry jumbo frames: what was changed is found, how long frames took, and where."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from random import Random

import pytest

from harness.host.location import Here
from harness.net.packet_socket import PacketSocket
from harness.traffic.mix import JUMBO, mix_frames
from harness.traffic.outcome import compare
from harness.traffic.receiver import Receiver
from harness.traffic.sender import Sender
from harness.traffic.stamp import OCTETS, stamp
from testcases.selftest.traffic.cables import cables
from testcases.selftest.traffic.trouble import model, troubled

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")
NAME = f"agrmix-{os.getpid()}"
NEAR, FAR = f"{NAME}-a", f"{NAME}-b"
RUN = 0x1A9B0C1D
FRAMES = mix_frames(84, "02:00:5e:00:53:10", longest=JUMBO)


@pytest.fixture(scope="module", autouse=True)
def hosts() -> Iterator[None]:
    """x0 - y0 and x1 - y1."""
    with cables(NEAR, FAR, 2, mtu=JUMBO - 14):
        yield


def test_a_mix_arrives_as_it_was_sent() -> None:
    before = time.time_ns()
    with (
        Receiver(["y0"], Here(FAR), run=RUN, contents=FRAMES) as receiver,
        Sender("x0", Here(NEAR), FRAMES, run=RUN) as sender,
    ):
        sender.start(rate=20_000, count=8_400)
        sent, seen = sender.wait(30), receiver.seen()
    assert compare(sent, seen).clean
    assert seen.ports["y0"].flows == dict.fromkeys(range(84), 100)
    delay = seen.ports["y0"].delay
    assert delay is not None
    assert 0 < delay.shortest <= delay.median <= delay.p99 <= delay.longest < time.time_ns() - before


@pytest.mark.parametrize("seed", range(8))
def test_exactly_what_was_planted_is_found(seed: int) -> None:
    """Frames lost, doubled, late, and changed in one octet at random: so many are told, and no others."""
    rng = Random(seed)
    arrivals, _ = troubled(rng, 12, 60)
    changed = set(rng.sample(range(len(arrivals)), rng.randrange(1, 40)))
    port = PacketSocket("x0", NEAR)
    with Receiver(["y0"], Here(FAR), run=RUN, contents=FRAMES) as receiver:
        for number, (flow, sequence) in enumerate(arrivals):
            octets = bytearray(FRAMES[flow][:-OCTETS] + stamp(RUN, flow, sequence, time.time_ns()))
            if number in changed:
                octets[place(rng, len(octets))] ^= rng.randrange(1, 256)
            port.send(bytes(octets))
        seen = receiver.seen()
    port.close()
    expected = model([frame for number, frame in enumerate(arrivals) if number not in changed])
    assert (seen.corrupted, seen.dropped) == (len(changed), 0)
    assert {number: (f.received, f.duplicated, f.reordered) for number, f in seen.flows.items()} == expected


def place(rng: Random, octets: int) -> int:
    """Of an octet that may change: not the addresses and the type, that bring it here, nor the run."""
    run = range(octets - OCTETS, octets - OCTETS + 4)
    return rng.choice([number for number in range(14, octets) if number not in run])


def test_a_tag_that_was_changed_or_lost_is_found() -> None:
    """The kernel keeps tags beside the frame."""
    tagged = FRAMES[2][:-OCTETS]
    other = tagged[:14] + bytes([tagged[14] ^ 0x20]) + tagged[15:]
    port = PacketSocket("x0", NEAR)
    with Receiver(["y0"], Here(FAR), run=RUN, contents=FRAMES) as receiver:
        for sequence, octets in enumerate([tagged, other, tagged[:12] + tagged[16:], tagged]):
            port.send(octets + stamp(RUN, 2, sequence))
        seen = receiver.seen()
    port.close()
    assert (seen.corrupted, seen.frames) == (2, 2)


def test_which_link_brought_what_is_told() -> None:
    ports = {name: PacketSocket(name, NEAR) for name in ("x0", "x1")}
    with Receiver(["y0", "y1"], Here(FAR), run=RUN) as receiver:
        for sequence, name in enumerate(["x0", "x0", "x1", "x0", "x1"]):
            ports[name].send(FRAMES[0][:-OCTETS] + stamp(RUN, 7, sequence))
        seen = receiver.seen()
    for port in ports.values():
        port.close()
    assert {name: port.flows for name, port in seen.ports.items()} == {"y0": {7: 3}, "y1": {7: 2}}


def test_time_stamps_are_the_kernels_where_the_nic_makes_none() -> None:
    with (
        Receiver(["y0"], Here(FAR), run=RUN, nic_clock=True) as receiver,
        Sender("x0", Here(NEAR), FRAMES, run=RUN) as sender,
    ):
        begun = time.time_ns()
        sender.start(count=100)
        sender.wait(30)
        port = receiver.seen().ports["y0"]
    assert (port.frames, port.by_nic) == (100, 0)
    assert begun < port.first_ns <= port.last_ns < time.time_ns()
