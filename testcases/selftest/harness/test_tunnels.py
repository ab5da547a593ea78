"""Wires through a switch are proven by what passes them, and what they do not pass is known by its kind."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from harness.bench.arrangement import arrangements, tunnels
from harness.bench.places import Places
from harness.bench.transparency import Ends, reaction
from harness.bench.tunnel_counters import TunnelCounters
from harness.bench.tunnels import Tunnels, words_of
from harness.lab import Lab, load
from harness.lab.tunnel import KINDS, Tunnel
from harness.net.ethtool import link_state
from harness.net.packet_socket import PacketSocket
from harness.switch import Journal, Switch
from harness.switch.journal import Part
from harness.verdict import BenchError
from testcases.selftest.host import PATIENCE, ip, wait_until
from testcases.selftest.traffic.cables import cables

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: network namespaces")

ENDS, SWITCH = f"tunnel-e{os.getpid()}", f"tunnel-s{os.getpid()}"
SOON = 0.2
"""Seconds after which what never comes is given up."""

Passage = Callable[[str, bytes], bytes | None]
"""What a switch makes of a frame that came in on a port: None where it keeps it to itself."""


def as_it_came(_port: str, frame: bytes) -> bytes | None:
    return frame


class FakeSwitch:
    """Ports y0 and y1, which it makes a tunnel of; what it passes is the test's to say."""

    def __init__(self, passage: Passage = as_it_came, refusal: str = "") -> None:
        self.passage, self.refusal = passage, refusal
        self.made: list[tuple[str, str, int]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def tunnel(self, near: str, far: str, vlan: int, journal: Journal) -> None:
        journal.record(Part("section", near), [])
        if self.refusal:
            raise BenchError(self.refusal)
        self.made.append((near, far, vlan))
        self._thread.start()

    def shut(self, port: str) -> None:
        ip("-n", SWITCH, "link", "set", "y0", "down")

    def no_shut(self, port: str) -> None:
        ip("-n", SWITCH, "link", "set", "y0", "up")

    def restore(self, journal: Journal) -> None:
        self.close()
        journal.clear()

    def close(self) -> None:
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _carry(self) -> None:
        with closing(PacketSocket("y0", SWITCH)) as near, closing(PacketSocket("y1", SWITCH)) as far:
            while not self._ended.is_set():
                select.select([near.fileno(), far.fileno()], [], [], 0.01)
                for source, target in ((near, far), (far, near)):
                    while (got := source.receive()) is not None:
                        frame = None if got[2] else self.passage(source.interface, got[1])
                        if frame is not None and self._up():
                            target.offer(frame)

    def _up(self) -> bool:
        found = link_state(SWITCH, "y0")
        return found is not None and found.up


@pytest.fixture(scope="module", autouse=True)
def wired() -> Iterator[None]:
    """x0, of the implementation, and x1, of the tester, are plugged into y0 and y1."""
    with cables(ENDS, SWITCH, 2):
        ip("-n", ENDS, "link", "set", "x0", "down")
        yield


def of_switch(lab: Lab, folder: Path, switch: FakeSwitch) -> Tunnels:
    return Tunnels(
        lab,
        Places(lab),
        folder,
        lambda: cast(Switch, switch),
        lambda: cast(Switch, switch),
    )


def made(
    folder: Path, switch: FakeSwitch, patience: float = PATIENCE / 2, *, ends: bool = True
) -> tuple[Tunnels, Tunnel, Lab]:
    """A tunnel of that switch, as it was found to be; it ends then."""
    file = folder / "lab.yaml"
    file.write_text(
        f"kind: hardware\nname: x\nlimits: {{link_up: {patience}}}\n"
        f"implementation: {{adapter: agr, namespace: {ENDS}}}\n"
        "wires:\n  - {name: p0, port: x0, to: switch, switch_port: y0}\n"
        f"traffic: {{tester: {{interface: x1, namespace: {ENDS}}}, switch_port: y1}}\n"
        "switch: {driver: cisco_ios, ssh: {host: 192.0.2.1}}\n"
    )
    lab = load(file)
    _, arranged = arrangements(lab)
    found = of_switch(lab, folder, switch)
    try:
        lab = found.make(arranged)
    finally:
        if ends:
            switch.close()
    (wire,) = tunnels(lab)
    return found, wire.way, lab


class Learner:
    """Passes no frame back to where it has learned its destination."""

    def __init__(self) -> None:
        self._learned: dict[bytes, str] = {}

    def __call__(self, port: str, frame: bytes) -> bytes | None:
        self._learned[frame[6:12]] = port
        return None if self._learned.get(frame[:6]) == port else frame


def is_slow(frame: bytes, *subtypes: int) -> bool:
    return frame[12:14] == b"\x88\x09" and frame[14] in subtypes


def test_a_tunnel_that_passes_everything_is_a_wire_and_leaves_its_ends_as_they_were(tmp_path: Path) -> None:
    switch = FakeSwitch()
    found, way, lab = made(tmp_path, switch)
    assert (way.blocked, found.unfit, switch.made) == (frozenset(), [], [("y0", "y1", 3900)])
    assert way.fit and way.reaction > 0
    assert f"p0: y0 == VLAN 3900 == y1, reaction {way.reaction:.2f} s" in words_of(lab).values()
    end = link_state(ENDS, "x0")
    assert end is not None and not end.up
    journal = Journal(tmp_path / "tunnels.journal")
    assert journal.pending()
    of_switch(lab, tmp_path, switch).take_away()  # as the next run does
    assert not journal.pending()


def without_tags(_port: str, frame: bytes) -> bytes:
    return frame[:12] + frame[16:] if frame[12:14] == b"\x81\x00" else frame


@pytest.mark.parametrize(
    ("passage", "blocked"),
    [
        pytest.param(lambda _, f: None if is_slow(f, 10) else f, "other_subtypes", id="subtype 10"),
        pytest.param(lambda port, f: None if is_slow(f, 3) and port == "y1" else f, "other_subtypes",
                     id="OAM to the implementation"),
        pytest.param(lambda _, f: None if f[:6].hex() == "0180c200000e" else f, "reserved_groups", id="LLDP"),
        pytest.param(lambda _, f: None if f[12:14] == b"\x81\x00" else f, "tagged_frames dei", id="tags"),
        pytest.param(lambda _, f: f[:14] + bytes([f[14] & 0xEF]) + f[15:] if f[12:14] == b"\x81\x00" else f,
                     "dei", id="DEI is cleared"),
        pytest.param(without_tags, "tagged_frames dei", id="tags are taken off"),
        pytest.param(lambda _, f: None if len(f) > 1514 else f, "tagged_frames", id="tags on long frames"),
    ],
)  # fmt: skip
def test_what_does_not_pass_is_known_by_its_kind(tmp_path: Path, passage: Passage, blocked: str) -> None:
    found, way, lab = made(tmp_path, FakeSwitch(passage))
    assert way.blocked == set(blocked.split())
    assert way.fit and not found.unfit
    assert f"not passed: {KINDS[blocked.split()[0]]}" in words_of(lab)["wires through the switch"]


@pytest.mark.parametrize(
    ("switch", "words"),
    [
        pytest.param(FakeSwitch(lambda _, f: None if is_slow(f, 1) else f), "does the switch tunnel LACP",
                     id="LACPDUs are eaten"),
        pytest.param(FakeSwitch(lambda port, f: None if is_slow(f, 2) and port == "y0" else f),
                     "from x0 to x1: 01 80 c2 00 00 02", id="Markers are eaten one way"),
        pytest.param(FakeSwitch(lambda _, f: None if 1513 <= len(f) <= 1514 else f), "MTU 1504", id="MTU"),
        pytest.param(FakeSwitch(lambda *_: None), "no frame passes in 0.2 s", id="nothing passes"),
        pytest.param(FakeSwitch(Learner()), "learns addresses in VLAN 3900", id="learning"),
        pytest.param(FakeSwitch(refusal="not done: l2protocol-tunnel"), "not done: l2", id="refused"),
    ],
)  # fmt: skip
def test_a_tunnel_that_is_no_wire_is_said_once_and_is_none(
    tmp_path: Path, switch: FakeSwitch, words: str
) -> None:
    found, way, _ = made(tmp_path, switch, SOON if "passes in" in words else PATIENCE / 2)
    (said,) = found.unfit
    assert said.startswith("p0 through the switch (y0 == VLAN 3900 == y1): ") and words in said
    assert not way.fit and way.blocked == KINDS.keys()
    found.take_away()
    assert found.unfit == []


def test_a_port_that_keeps_its_carrier_is_told() -> None:
    with pytest.raises(BenchError, match="keeps carrier though the switch's port is shut"):
        reaction(cast(Ends, None), lambda: None, lambda: None, lambda: True, SOON)


def test_what_the_switch_loses_is_counted_and_nothing_else(tmp_path: Path) -> None:
    """One frame of three of the implementation's; none was on its way to it when it was down."""
    switch = FakeSwitch(lambda port, f: None if port == "y0" and f[14:15] == b"\x77" else f)
    _, _, lab = made(tmp_path, switch, ends=False)
    ip("-n", ENDS, "link", "set", "x0", "up")
    try:
        wires, counters = tunnels(lab), TunnelCounters(Places(lab))
        counters.begin(wires)
        with closing(PacketSocket("x0", ENDS)) as near, closing(PacketSocket("x1", ENDS)) as far:
            for source, target in ((near, far), (far, near)):
                frames = [bytes(6) + b"\x02" + bytes(5) + b"\x88\xb5" + bytes([n]) * 46 for n in (1, 0x77, 3)]
                for frame in frames:
                    source.send(frame)
                wait_until(lambda target=target, last=frames[2]: came_in(target, last), "the last frame")
        (said,) = counters.lost(wires)
        assert said == "the switch lost 1 frame of x0 (y0 == VLAN 3900 == y1)"
    finally:
        switch.close()
        ip("-n", ENDS, "link", "set", "x0", "down")


def came_in(target: PacketSocket, frame: bytes) -> bool:
    got = target.receive()
    return got is not None and got[1] == frame and not got[2]
