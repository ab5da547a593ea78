"""An agrd is killed, and another one goes on where it was; or what it left is removed."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from agr.core import lacpdu
from agr.core.lacpdu import LACPDU
from agr.daemon.linux import hooks
from testcases.selftest.daemon.lab import Lab, Namespace, RawPort, distributing, none_is_lost, ping, settle
from testcases.selftest.daemon.test_lag import EXPERIMENTAL, numbers
from testcases.selftest.host import wait_until

_LACPDU = b"\x88\x09\x01"
PORTS = ("re0", "re1")


def kill(host: Namespace) -> int:
    """As a crash ends it; returns its process id."""
    pid: int = host.status()["agrd"]["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not host.pids() and not host.directory.is_locked(), "agrd ends, and its lock with it")
    return pid


def wait_written(host: Namespace, port: str) -> None:
    """Until a later agrd would know that this port was attached."""
    wait_until(lambda: f'"{port}"' in host.files.state.read_text(), "the state is written")


def pdus(frames: list[bytes]) -> list[LACPDU]:
    return [lacpdu.decode(frame) for frame in frames if frame[12:15] == _LACPDU]


@dataclass
class Pair:
    """Two hosts whose agr0 are one link; ``found`` are the ports of the first before they were attached."""

    a: Namespace
    b: Namespace
    found: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def pair(module_lab: Lab, data_path: str) -> Pair:
    """By re0 and re1, with all conversations where they shall be. Some tests spoil it: they come last."""
    a, b = hosts = module_lab.host(), module_lab.host()
    for host in hosts:
        host.data_path = data_path
        host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    for port in PORTS:
        module_lab.wire(a, port, b, port)
    found = {port: a.snapshot(port) for port in PORTS}
    for number, host in enumerate(hosts, 1):
        host.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0", "agrport", "re1")
        host.run("ip", "address", "add", f"10.0.0.{number}/24", "dev", "agr0")
        host.run("ip", "link", "set", "agr0", "up")
    for host in hosts:
        wait_until(lambda host=host: distributing(host, *PORTS), "both ports distribute")
        settle(host)
    wait_until(lambda: agreed(a, b) and agreed(b, a), "each knows the other as it is")
    return Pair(a, b, found)


def agreed(host: Namespace, other: Namespace) -> bool:
    """Whether ``host`` has heard of the last change at ``other``."""
    known, true = host.agr0()["ports"], other.agr0()["ports"]
    return all(known[port]["partner"]["state"] == true[port]["actor"]["state"] for port in PORTS)


def test_partners_and_users_of_agr0_do_not_notice(pair: Pair) -> None:
    """State identity on the wire: no PDU with another Actor; nor does an interface or a partner change."""
    a, b = pair.a, pair.b
    before = {name: a.link(name) for name in ("agr0", "agr0.m", "re0", "re1")}
    ports = a.agr0()["ports"]
    changes = b.log().count("->")
    with RawPort(b, "re0") as re0, RawPort(b, "re1") as re1:
        first = [
            pdus([wire.wait_for(lambda seen: seen[12:15] == _LACPDU, "a LACPDU")]) for wire in (re0, re1)
        ]
        killed = kill(a)
        assert a.status()["agrd"]["pid"] != killed, "any request starts one that takes over"
        heard = {port: a.port(port)["counters"]["LACPDUsRx"] for port in ports}
        wait_until(
            lambda: all(a.port(port)["counters"]["LACPDUsRx"] > heard[port] + 3 for port in ports),
            "PDUs pass",
        )
        for wire, (one,) in zip((re0, re1), first, strict=True):
            later = pdus(wire.waiting())
            assert len(later) >= 3
            assert {str(pdu.actor) for pdu in later} == {str(one.actor)}, a.log() + b.log()
            assert {str(pdu.partner) for pdu in later} == {str(one.partner)}
    assert b.log().count("->") == changes, "no machine of the partner has moved"
    assert "taken over with re0, re1" in a.log()
    after = a.agr0()["ports"]
    for port, values in ports.items():
        kept = ("actor", "partner", "mux_state", "receive_state", "selected", "collecting", "distributing")
        assert {key: after[port][key] for key in kept} == {key: values[key] for key in kept}
    for name, link in before.items():
        shown = a.link(name)
        assert shown is not None and link is not None
        same = ("ifindex", "address", "mtu", "flags", "operstate")
        assert {key: shown[key] for key in same} == {key: link[key] for key in same}


def test_conversations_keep_their_port(pair: Pair) -> None:
    a, b = pair.a, pair.b

    def where() -> list[list[int]]:
        with RawPort(a, "agr0") as client, RawPort(b, "re0") as re0, RawPort(b, "re1") as re1:
            for number in range(64):
                head = b"\xff" * 6 + bytes((2, 0, 0, 0, 8, number)) + EXPERIMENTAL
                client.send(head + struct.pack(">H", number).ljust(46, b"\0"))
            ping(a, "10.0.0.2")
            return [sorted(numbers(wire.waiting())) for wire in (re0, re1)]

    before = where()
    kill(a)
    a.status()
    assert where() == before
    assert sorted(before[0] + before[1]) == list(range(64))


def test_traffic_goes_on_without_an_agrd(pair: Pair) -> None:
    """The data path in the kernel does; the one in Python cannot, and pauses until another agrd is there."""
    a, b = pair.a, pair.b
    in_kernel = a.agr0()["data_path"] == "bpf"
    a.run("ping", "-c", "1", "-W", "5", "10.0.0.2")  # addresses are known
    kill(a)
    pings = a.command("ping", "-c", "5", "-i", "0.05", "-W", "1", "10.0.0.2")
    done = subprocess.run(pings, capture_output=True, text=True)
    assert ("5 received" in done.stdout) == in_kernel
    a.status()
    assert none_is_lost(ping(a, "10.0.0.2"))
    assert distributing(b, "re0", "re1")


def test_what_came_between_is_acted_on(pair: Pair) -> None:
    """A cable that was pulled, a port that was deleted: agrd goes on with the rest. Spoils the pair."""
    a, b = pair.a, pair.b
    kill(a)
    b.run("ip", "link", "set", "re0", "down")
    a.status()
    wait_until(lambda: distributing(a, "re1") and not a.port("re0")["link"], "re0 has no carrier")
    kill(a)
    a.run("ip", "link", "delete", "re0")
    assert list(a.agr0()["ports"]) == ["re1"]
    assert [report["text"] for report in a.agr0()["reports"]] == [
        "port re0 is not what it was when agrd was killed: it is detached"
    ]
    assert none_is_lost(ping(a, "10.0.0.2"))


def test_an_agr0_that_was_deleted_is_no_more(pair: Pair) -> None:
    """Spoils the pair: it has no agr0 any more."""
    kill(pair.a)
    pair.a.run("ip", "link", "delete", "agr0")
    assert pair.a.status()["aggregates"] == {}
    assert pair.a.snapshot("re1") == pair.found["re1"]


def _programs(host: Namespace) -> dict[str, bool]:
    """On which interfaces a program of the data path in the kernel runs."""
    with host.entered():
        return {
            interface: hooks.find(socket.if_nametoindex(interface), name) is not None
            for interface, name in (("agr0.m", "agr_tx"), ("re0", "agr_rx"))
        }


def test_the_path_in_python_takes_over_from_the_one_in_the_kernel(bpf: None, host: Namespace) -> None:
    host.agrconfig("agr0", "create", "agrport", "re0")
    wait_written(host, "re0")
    assert _programs(host) == {"agr0.m": True, "re0": True}
    kill(host)
    host.data_path = "python"
    assert host.agr0()["data_path"] == "python"
    assert list(host.agr0()["ports"]) == ["re0"]
    assert _programs(host) == {"agr0.m": False, "re0": False}


@pytest.mark.parametrize("state", [None, "", "[]", "{}", '{"namespace": 1}', "null", "aggregates", "core"])
def test_a_state_that_is_none(host: Namespace, state: str | None) -> None:
    """Without it, or with a spoiled one, what was left is undone; nothing is half taken over."""
    found = {port: host.snapshot(port) for port in ("re0", "re1")}
    host.agrconfig("agr0", "create", "agrport", "re0", "agrport", "re1")
    wait_written(host, "re1")
    kill(host)
    if state is None:
        host.files.state.unlink()
    elif state in ("aggregates", "core"):
        content = json.loads(host.files.state.read_text())
        host.files.state.write_text(json.dumps({**content, state: {"agr0": {"ports": 3}}}))
    else:
        host.files.state.write_text(state)
    assert host.status()["aggregates"] == {}
    assert {port: host.snapshot(port) for port in found} == found
    assert host.link("agr0") is None
    host.agrconfig("agr0", "create", "agrport", "re0")


def test_destroy_removes_what_a_killed_agrd_left_of_that_one(host: Namespace) -> None:
    """Without taking it over; of another one nothing is touched."""
    found = {port: host.snapshot(port) for port in ("re0", "re1")}
    host.agrconfig("agr0", "create", "agrport", "re0")
    host.agrconfig("agr1", "create", "agrport", "re1")
    wait_written(host, "re1")
    kill(host)
    held = host.snapshot("re1")
    host.agrconfig("agr0", "destroy")
    assert host.pids() == []
    assert host.snapshot("re0") == found["re0"]
    assert host.snapshot("re1") == held
    assert host.refused("agr0", "destroy").startswith("agrconfig: agr0: destroy: ENXIO: ")
    assert host.link("agr0") is None
    assert list(host.status()["aggregates"]["agr1"]["ports"]) == ["re1"]
    host.agrconfig("agr1", "-agrport", "re1", "destroy")
    assert host.snapshot("re1") == found["re1"]


def test_agrd_by_hand_takes_over_too(host: Namespace) -> None:
    host.agrconfig("agr0", "create", "key", "77", "agrport", "re0")
    wait_written(host, "re0")
    kill(host)
    running = subprocess.Popen(
        host.command(sys.executable, "-m", "agr.daemon", "--foreground"),
        env=host.environment(),
        stderr=subprocess.DEVNULL,
    )
    wait_until(host.directory.is_served, "agrd listens")
    shown = host.agr0()
    assert (shown["key"], list(shown["ports"])) == (77, ["re0"])
    running.send_signal(signal.SIGTERM)
    assert running.wait(20) == 0
    assert host.link("agr0") is None
    assert not host.files.state.exists()


def test_an_attach_that_was_killed_is_undone(host: Namespace) -> None:
    """What the journal has and the state has not was never a port."""
    found = host.snapshot("re1")
    host.agrconfig("agr0", "create", "agrport", "re0")
    wait_written(host, "re0")
    before = host.files.state.read_bytes()
    host.agrconfig("agr0", "agrport", "re1")
    kill(host)
    host.files.state.write_bytes(before)
    assert list(host.agr0()["ports"]) == ["re0"]
    assert host.snapshot("re1") == found
    host.agrconfig("agr0", "agrport", "re1")
