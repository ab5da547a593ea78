"""Time stamps of NICs: switched on where a NIC has them, put back, and turned into this machine's time.

No NIC of that kind is here: its driver's answers are a stand-in's, as igb (Intel i210) fills them in.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.host.location import Here
from harness.host.tester_ports import OwnPorts
from harness.net import nic_stamps
from harness.net.nic_stamps import CONFIG, STAMPS, Abilities, NicClock, abilities, clock_of, stamp_of
from harness.net.packet_socket import PacketSocket
from testcases.selftest.host import ip, wait_until

SECOND = 1_000_000_000
TAI = 37 * SECOND
"""What a NIC's clock is often ahead of CLOCK_REALTIME."""

I210 = nic_stamps.ABILITIES.pack(0x41, 0x5F, 3, 0b11, 0b11)
"""Stamps by hardware and software, by /dev/ptp3; sent: off, on; received: none, all."""
PTP_ALONE = nic_stamps.ABILITIES.pack(0x41, 0x5F, 3, 0b11, 1 << 12 | 1)
"""Of what it receives it stamps PTPv2 alone (HWTSTAMP_FILTER_PTP_V2_EVENT)."""

FOUND = CONFIG.pack(0, 1, 12)
"""As ptp4l leaves it: what is sent is stamped, and PTPv2."""

NAMESPACE = f"agrnic-{os.getpid()}"
FRAME = bytes.fromhex("0180c20000020200000000018809") + bytes(46)

root = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")


class Nic:
    """The driver of every interface, for the requests about stamps; ``asked`` are those that change it."""

    def __init__(self, can: bytes | None = I210, config: bytes | None = FOUND) -> None:
        self.can, self.config = can, config
        self.refuses = 0
        self.asked: list[tuple[str, tuple[int, ...]]] = []
        self._real = fcntl.ioctl

    def ioctl(self, descriptor: Any, request: int, argument: Any = 0) -> Any:
        if request not in (nic_stamps.SIOCETHTOOL, nic_stamps.SIOCSHWTSTAMP, nic_stamps.SIOCGHWTSTAMP):
            return self._real(descriptor, request, argument)
        name, address = struct.unpack("@16sP16x", argument)
        if request == nic_stamps.SIOCETHTOOL:
            if ctypes.c_uint32.from_address(address).value != nic_stamps.ETHTOOL_GET_TS_INFO:
                return self._real(descriptor, request, argument)
            return self._give(address, self.can)
        if request == nic_stamps.SIOCGHWTSTAMP:
            return self._give(address, self.config)
        wanted = ctypes.string_at(address, CONFIG.size)
        self.asked.append((name.rstrip(b"\0").decode(), CONFIG.unpack(wanted)))
        if self.refuses:
            raise OSError(self.refuses, os.strerror(self.refuses))
        self.config = wanted
        return 0

    def _give(self, address: int, answer: bytes | None) -> int:
        if answer is None:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        ctypes.memmove(address, answer, len(answer))
        return 0


@pytest.fixture
def nic(monkeypatch: pytest.MonkeyPatch) -> Nic:
    made = Nic()
    monkeypatch.setattr(fcntl, "ioctl", made.ioctl)
    return made


@pytest.fixture
def port() -> Iterator[Here]:
    """A place with a port `upper` that is up, and its other end `lower`."""
    ip("netns", "add", NAMESPACE)
    try:
        ip("-n", NAMESPACE, "link", "add", "upper", "up", "type", "veth", "peer", "lower")
        ip("-n", NAMESPACE, "link", "set", "lower", "up")
        yield Here(NAMESPACE)
    finally:
        ip("netns", "delete", NAMESPACE)


def test_what_a_nic_can_is_its_driver_s_to_say(nic: Nic) -> None:
    assert abilities("lo") == Abilities(True, 3)
    nic.can = PTP_ALONE
    assert abilities("lo") == Abilities(False, 3)
    nic.can = None
    assert abilities("lo") == Abilities(False, -1) and clock_of("lo") is None


def test_an_interface_of_the_kernel_s_own_has_none() -> None:
    assert not nic_stamps.stamps_all("lo")
    assert nic_stamps.read_config("lo") is None


@root
def test_stamps_are_switched_on_and_put_back(nic: Nic, port: Here, tmp_path: Path) -> None:
    links = OwnPorts(tmp_path / "journal")
    assert links.stamp(port, "upper")
    assert nic.asked == [("upper", (0, 1, 1))], "sending as it was found, all that comes in"
    assert (tmp_path / "journal").exists()
    assert links.stamp(port, "upper")
    assert len(nic.asked) == 1
    links.restore()
    assert nic.asked[1:] == [("upper", (0, 1, 12))] and nic.config == FOUND
    assert not (tmp_path / "journal").exists()


@root
def test_the_next_run_puts_back_what_a_killed_one_switched_on(nic: Nic, port: Here, tmp_path: Path) -> None:
    OwnPorts(tmp_path / "journal").stamp(port, "upper")
    OwnPorts(tmp_path / "journal").restore()
    assert nic.config == FOUND


@root
@pytest.mark.parametrize("why", ["cannot", "does not tell", "will not"])
def test_nothing_is_changed_where_a_nic(nic: Nic, port: Here, tmp_path: Path, why: str) -> None:
    if why == "cannot":
        nic.can = PTP_ALONE
    elif why == "does not tell":
        nic.config = None
    else:
        nic.refuses = errno.ERANGE
    assert not OwnPorts(tmp_path / "journal").stamp(port, "upper")
    assert len(nic.asked) == (why == "will not")
    assert not (tmp_path / "journal").exists()


@root
def test_the_kernel_s_stamps_are_whole_nanoseconds(port: Here) -> None:
    upper, lower = PacketSocket("upper", NAMESPACE), PacketSocket("lower", NAMESPACE)
    before = time.time_ns()
    upper.send(FRAME)
    got = wait_until(lower.receive, "the frame")
    own = wait_until(upper.receive, "the sender's own")
    after = time.time_ns()
    assert type(got[0]) is type(own[0]) is int
    assert before <= own[0] <= after and before <= got[0] <= after
    upper.close()
    lower.close()


class PtpClock:
    """/dev/ptpN: so many nanoseconds ahead of CLOCK_REALTIME."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
        self.ahead = TAI
        self.looks = 0
        file.touch()
        opened = os.open
        monkeypatch.setattr(os, "open", lambda path, *flags: opened(file, *flags))
        monkeypatch.setattr(time, "clock_gettime_ns", self._read)

    def _read(self, clock: int) -> int:
        assert clock & 7 == 3 and clock < 0, "a clock by its descriptor"
        self.looks += 1
        return time.time_ns() + self.ahead


@pytest.fixture
def ptp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PtpClock:
    return PtpClock(monkeypatch, tmp_path / "ptp3")


def message(kernel: int, nic: int) -> bytes:
    """SCM_TIMESTAMPING of a frame."""
    return STAMPS.pack(*divmod(kernel, SECOND), 0, 0, *divmod(nic, SECOND))


def test_a_nic_s_stamp_is_told_in_this_machine_s_time(ptp: PtpClock) -> None:
    clock = NicClock(3)
    kernel = time.time_ns()
    passed = kernel - 80_000  # so long it took until the kernel had it
    told = stamp_of(message(kernel, passed + TAI), clock, 0)
    assert abs(told - passed) < 20_000_000, "but for what this machine is held up between two looks"
    assert stamp_of(message(kernel, 0), clock, 0) == kernel, "what it sends has the kernel's alone"
    assert stamp_of(message(kernel, passed + TAI), None, 0) == kernel, "whose clock is not known"
    clock.close()


def test_no_stamp_is_before_one_that_was_told(ptp: PtpClock) -> None:
    """But for a wall clock that was set back, whose frames are not kept in the future."""
    clock = NicClock(3)
    kernel = time.time_ns()
    stamp = message(kernel, kernel - 500_000_000 + TAI)
    assert stamp_of(stamp, clock, kernel - 100) == kernel - 100
    assert stamp_of(stamp, clock, kernel + 60 * SECOND) == kernel
    clock.close()


def test_a_clock_that_is_set_meanwhile_is_looked_at_anew(ptp: PtpClock) -> None:
    clock = NicClock(3)
    ptp.ahead = 0
    kernel = time.time_ns()
    looks = ptp.looks
    told = stamp_of(message(kernel, kernel - 80_000), clock, 0)
    assert ptp.looks > looks and kernel - 80_000 - 20_000_000 < told <= kernel
    assert stamp_of(message(kernel, kernel - 5 * SECOND), clock, 0) == kernel, "of no frame that is here now"
    clock.close()
