"""Wires of TAPs: frames, carrier, speed and duplex pass from end to end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fixtures.emulated import namespaces
from fixtures.emulated.cables import Cable, End
from fixtures.emulated.ip import ip
from fixtures.emulated.taps import TapWires
from harness.host.location import Here
from harness.host.tester_ports import OwnPorts
from harness.net.ethtool import medium, read_settings
from harness.net.packet_socket import PacketSocket
from harness.verdict import BenchError

HOST, TESTER = (f"agrt-{os.getpid()}-{end}" for end in ("host", "tester"))
CABLE = Cable((End(HOST, "re4", implementation=True), End(TESTER, "te4", mtu=9000)), speeds=True)
FRAME = bytes.fromhex("0180c2000002 020000000001 8809 01").ljust(124, b"\x55")
LONGEST_WAIT = 5.0

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")


@pytest.fixture(autouse=True)
def wires() -> Iterator[TapWires]:
    """One wire; the implementation's end is up."""
    wires = TapWires([CABLE])
    try:
        for namespace in (HOST, TESTER):
            namespaces.add(namespace)
        wires.start()
        ip("-n", HOST, "link", "set", "re4", "up")
        yield wires
    finally:
        wires.stop()
        for namespace in (HOST, TESTER):
            namespaces.remove(namespace)


def becomes(true: Callable[[], bool]) -> bool:
    """Ask until it is so, or too late."""
    deadline = time.monotonic() + LONGEST_WAIT
    while not (said := true()) and time.monotonic() < deadline:
        pass
    return said


def has_carrier() -> bool:
    return "LOWER_UP" in ip("-n", HOST, "link", "show", "dev", "re4")


def test_frames_pass_both_ways() -> None:
    with closing(PacketSocket("re4", HOST)) as host, closing(PacketSocket("te4", TESTER)) as tester:
        for source, target in ((host, tester), (tester, host)):
            source.send(FRAME)
            seen: list[bytes] = []

            def arrived(target: PacketSocket = target, seen: list[bytes] = seen) -> bool:
                got = target.receive()
                if got is not None and not got[2]:
                    seen.append(got[1])
                return bool(seen)

            assert becomes(arrived)
            assert seen == [FRAME]
    assert "mtu 9000" in ip("-n", TESTER, "link", "show", "dev", "te4")


def test_carrier_goes_and_comes_with_speed_and_duplex(tmp_path: Path) -> None:
    links = OwnPorts(tmp_path / "journal")
    assert becomes(has_carrier)
    links.set(Here(TESTER), "te4", up=False)
    assert becomes(lambda: not has_carrier())
    links.negotiate(Here(TESTER), "te4", 100, full_duplex=False)
    links.set(Here(TESTER), "te4", up=True)
    assert becomes(has_carrier)
    assert medium(read_settings(HOST, "re4")) == (100, False)


def test_they_go_with_their_process(wires: TapWires) -> None:
    wires.stop()
    assert "re4" not in ip("-n", HOST, "link", "show")


def test_what_cannot_be_made_is_said() -> None:
    with pytest.raises(BenchError, match=r"wires of TAPs: .*busy"):
        TapWires([CABLE]).start()
