"""The checker in the kernel against a plain model, and on a cable; the frames that the generator makes."""

from __future__ import annotations

import itertools
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from harness.host.location import Here
from harness.net.packet_socket import PacketSocket, in_namespace
from harness.traffic.bpf.programs import Programs
from harness.traffic.checker import WINDOW, Checker, Checks
from harness.traffic.flows import FLOWS_MOST, SHORTEST, udp_frame
from harness.traffic.generator import Generator
from harness.traffic.outcome import compare
from harness.traffic.sender import Sender
from harness.traffic.stamp import OCTETS, TICK_NS, stamp, ticks
from harness.verdict import BenchError
from testcases.selftest.traffic.cables import cables
from testcases.selftest.traffic.trouble import Arrivals, troubled

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="BPF and network namespaces need root")
RUN = 0x0A0B0C0D
_IPv4 = socket.htons(0x0800)
NAME = f"agrchecker-{os.getpid()}"
NEAR, FAR = f"{NAME}-near", f"{NAME}-far"
FRAME = udp_frame(
    bytes.fromhex("02005e005301"), bytes.fromhex("02005e005302"), addresses=("192.0.2.1", "198.18.0.0")
)
DROPS = {"wire_check": 1, "wire_check_tc": 2}  # XDP_DROP, TC_ACT_SHOT
PASSES = {"wire_check": 2, "wire_check_tc": 2**32 - 1}  # XDP_PASS, TC_ACT_UNSPEC

sequences = st.lists(st.integers(0, 3 * WINDOW), max_size=60)


class Kernel:
    """A program without an interface, frame by frame; every test has flows of its own."""

    def __init__(self, program: str = "wire_check") -> None:
        self.program = program
        self.programs = Programs()
        self.checks = Checks(self.programs, RUN)
        self._first = itertools.count(0, 8)

    def check(self, frames: Arrivals) -> list[tuple[int, int, int]]:
        """Received, duplicated and reordered of flows 0 to 7 after these frames."""
        first = next(self._first) % FLOWS_MOST
        for flow, sequence in frames:
            octets = FRAME[:-OCTETS] + stamp(RUN, first + flow, sequence)
            assert self.run(octets) == DROPS[self.program]
        seen = self.checks.seen().flows
        counts = [seen.get(first + flow) for flow in range(8)]
        return [(one.received, one.duplicated, one.reordered) if one else (0, 0, 0) for one in counts]

    def run(self, octets: bytes) -> int:
        """What the program says of a frame."""
        return self.programs.run(self.program, octets, 1, live=False)


@pytest.fixture(scope="module", params=DROPS)
def kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    kernel = Kernel(request.param)
    yield kernel
    kernel.programs.close()


@given(st.randoms(use_true_random=False), st.integers(1, 5), st.integers(20, 60))
def test_exactly_what_was_planted_is_found(kernel: Kernel, rng: Random, flows: int, each: int) -> None:
    frames, planted = troubled(rng, flows, each)
    found = kernel.check(frames)[:flows]
    assert [(*one, each - one[0] + one[1]) for one in found] == planted


@given(sequences)
@example([0, WINDOW, 1, 1, WINDOW])
@example([WINDOW - 1, 3 * WINDOW, 2 * WINDOW + 1, 2 * WINDOW + 1])
def test_any_arrivals(kernel: Kernel, arrivals: list[int]) -> None:
    """However far apart: what is left out is too late to be judged."""
    came: set[int] = set()
    frames, duplicated, reordered = [], 0, 0
    for sequence in arrivals:
        highest = max(came, default=-1)
        if highest + 1 - sequence > WINDOW:
            continue
        duplicated += sequence in came
        reordered += sequence < highest and sequence not in came
        came.add(sequence)
        frames.append((0, sequence))
    assert kernel.check(frames)[0] == (len(frames), duplicated, reordered)


def test_what_is_passed_over_has_not_come_though_what_was_a_window_before_has(kernel: Kernel) -> None:
    """A whole window comes, of the next one only the last; then the others, and once more."""
    late = [(0, WINDOW + place) for place in range(WINDOW - 1)]
    frames = [*((0, place) for place in range(WINDOW)), (0, 2 * WINDOW - 1), *late, *late]
    assert kernel.check(frames)[0] == (len(frames), len(late), len(late))


def test_a_frame_too_late_to_be_judged_is_told() -> None:
    kernel = Kernel()
    try:
        kernel.check([(0, WINDOW), (0, 1)])
        with pytest.raises(BenchError, match="1 frames came more than 512 places late"):
            kernel.check([(0, WINDOW), (0, 0)])
    finally:
        kernel.programs.close()


@given(st.integers(4, OCTETS - 1), st.integers(1, 255))
def test_a_stamp_that_was_changed_counts_for_no_flow(kernel: Kernel, place: int, change: int) -> None:
    before = kernel.checks.seen()
    octets = bytearray(FRAME[:-OCTETS] + stamp(RUN, 3, 5))
    octets[-OCTETS + place] ^= change
    assert kernel.run(bytes(octets)) == DROPS[kernel.program]
    seen = kernel.checks.seen()
    assert (seen.corrupted, seen.frames) == (before.corrupted + 1, before.frames)


@pytest.mark.parametrize("octets", [FRAME[:-OCTETS] + stamp(RUN + 1, 0, 0), FRAME[:-1]])
def test_other_frames_pass(kernel: Kernel, octets: bytes) -> None:
    assert kernel.run(octets) == PASSES[kernel.program]


@pytest.fixture(scope="module")
def wire() -> Iterator[None]:
    """x0 - y0."""
    with cables(NEAR, FAR, 1):
        yield


def test_all_that_was_generated_arrives_in_order(wire: None) -> None:
    with (
        Checker("y0", namespace=FAR, run=RUN) as checker,
        Generator("x0", Here(NEAR), FRAME, flows=100, run=RUN) as generator,
    ):
        checker.count_time()
        generator.send(100_000)
        sent = generator.send(50)
        seen = checker.seen()
        assert compare(sent, seen).clean
        assert [seen.flows[flow].received for flow in range(100)] == list(sent.flows)
        assert checker.busy() > 0


def test_frames_of_a_sender_are_checked_behind_xdp(wire: None) -> None:
    """On several interfaces together; no protocol receives them."""
    flows = [FRAME[:32] + struct.pack("!H", number) + FRAME[34:] for number in range(50)]
    with cables(f"{NEAR}-b", f"{FAR}-b", 2), ExitStack() as stack:
        checker = stack.enter_context(Checker("y0", "y1", namespace=f"{FAR}-b", run=RUN, tc=True))
        behind = in_namespace(f"{FAR}-b", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, _IPv4))
        stack.enter_context(behind)
        behind.setblocking(False)
        for wire_number, each in enumerate((flows[:20], flows)):
            sender = stack.enter_context(Sender(f"x{wire_number}", Here(f"{NEAR}-b"), each, run=RUN))
            sender.start(count=1000)
            sender.wait(30)
        with pytest.raises(BlockingIOError):
            behind.recv(2048)
        seen = checker.seen()
    assert seen.frames == 2000
    # The second sender's are the same frames again: what came on y0 comes a second time on y1.
    assert sum(flow.duplicated for flow in seen.flows.values()) == 20 * 20
    assert sum(flow.reordered for flow in seen.flows.values()) == 0


def test_every_conversation_is_one_of_ip(wire: None) -> None:
    """Frames of another run pass the checker: a socket behind it has them."""
    flows = 300
    with (
        Checker("y0", namespace=FAR, run=RUN + 1),
        Generator("x0", Here(NEAR), FRAME, flows=flows, run=RUN) as generator,
    ):
        behind = PacketSocket("y0", FAR)
        generator.send(flows)
        frames = [frame for _, frame, _ in iter(behind.receive, None)]
        behind.close()
    assert len(frames) == flows
    for flow, octets in enumerate(frames):
        assert octets == rebuilt(octets)
        assert octets[30:34] == bytes([198, 18]) + struct.pack("!H", flow)
        (sent,) = struct.unpack_from("<I", octets, 52)
        assert octets[-OCTETS:] == stamp(RUN, flow, 0, sent * TICK_NS)
        assert 0 <= ticks(time.time_ns()) - sent < ticks(60_000_000_000)


def rebuilt(octets: bytes) -> bytes:
    """The frame with the checksum of IP that scapy makes."""
    frame = Ether(octets)
    del frame[IP].chksum
    assert frame[UDP].dport == 9
    return bytes(frame)


def test_trouble_has_a_name(wire: None) -> None:
    with pytest.raises(BenchError, match="y9: frames cannot be checked: no interface with this name"):
        Checker("y9", namespace=FAR, run=RUN)
    with pytest.raises(ValueError, match="of a frame of 60 octets"):
        Generator("x0", Here(NEAR), FRAME + bytes(1), flows=1, run=RUN)
    with pytest.raises(ValueError, match="1 to 65536 flows"):
        Generator("x0", Here(NEAR), FRAME, flows=0, run=RUN)
    assert len(FRAME) == SHORTEST
