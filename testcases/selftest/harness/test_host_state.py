"""What a bench changes on the implementation's host is on disk before, and is undone by who comes next."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from harness.bench.host_state import HostState, host_journal, left_words
from harness.dut.host import Host
from harness.dut.interface import InterfaceState, read_interface
from harness.host.location import End, Here
from harness.switch.journal import Entry, Part
from harness.verdict import BenchBroken, BenchError, ImplementationRefused
from testcases.selftest.host import ip

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")
PORTS = ["re4", "re5"]
CHANGES = [
    "ip link set dev re4 mtu 1400 address 02:00:5e:00:53:77 multicast off",
    "ip link set dev re4 down",
    "ip address add 192.0.2.1/24 dev re5",
    "ip address delete 192.0.2.9/24 dev re4",
    "tc qdisc add dev re4 clsact",
    "tc qdisc add dev re5 root tbf rate 1mbit burst 10k latency 10ms",
    "sysctl -qw net/ipv6/conf/re5/disable_ipv6=1",
    "ip link add name made type veth peer name mate",
    "ip link add other type bridge",
]
"""What testcases do, and worse."""


@pytest.fixture
def namespace() -> Iterator[str]:
    name = f"agrj-{os.getpid()}-h"
    ip("netns", "add", name)
    try:
        ip("-n", name, "link", "add", "re4", "up", "type", "veth", "peer", "re5")
        ip("-n", name, "link", "set", "re5", "up")
        ip("-n", name, "address", "add", "192.0.2.9/24", "dev", "re4")
        yield name
    finally:
        ip("netns", "delete", name)


class Reset:
    """What the implementation is asked to do, which it may refuse."""

    def __init__(self) -> None:
        self.times = 0
        self.failure: Exception | None = None

    def __call__(self) -> None:
        self.times += 1
        if self.failure is not None:
            raise self.failure


def states(host: Host) -> dict[str, InterfaceState | None]:
    """Of the ports; IPv6's own addresses come and go."""
    return {port: _without_own(read_interface(host, port)) for port in PORTS}


def _without_own(state: InterfaceState | None) -> InterfaceState | None:
    if state is None:
        return None
    kept = tuple(address for address in state.addresses if not address.startswith("fe80:"))
    return InterfaceState(**{**vars(state), "addresses": kept})


def links(namespace: str) -> set[str]:
    return {
        line.split(":")[1].split("@")[0].strip() for line in ip("-n", namespace, "-o", "link").splitlines()
    }


def test_a_killed_run_is_undone_by_the_next(namespace: str, tmp_path: Path) -> None:
    host, journal, reset = Host(Here(namespace)), host_journal(tmp_path), Reset()
    before, there = states(host), links(namespace)
    HostState(host, journal, PORTS, reset).begin()
    for command in CHANGES:
        host.tool(command.split())
    host.making("made")  # again: it stands there once
    assert links(namespace) == there | {"made", "mate", "other"}
    entries = {entry.part.name: entry.before for entry in journal.entries()}
    assert [name for name, found in entries.items() if found is None] == ["made", "mate", "other"]

    after = Host(Here(namespace))
    HostState(after, journal, PORTS, reset).begin()
    assert states(host) == before and links(namespace) == there
    assert {entry.part.name for entry in journal.entries()} == set(PORTS)  # its own


def test_a_run_that_ends_leaves_no_journal(namespace: str, tmp_path: Path) -> None:
    host, reset = Host(Here(namespace)), Reset()
    before = states(host)
    state = HostState(host, host_journal(tmp_path), PORTS, reset)
    state.begin()
    host.tool(CHANGES[0].split())
    state.undo()
    assert states(host) == before and reset.times == 2
    assert not host_journal(tmp_path).pending() and left_words(host_journal(tmp_path)) == ""


def test_an_implementation_that_does_not_go_is_taken_away(namespace: str, tmp_path: Path) -> None:
    host, reset = Host(Here(namespace)), Reset()
    state = HostState(host, host_journal(tmp_path), PORTS, reset)
    state.begin()
    host.making("agr0")  # as an adapter says
    ip("-n", namespace, "link", "add", "agr0", "type", "bridge")
    reset.failure = ImplementationRefused("agrconfig agr0 destroy force", "exit 1: no")
    state.undo()
    assert "agr0" not in links(namespace)


def test_what_a_slice_makes_is_undone_by_who_holds_the_bench(namespace: str, tmp_path: Path) -> None:
    host, reset = Host(Here(namespace)), Reset()
    holder = HostState(host, host_journal(tmp_path), PORTS, reset)
    holder.begin()
    a_slice = Host(Here(namespace))
    HostState(a_slice, host_journal(tmp_path), PORTS, reset).join()
    a_slice.tool(["ip", "link", "add", "agr1", "type", "bridge"])
    holder.undo()
    assert "agr1" not in links(namespace) and not host_journal(tmp_path).pending()


def test_what_was_there_is_nobody_s_to_take_away(namespace: str, tmp_path: Path) -> None:
    host = Host(Here(namespace))
    ip("-n", namespace, "link", "add", "br0", "type", "bridge")
    state = HostState(host, host_journal(tmp_path), PORTS, Reset())
    state.begin()
    with pytest.raises(ImplementationRefused, match="File exists"):
        host.tool(["ip", "link", "add", "br0", "type", "bridge"])
    state.undo()
    assert "br0" in links(namespace)


def test_what_cannot_be_put_back_is_told_and_kept(namespace: str, tmp_path: Path) -> None:
    host, journal = Host(Here(namespace)), host_journal(tmp_path)
    state = HostState(host, journal, PORTS, Reset())
    state.begin()
    ip("-n", namespace, "link", "delete", "re4")
    with pytest.raises(
        BenchError,
        match=r"re4: it is gone; .*host\.journal: the next run .*by hand: see that re4, re5 are as",
    ):
        state.undo()
    assert journal.pending()


def test_a_host_that_is_lost_is_told_with_what_is_left_there(namespace: str, tmp_path: Path) -> None:
    host, reset = Host(Here(namespace)), Reset()
    state = HostState(host, host_journal(tmp_path), PORTS, reset)
    state.begin()
    host.making("agr0")
    reset.failure = BenchBroken("implementation.at: ssh dut: the connection is lost")
    with pytest.raises(
        BenchBroken, match=r"is lost; .*host\.journal.* by hand: take away agr0, see that re4, re5 are"
    ):
        state.undo()
    assert host_journal(tmp_path).knows(Part("interface", "agr0"))


def test_a_port_that_is_not_there_is_not_noted(namespace: str, tmp_path: Path) -> None:
    state = HostState(Host(Here(namespace)), host_journal(tmp_path), ["re4", "re9", "re4"], Reset())
    state.begin()
    (entry,) = host_journal(tmp_path).entries()
    assert isinstance(entry, Entry) and entry.part == Part("port", "re4")


@pytest.mark.parametrize(
    ("command", "made"),
    [
        ("ip link add name a type veth peer name b", ["a", "b"]),
        ("ip link add dev a up type bridge", ["a"]),
        ("ip link add a type bridge", ["a"]),
        ("ip link set a up", []),
        ("ip address add 192.0.2.1/24 dev a", []),
    ],
)
def test_what_iproute2_makes_is_known_before(command: str, made: list[str]) -> None:
    told: list[str] = []
    host = Host(Pretence(told))
    host.making = told.append
    host.tool(command.split())
    assert told == [*made, "done"]


class Pretence(Here):
    """Where every command does nothing, and is well; it is told among the rest."""

    def __init__(self, told: list[str]) -> None:
        super().__init__(None)
        self._told = told

    def run(self, command: list[str], environment: Mapping[str, str], seconds: float) -> End:
        self._told.append("done")
        return End(0, "", "", 0.0)
