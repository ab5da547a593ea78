"""A planned -agrport: nothing is lost or out of order, the partner is told, nobody waits (AG-03, 43.2.5)."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from agr.cli.client import Client
from agr.control.protocol import Refusal
from agr.core.lacpdu import LACPDU
from testcases.selftest.daemon.lab import Lab, Namespace, RawPort, distributing, settle
from testcases.selftest.daemon.partner import Partner
from testcases.selftest.daemon.test_lag import EXPERIMENTAL
from testcases.selftest.host import wait_until

Pair = tuple[Namespace, Namespace]


@pytest.fixture
def pair(lab: Lab, data_path: str) -> Pair:
    """Two hosts whose agr0 are one link over re0 and re1."""
    a, b = hosts = lab.host(), lab.host()
    for host in hosts:
        host.data_path = data_path
        host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    for port in ("re0", "re1"):
        lab.wire(a, port, b, port)
    for host in hosts:
        host.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0", "agrport", "re1")
        host.run("ip", "link", "set", "agr0", "up")
    for host in hosts:
        wait_until(lambda host=host: distributing(host, "re0", "re1"), "both ports distribute")
        settle(host)
    return hosts


class Stream:
    """Numbered frames of 16 conversations, from one agr0 to the other, as long as it is entered."""

    def __init__(self, a: Namespace, b: Namespace) -> None:
        self._client, self._other = RawPort(a, "agr0"), RawPort(b, "agr0")
        self._enough, self._all = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._send), threading.Thread(target=self._receive)]
        self._sent = 0
        self.arrived: list[int] = []

    def __enter__(self) -> Stream:
        for thread in self._threads:
            thread.start()
        return self

    def _send(self) -> None:
        while not self._enough.wait(0.001):
            head = b"\xff" * 6 + bytes((2, 0, 0, 0, 8, self._sent % 16)) + EXPERIMENTAL
            self._client.send(head + struct.pack(">I", self._sent).ljust(46, b"\0"))
            self._sent += 1

    def _receive(self) -> None:
        while not self._all.is_set():
            frame = self._other.receive(0.05)
            if frame is not None and frame[12:14] == EXPERIMENTAL:
                self.arrived.append(struct.unpack_from(">I", frame, 14)[0])

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._threads[0].join()
        try:
            wait_until(lambda: len(self.arrived) >= self._sent, f"all of {self._sent} frames arrive")
        finally:
            self._all.set()
            self._threads[1].join()
            self._client.__exit__()
            self._other.__exit__()


def _carries_all(host: Namespace, port: str) -> bool:
    ports = host.agr0()["ports"]
    return [name for name in ports if ports[name]["distributing"]] == [port]


@pytest.mark.parametrize("stands_by", [False, True], ids=["both carry data", "re1 stands by"])
def test_no_conversation_loses_its_order(pair: Pair, stands_by: bool) -> None:
    a, b = pair
    if stands_by:
        a.agrconfig("agr0", "max-links", "1")
        for host in pair:
            wait_until(lambda host=host: _carries_all(host, "re0"), "re1 stands by")
            settle(host)
    with Stream(a, b) as stream:
        moves = a.agr0()["moves"]
        a.agrconfig("agr0", "-agrport", "re0")
        assert list(a.agr0()["ports"]) == ["re1"]
    assert sorted(stream.arrived) == list(range(len(stream.arrived))), "all, and each once"
    for conversation in range(16):
        mine = [number for number in stream.arrived if number % 16 == conversation]
        assert mine == sorted(mine)
    after = a.agr0()["moves"]
    assert after["Moves"] > moves["Moves"]
    assert after["held"] == 0


@pytest.fixture
def partner(lab: Lab) -> Iterator[tuple[Namespace, Partner]]:
    """agr0 of a host with the ports re0, and re1 that has nobody; a scripted partner at the end of re0."""
    host, other = lab.host(), lab.host()
    for namespace in (host, other):
        namespace.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    for port in ("re0", "re1"):
        lab.wire(host, port, other, port)
        other.run("ip", "link", "set", port, "up")
    host.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0", "agrport", "re1")
    with Partner(other, "re0") as partner:
        partner.state.Synchronization = partner.state.Collecting = partner.state.Distributing = True
        partner.run_until(lambda: distributing(host, "re0"), "re0 distributes")
        partner.wire.waiting()  # what was sent before
        yield host, partner


def until_farewell(partner: Partner) -> LACPDU:
    """The next LACPDU without Synchronization."""
    while (pdu := partner.next_pdu()).actor.state.Synchronization:
        pass
    return pdu


def talk(partner: Partner, enough: threading.Event) -> None:
    """Be willing until it is ``enough``, then silent."""
    partner.state.Synchronization = partner.state.Collecting = partner.state.Distributing = True
    partner.run_until(enough.is_set, "the test goes on", 30)
    partner.wire.waiting()  # what was sent before


def distributes(host: Namespace, number: int) -> bool:
    """Whether the one port of that aggregate does."""
    shown: bool = host.status()["aggregates"][f"agr{number}"]["ports"][f"re{number}"]["distributing"]
    return shown


def detaching(host: Namespace, port: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "agr.cli", "agr0", "-agrport", port]
    return subprocess.Popen(host.command(*command), env=host.environment(), text=True)


def test_nobody_waits_for_a_port_that_leaves(partner: tuple[Namespace, Partner]) -> None:
    """Its partner goes on Distributing after the farewell, so agrd gives it time."""
    host, other = partner
    attached = host.snapshot("re0")
    with host.entered():
        client = Client(host.directory)
        client.ask({"do": "status"})  # connected: what follows must take less than that time
    leaving = detaching(host, "re0")
    farewell = until_farewell(other)
    assert not (farewell.actor.state.Collecting or farewell.actor.state.Distributing)
    client.ask({"do": "create", "aggregate": "agr1"})
    for verb in ("-agrport", "agrport"):
        client.ask({"do": verb, "aggregate": "agr0", "port": "re1"})
    with pytest.raises(Refusal, match="re0 is a port of agr0 already"):
        client.ask({"do": "agrport", "aggregate": "agr1", "port": "re0"})
    assert leaving.poll() is None
    assert leaving.wait(15) == 0
    client.close()
    assert host.snapshot("re0") != attached
    assert list(host.agr0()["ports"]) == ["re1"]


def test_a_port_that_is_deleted_while_it_leaves(partner: tuple[Namespace, Partner]) -> None:
    host, other = partner
    leaving = detaching(host, "re0")
    until_farewell(other)
    host.run("ip", "link", "delete", "re0")
    assert leaving.wait(15) == 0
    assert list(host.agr0()["ports"]) == ["re1"]
    host.agrconfig("agr0", "-agrport", "re1", "destroy")


def test_two_requests_to_detach_one_port(partner: tuple[Namespace, Partner]) -> None:
    host, other = partner
    leaving = [detaching(host, "re0")]
    until_farewell(other)
    leaving.append(detaching(host, "re0"))
    assert [process.wait(15) for process in leaving] == [0, 0]
    assert list(host.agr0()["ports"]) == ["re1"]


def test_sigterm_lets_all_ports_leave_at_the_same_time(lab: Lab) -> None:
    """Their partners go on Distributing, so each takes its time: none is gone when the last begins."""
    host, other = lab.host(), lab.host()
    for number in range(2):
        lab.wire(host, f"re{number}", other, f"re{number}")
        other.run("ip", "link", "set", f"re{number}", "up")
        host.agrconfig(f"agr{number}", "create", "timeout", "short", "agrport", f"re{number}")
    with Partner(other, "re0") as first, Partner(other, "re1") as second:
        ready = threading.Event()
        talks = [threading.Thread(target=talk, args=(partner, ready)) for partner in (first, second)]
        for thread in talks:
            thread.start()
        for number in range(2):
            wait_until(lambda number=number: distributes(host, number), f"re{number} distributes")
        ready.set()
        for thread in talks:
            thread.join()
        attached = host.snapshot("re0"), host.snapshot("re1")
        (pid,) = host.pids()
        os.kill(pid, signal.SIGTERM)
        until_farewell(first)
        until_farewell(second)
        assert (host.snapshot("re0"), host.snapshot("re1")) == attached
        wait_until(lambda: not host.pids(), "agrd ends")
    assert (host.link("agr0"), host.link("agr1")) == (None, None)
