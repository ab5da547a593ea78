"""Frames that are sent from a machine elsewhere: in order, waited for, and known by how late they leave."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable

import pytest

from harness.host.far_sending import Sending
from harness.pdu import Frame
from harness.verdict import BenchError
from harness.wire.far_outbox import SHOWN, FarOutbox
from harness.wire.virtual_loop import VirtualLoop
from testcases.selftest.host import wait_until

FRAMES = [bytes([number]) * 64 for number in range(3)]
PATIENCE = 5.0


class Bench:
    """A port elsewhere, in virtual time."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self.offered: list[bytes] = []
        self.discards = 0
        self.outbox = FarOutbox(self.loop, self.offered.append, self._discard, "interface te4", PATIENCE)

    def _discard(self) -> None:
        self.discards += 1

    def leaves(self, data: bytes) -> None:
        """It is captured there now."""
        self.outbox.left(Frame(self.loop.now(), data, True, "te4"))


def test_a_frame_is_late_by_the_way_here_of_what_it_answers_and_the_way_there() -> None:
    bench = Bench()
    came = bench.loop.now()
    bench.loop.run_for(0.1)
    bench.outbox.came(Frame(came, FRAMES[1], False, "te4"))
    bench.outbox.send(FRAMES[0])
    assert bench.outbox.waiting
    bench.loop.run_for(0.2)
    bench.leaves(FRAMES[0])
    assert not bench.outbox.waiting
    delay = bench.outbox.delay
    assert (delay.frames, delay.longest) == (1, pytest.approx(0.3))
    assert delay.text() == "interface te4: frames sent up to 300 ms late: 1 (the way there and back)"
    bench.outbox.forget()
    assert bench.outbox.delay.frames == 0 and bench.discards == 1


def test_one_that_is_under_way_is_late_already() -> None:
    bench = Bench()
    bench.outbox.send(FRAMES[0])
    bench.loop.run_for(1.0)
    assert bench.outbox.delay.longest == pytest.approx(1.0)
    assert bench.outbox.waiting
    bench.loop.run_for(PATIENCE)
    assert not bench.outbox.waiting


def test_short_frames_may_come_filled_up_and_those_before_never_leave() -> None:
    bench = Bench()
    for frame in (FRAMES[0], b"short", FRAMES[1]):
        bench.outbox.send(frame)
    bench.loop.run_for(2 * SHOWN)
    bench.leaves(b"short".ljust(60, b"\0"))
    bench.leaves(FRAMES[2])  # another's
    assert bench.outbox.waiting
    bench.leaves(FRAMES[1])
    assert not bench.outbox.waiting
    assert bench.outbox.delay.frames == 2
    assert bench.offered == [FRAMES[0], b"short", FRAMES[1]]


def test_what_cannot_be_handed_over_is_not_under_way() -> None:
    def refuses(frame: bytes) -> None:
        raise BenchError("no")

    outbox = FarOutbox(VirtualLoop(), refuses, lambda: None, "interface te4", PATIENCE)
    with pytest.raises(BenchError, match="no"):
        outbox.send(FRAMES[0])
    assert not outbox.waiting


class Port:
    """It refuses as long as there is a reason."""

    def __init__(self, reason: int) -> None:
        self.reason = reason
        self.asked = threading.Event()
        self.taken: list[bytes] = []

    def offer(self, frame: bytes) -> None:
        self.asked.set()
        if self.reason:
            raise OSError(self.reason, os.strerror(self.reason))
        self.taken.append(frame)


def sends(port: Port, patience: float, faults: list[str]) -> tuple[Sending, Callable[[bytes], None]]:
    sending = Sending(port.offer, patience)
    return sending, lambda frame: sending.put(frame, faults.append)


def test_frames_wait_in_order_while_a_fault_may_pass() -> None:
    port, faults = Port(errno.ENOBUFS), list[str]()
    sending, send = sends(port, 3600.0, faults)
    for frame in FRAMES:
        send(frame)
    assert port.asked.wait(PATIENCE) and faults == []
    port.reason = 0
    wait_until(lambda: len(faults) == len(FRAMES), "all frames")
    assert port.taken == FRAMES and faults == [""] * len(FRAMES)
    sending.end()


@pytest.mark.parametrize(("reason", "patience"), [(errno.EMSGSIZE, 3600.0), (errno.ENETDOWN, 0.0)])
def test_a_fault_that_does_not_pass_is_told_and_the_next_frame_goes(reason: int, patience: float) -> None:
    port, faults = Port(reason), list[str]()
    sending, send = sends(port, patience, faults)
    send(FRAMES[0])
    wait_until(lambda: faults, "the fault")
    port.reason = 0
    send(FRAMES[1])
    wait_until(lambda: len(faults) == 2, "the next frame")
    assert faults == [os.strerror(reason), ""] and port.taken == [FRAMES[1]]
    sending.end()


def test_what_waits_is_dropped_where_it_is_discarded_or_ended() -> None:
    port, faults = Port(errno.ENETDOWN), list[str]()
    sending, send = sends(port, 3600.0, faults)
    send(FRAMES[0])
    send(FRAMES[1])
    assert port.asked.wait(PATIENCE)
    sending.discard()
    wait_until(lambda: faults == [""], "that it gives up")
    port.reason = 0
    send(FRAMES[2])
    wait_until(lambda: port.taken == [FRAMES[2]], "the last frame alone")
    port.reason = errno.ENETDOWN
    send(FRAMES[0])
    sending.end()
    sending.join(PATIENCE)
    assert not sending.is_alive()
