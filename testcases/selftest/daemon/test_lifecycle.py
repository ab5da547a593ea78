"""agr interfaces and the daemon come and go: AG-01, AG-03, AG-04, AG-05, AG-12, AG-16."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from agr.core import lacpdu
from testcases.selftest.daemon.lab import Lab, Namespace, RawPort, distributing
from testcases.selftest.host import wait_until

# agr(4), EXAMPLES, with agrconfig for ifconfig
MANUAL_CREATE = """\
agrconfig agr0 create
agrconfig agr0 agrport re0
agrconfig agr0 agrport re1
"""
MANUAL_DESTROY = """\
agrconfig agr0 -agrport re0
agrconfig agr0 -agrport re1
agrconfig agr0 destroy
"""


def do(host: Namespace, block: str) -> None:
    for line in block.splitlines():
        assert host.agrconfig(*line.split()[1:]) == ""


def daemon(host: Namespace) -> int:
    pid: int = host.status()["agrd"]["pid"]
    return pid


def wait_ended(host: Namespace) -> None:
    wait_until(lambda: not host.pids(), "agrd ends")


def test_create_makes_an_interface_that_is_down(host: Namespace) -> None:
    """AG-01, AG-12."""
    host.agrconfig("agr0", "create")
    link = host.link("agr0")
    assert link is not None
    assert "UP" not in link["flags"]
    host.run("ip", "link", "set", "agr0", "up")
    assert "NO-CARRIER" in (host.link("agr0") or {})["flags"]
    shown = host.agr0()
    assert shown["ports"] == {}
    assert (shown["activity"], shown["timeout"], shown["system_priority"]) == ("active", "long", 0x8000)
    assert (shown["carrier"], shown["flags"], shown["key"]) == (False, [], 1)


def test_the_key_is_made_of_the_number(host: Namespace) -> None:
    for name, key in (("agr1", 2), ("agr65534", 65535), ("agr99999", 34465)):
        host.agrconfig(name, "create")
        assert host.status()["aggregates"][name]["key"] == key


def test_the_manuals_examples_word_for_word(host: Namespace) -> None:
    """AG-04, AG-02's two ports."""
    do(host, MANUAL_CREATE)
    assert list(host.agr0()["ports"]) == ["re0", "re1"]
    do(host, MANUAL_DESTROY)
    assert host.link("agr0") is None
    wait_ended(host)
    assert host.agrconfig() == ""


def test_ports_are_given_back_as_they_were_found(host: Namespace) -> None:
    """AG-03: one port was up, with IPv6 but without addresses; one was down; both had their own filters."""
    host.run("ip", "link", "set", "re0", "addrgenmode", "none", "up")
    host.run("ip", "link", "set", "re1", "mtu", "1600")
    host.run("tc", "qdisc", "add", "dev", "re1", "clsact")
    host.run(
        "tc", "filter", "add", "dev", "re1", "ingress", "pref", "9", "bpf", "da", "bytecode", "1,6 0 0 0"
    )
    found = {port: host.snapshot(port) for port in ("re0", "re1")}
    do(host, MANUAL_CREATE)
    for port in found:
        held = host.snapshot(port)
        assert held["ipv6"] == "1\n"
        assert held["link"]["promiscuity"] == found[port]["link"]["promiscuity"] + 1
        assert "UP" in held["link"]["flags"]
        assert "01:80:c2:00:00:02" in held["multicast"]
    do(host, MANUAL_DESTROY)
    assert {port: host.snapshot(port) for port in found} == found
    assert host.link("agr0") is None
    assert host.link("agr0.m") is None


def test_what_others_changed_on_a_port_is_restored_too(host: Namespace) -> None:
    """AG-03."""
    host.run("ip", "link", "set", "re0", "addrgenmode", "none", "up")
    found = host.snapshot("re0")
    host.agrconfig("agr0", "create", "agrport", "re0")
    host.run("ip", "link", "set", "re0", "down")
    host.run("ip", "link", "set", "re0", "mtu", "1400", "address", "02:00:00:00:00:77")
    host.agrconfig("agr0", "-agrport", "re0")
    assert host.snapshot("re0") == found


def test_an_up_port_gets_no_link_local_address_back(host: Namespace) -> None:
    """AG-03, AG-07: it had none any more, and with one it could not be attached again."""
    host.run("ip", "link", "set", "re0", "up")
    host.run("ip", "address", "flush", "dev", "re0")
    found = host.snapshot("re0")
    assert found["link"]["inet6_addr_gen_mode"] == "eui64"
    host.agrconfig("agr0", "create", "agrport", "re0", "-agrport", "re0")
    assert host.snapshot("re0") == found
    host.agrconfig("agr0", "agrport", "re0")


def test_the_first_ports_mac_is_agr0s_and_the_systems(host: Namespace) -> None:
    """AG-05."""
    host.agrconfig("agr0", "create", "agrport", "re1", "agrport", "re0")
    first = host.snapshot("re1")["link"]["address"]
    for _ in range(2):
        shown = host.agr0()
        assert (shown["mac"], shown["system"]) == (first, first)
        assert (host.link("agr0") or {})["address"] == first
        if "re1" in shown["ports"]:
            host.agrconfig("agr0", "-agrport", "re1")
    host.agrconfig("agr0", "-agrport", "re0", "agrport", "re0")
    assert host.agr0()["mac"] == host.snapshot("re0")["link"]["address"]


def test_destroy_with_ports_is_refused(host: Namespace) -> None:
    """AG-16."""
    host.agrconfig("agr0", "create", "agrport", "re0")
    said = host.refused("agr0", "destroy")
    assert said.startswith("agrconfig: agr0: destroy: EBUSY: ")
    assert "re0" in said
    assert list(host.agr0()["ports"]) == ["re0"]


def test_agrd_ends_by_itself_and_another_one_comes(host: Namespace) -> None:
    host.agrconfig("agr0", "create")
    host.agrconfig("agr1", "create")
    first = daemon(host)
    host.agrconfig("agr0", "destroy")
    assert daemon(host) == first
    host.agrconfig("agr1", "destroy")
    host.agrconfig("agr0", "create")
    assert daemon(host) != first
    assert host.pids() == [daemon(host)]


def test_an_agrd_whose_starter_has_gone_ends_with_nothing_to_do(host: Namespace) -> None:
    host.directory.prepare()
    reading, writing = os.pipe()
    os.close(reading)
    try:
        options = ("--ready-fd", str(writing), "--end-when-idle")
        agrd = host.command(sys.executable, "-m", "agr.daemon", *options)
        done = subprocess.run(agrd, pass_fds=[writing], env=host.environment(), capture_output=True)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
    assert host.log().endswith("agrd ends\n")


def test_simultaneous_creates_start_one_agrd(host: Namespace) -> None:
    command = [sys.executable, "-m", "agr.cli"]
    creating = [
        subprocess.Popen(host.command(*command, f"agr{number}", "create"), env=host.environment())
        for number in range(3)
    ]
    assert [process.wait(30) for process in creating] == [0, 0, 0]
    assert sorted(host.status()["aggregates"]) == ["agr0", "agr1", "agr2"]
    assert host.pids() == [daemon(host)]


def test_destroy_undoes_what_a_killed_agrd_left(host: Namespace) -> None:
    """What another agrd takes over see test_takeover."""
    host.run("ip", "link", "set", "re0", "addrgenmode", "none", "up")
    found = {port: host.snapshot(port) for port in ("re0", "re1")}
    host.agrconfig("agr0", "create", "agrport", "re0", "agrport", "re1")
    os.kill(daemon(host), signal.SIGKILL)
    wait_ended(host)
    assert host.link("agr0") is not None
    host.agrconfig("agr0", "destroy")
    assert {port: host.snapshot(port) for port in found} == found
    assert host.link("agr0") is None
    assert host.pids() == []


def test_a_journal_of_another_namespace_is_void(lab: Lab) -> None:
    """The inode in the default run directory's name is used again when a namespace is gone."""
    killed, later = lab.host(), lab.host()
    killed.agrconfig("agr0", "create")
    os.kill(daemon(killed), signal.SIGKILL)
    wait_ended(killed)
    later.files.journal.write_bytes(killed.files.journal.read_bytes())
    later.run("ip", "link", "add", "agr0", "type", "veth", "peer", "name", "other")
    assert later.refused("agr0", "destroy").startswith("agrconfig: agr0: destroy: ENXIO: ")
    assert later.refused("agr0", "create").startswith("agrconfig: agr0: create: EEXIST: ")
    assert later.link("agr0") is not None


def test_an_agrd_serves_its_own_namespace_only(lab: Lab) -> None:
    host, other = lab.host(), lab.host()
    host.agrconfig("agr0", "create")
    other.directory = host.directory
    assert " EXDEV: " in other.refused("agr0")


def test_sigterm_says_farewell_and_undoes_everything(lab: Lab) -> None:
    host, partner = lab.host(), lab.host()
    lab.wire(host, "re0", partner, "re0")
    partner.run("ip", "link", "set", "re0", "up")
    found = host.snapshot("re0")
    running = subprocess.Popen(
        host.command(sys.executable, "-m", "agr.daemon", "--foreground"),
        env=host.environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(host.files.control.exists, "agrd listens")
    host.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0")
    host.agrconfig("agr1", "create", "destroy")
    with RawPort(partner, "re0") as wire:
        first = lacpdu.decode(wire.wait_for(lambda frame: frame[12:15] == b"\x88\x09\x01", "a LACPDU"))
        assert first.actor.state.LACP_Timeout
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=20)
        assert running.returncode == 0
        assert "agrd ends" in said
        last = lacpdu.decode(wire.waiting()[-1])
    assert not last.actor.state.Synchronization
    assert host.snapshot("re0") == found
    assert host.link("agr0") is None


def test_a_second_agrd_is_refused(host: Namespace) -> None:
    host.agrconfig("agr0", "create")
    second = subprocess.run(
        host.command(sys.executable, "-m", "agr.daemon", "--foreground"),
        env=host.environment(),
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    assert second.stderr.startswith("agrd: EBUSY: ")
    assert host.agr0()["ports"] == {}


def test_a_deleted_port_leaves_and_is_named(host: Namespace) -> None:
    host.agrconfig("agr0", "create", "agrport", "re0", "agrport", "re1")
    host.run("ip", "link", "delete", "re0")
    wait_until(lambda: list(host.agr0()["ports"]) == ["re1"], "re0 leaves agr0")
    assert "port re0 is gone" in host.log()
    host.agrconfig("agr0", "-agrport", "re1", "destroy")


def test_a_deleted_agr0_lets_its_ports_go(host: Namespace) -> None:
    found = host.snapshot("re0")
    host.agrconfig("agr0", "create", "agrport", "re0")
    host.agrconfig("agr1", "create")
    host.run("ip", "link", "delete", "agr0")
    wait_until(lambda: list(host.status()["aggregates"]) == ["agr1"], "agr0 is forgotten")
    assert host.snapshot("re0") == found


def test_a_deletion_is_seen_although_the_kernel_dropped_its_message(host: Namespace) -> None:
    host.agrconfig("agr0", "create", "agrport", "re0")
    (pid,) = host.pids()
    os.kill(pid, signal.SIGSTOP)
    flood = "".join(f"link set re1 mtu {1400 + n % 2}\n" for n in range(1000))
    subprocess.run(host.command("ip", "-batch", "-"), input=flood, text=True, check=True)
    host.run("ip", "link", "delete", "agr0")
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: host.status()["aggregates"] == {}, "agr0 is forgotten")
    assert "messages of the kernel about interfaces were lost" in host.log()


def test_a_forced_destroy_says_farewell_and_gives_the_ports_back(lab: Lab) -> None:
    """AG-16."""
    host, partner = lab.host(), lab.host()
    for port in ("re0", "re1"):
        lab.wire(host, port, partner, port)
    found = {port: host.snapshot(port) for port in ("re0", "re1")}
    for end in (host, partner):
        end.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0", "agrport", "re1")
    wait_until(lambda: distributing(host, "re0", "re1"), "both ports distribute")
    with RawPort(partner, "re0") as wire:
        for _ in range(4):  # a farewell is one of at most three PDUs in a second
            before = lacpdu.decode(wire.wait_for(lambda frame: frame[12:15] == b"\x88\x09\x01", "a LACPDU"))
        assert before.actor.state.Synchronization
        host.agrconfig("agr0", "destroy", "force")
        last = [frame for frame in wire.waiting() if frame[12:15] == b"\x88\x09\x01"][-1]
    state = lacpdu.decode(last).actor.state
    assert not (state.Synchronization or state.Collecting or state.Distributing)
    assert {port: host.snapshot(port) for port in found} == found
    assert host.link("agr0") is None
    wait_ended(host)
    assert " ENXIO: " in host.refused("agr0", "destroy", "force")
