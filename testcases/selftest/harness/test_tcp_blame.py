"""Who lost a TCP stream: the switch, or the implementation."""

from __future__ import annotations

import socket
import struct
from types import SimpleNamespace
from typing import Any

import pytest

from harness.case.tcp import End, StreamCount, blame, carried
from harness.verdict import Inconclusive
from harness.wire.virtual_loop import VirtualLoop
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import EchoTap, StillCarrier

NEAR, FAR = End("agr0", None, "192.0.2.1"), End("te-traffic", None, "192.0.2.2")
DATA, SEGMENTS = 1000, 10


def segment(source: End, sink: End, octets: int, options: int = 12) -> bytes:
    """A TCP segment in IPv4, with options in its TCP header."""
    tcp = bytes(12) + bytes([(20 + options) // 4 << 4]) + bytes(7 + options) + bytes(octets)
    length = 20 + len(tcp)
    head = struct.pack("!BBHHHBBH", 0x45, 0, length, 0, 0, 64, socket.IPPROTO_TCP, 0)
    addresses = socket.inet_aton(source.address) + socket.inet_aton(sink.address)
    return bytes(12) + b"\x08\x00" + head + addresses + tcp


class Road:
    """A stream out of the host, or into it, and its acknowledgements, on a way with a place for each loss."""

    def __init__(self, outward: bool, switch: set[int], own: set[int], acks_lost: int = 0) -> None:
        loop = VirtualLoop()
        self.client, self.tester = EchoTap(loop, "client-agr0"), EchoTap(loop, "traffic")
        port = EchoTap(loop, "t2-0")
        self.wires = [Wire("t2-0", "re0", port, StillCarrier(), capture="host", straight=False)]
        self.ends = (NEAR, FAR) if outward else (FAR, NEAR)
        for number in range(SEGMENTS):
            self._out(segment(NEAR, FAR, DATA if outward else 0), port, number, switch, own, outward)
            self._in(segment(FAR, NEAR, 0 if outward else DATA), port, number, switch, own, not outward)
        for _ in range(acks_lost):
            self.tester.send(segment(FAR, NEAR, 0))

    def _out(
        self, frame: bytes, port: EchoTap, number: int, switch: set[int], own: set[int], data: bool
    ) -> None:
        self.client.send(frame)
        if not (data and number in own):
            port.hear(frame)
            if not (data and number in switch):
                self.tester.hear(frame)

    def _in(
        self, frame: bytes, port: EchoTap, number: int, switch: set[int], own: set[int], data: bool
    ) -> None:
        self.tester.send(frame)
        if not (data and number in switch):
            port.send(frame)
            if not (data and number in own):
                self.client.hear(frame)

    def judged(self) -> None:
        aggregate: Any = SimpleNamespace(name="agr0", client=self.client)
        blame(aggregate, self.wires, self.tester, self.ends)


BOTH = pytest.mark.parametrize("outward", [True, False], ids=["from the host", "to the host"])


@BOTH
def test_nothing_lost_blames_nobody(outward: bool) -> None:
    Road(outward, set(), set()).judged()


@BOTH
def test_what_the_switch_alone_lost_is_the_bench_s(outward: bool) -> None:
    with pytest.raises(Inconclusive, match=r"^2,000 octets and 0 empty segments .*in the switch.*re0$"):
        Road(outward, {3, 4}, set()).judged()


@BOTH
def test_what_the_implementation_lost_too_is_judged(outward: bool) -> None:
    Road(outward, set(), {3}).judged()
    Road(outward, {3, 4}, {7}).judged()


def test_lost_acknowledgements_count() -> None:
    with pytest.raises(Inconclusive, match="0 octets and 3 empty segments"):
        Road(True, set(), set(), acks_lost=3).judged()


def test_octets_of_data_are_counted_without_headers_and_padding() -> None:
    tap = EchoTap(VirtualLoop(), "t")
    tap.send(segment(NEAR, FAR, 7, options=0) + bytes(20))
    tap.send(segment(NEAR, FAR, 0))
    tap.send(segment(FAR, NEAR, 99))
    tap.hear(segment(NEAR, FAR, 99))
    assert carried([tap], NEAR, FAR, sent=True) == StreamCount(7, 1)
