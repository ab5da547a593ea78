"""What others do to a port behind agr's back is found out and reported by name: AG-15."""

from __future__ import annotations

import os
import re
import signal
import subprocess

import pytest

from testcases.selftest.daemon.lab import Lab, distributing
from testcases.selftest.daemon.partner import Partner
from testcases.selftest.host import wait_until

NEW_MAC = "02:00:00:00:00:77"


class Bench:
    """agr0 of ``host`` over re0 and re1; two agrds and their partner's far ends are up."""

    def __init__(self, lab: Lab) -> None:
        self.host, self.far = lab.host(), lab.host()
        for port in ("re0", "re1"):
            lab.wire(self.host, port, self.far, port)
            self.host.run("ip", "link", "set", port, "addrgenmode", "none")
            self.far.run("ip", "link", "set", port, "addrgenmode", "none")
        self.found = {port: self.host.snapshot(port) for port in ("re0", "re1")}
        for end in (self.host, self.far):
            end.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0", "agrport", "re1")
        self.host.run("ip", "link", "set", "agr0", "up")
        wait_until(lambda: distributing(self.host, "re0", "re1"), "both ports distribute")

    def reported(self, pattern: str) -> str:
        """The report that fits, when it is there: in the status and in the log."""

        def find() -> str | None:
            texts = [report["text"] for report in self.host.agr0()["reports"]]
            return next((text for text in texts if re.search(pattern, text)), None)

        text = wait_until(find, f"a report like {pattern}")
        assert f"agr0: {text}" in self.host.log()
        return text

    def wait_left(self) -> None:
        """Until re0 is no port any more, and re1 carries all."""
        wait_until(lambda: list(self.host.agr0()["ports"]) == ["re1"], "re0 leaves agr0")
        wait_until(lambda: distributing(self.host, "re1"), "re1 distributes")
        assert self.host.agr0()["carrier"]

    def wait_given_back(self) -> None:
        """Until agrd has done with re0."""
        wait_until(lambda: "port re0 detached" in self.host.log(), "re0 is detached")


@pytest.fixture
def bench(lab: Lab) -> Bench:
    return Bench(lab)


@pytest.mark.parametrize("address", ["192.0.2.7/24", "2001:db8::7/64"])
def test_an_address_is_reported_once(bench: Bench, address: str) -> None:
    for port in ("re0", "re1"):
        bench.host.run("sysctl", "-qw", f"net.ipv6.conf.{port}.disable_ipv6=0")
        for _ in range(2):
            bench.host.run("ip", "address", "replace", address, "dev", port)
        bench.reported(f"^port {port} has got the address {address}, ")
    assert distributing(bench.host, "re0", "re1")
    assert sum(address in report["text"] for report in bench.host.agr0()["reports"]) == 2


def test_a_new_mac_is_used_and_the_found_one_restored(bench: Bench) -> None:
    system = bench.host.agr0()["system"]
    with Partner(bench.far, "re0") as partner:
        bench.host.run("ip", "link", "set", "re0", "address", NEW_MAC)
        bench.reported(f"^port re0 has the MAC address {NEW_MAC} now, it had ")
        source = bytes.fromhex(NEW_MAC.replace(":", ""))
        frame = partner.wire.wait_for(lambda seen: seen[12:15] == b"\x88\x09\x01", "a LACPDU")
        assert frame[6:12] == source
    assert bench.host.agr0()["system"] == system
    assert distributing(bench.host, "re0", "re1")
    bench.host.agrconfig("agr0", "-agrport", "re1", "-agrport", "re0")
    assert {port: bench.host.snapshot(port) for port in bench.found} == bench.found


def test_a_port_that_is_set_down_works_again_when_it_is_up(bench: Bench) -> None:
    bench.host.run("ip", "link", "set", "re0", "down")
    bench.reported("^port re0 was set down: ")
    wait_until(lambda: not bench.host.port("re0")["distributing"], "re0 distributes no more")
    assert distributing(bench.host, "re1")
    bench.host.run("ip", "link", "set", "re0", "up")
    bench.reported("^port re0 was set up again")
    wait_until(lambda: distributing(bench.host, "re0", "re1"), "both ports distribute")


def quiet(partner: Partner) -> None:
    """Until re0 sends only what is periodic: a farewell is one of at most three PDUs in a second."""
    for _ in range(4):
        partner.next_pdu()


def wait_farewell(partner: Partner) -> None:
    """Until a PDU says good-bye."""
    while True:
        state = partner.next_pdu().actor.state
        if not (state.Synchronization or state.Collecting or state.Distributing):
            return


def test_a_port_that_a_bridge_takes_leaves_and_stays_the_bridges(bench: Bench) -> None:
    bench.host.run("ip", "link", "add", "br0", "type", "bridge")
    with Partner(bench.far, "re0") as partner:
        quiet(partner)
        bench.host.run("ip", "link", "set", "re0", "master", "br0")
        wait_farewell(partner)
    bench.reported("^port re0 was made a port of br0: it is detached")
    bench.wait_left()
    bench.wait_given_back()
    now = bench.host.snapshot("re0")
    assert now["link"]["master"] == "br0"
    assert "UP" in now["link"]["flags"]
    assert now["filters"] == bench.found["re0"]["filters"]
    assert now["qdiscs"] == bench.found["re0"]["qdiscs"]


def test_a_renamed_port_leaves_and_is_given_back_under_its_name(bench: Bench) -> None:
    with Partner(bench.far, "re0") as partner:
        quiet(partner)
        bench.host.run("ip", "link", "set", "re0", "name", "x0")
        wait_farewell(partner)
    bench.reported("^port re0 is called x0 now: it is detached")
    bench.wait_left()
    bench.wait_given_back()
    now = bench.host.snapshot("x0")
    now["multicast"] ^= {"x0", "re0"}  # ip-maddress begins with the name
    assert now == bench.found["re0"]
    bench.host.agrconfig("agr0", "agrport", "x0")
    wait_until(lambda: distributing(bench.host, "x0", "re1"), "it distributes under its new name")


def test_a_port_whose_address_and_then_name_change_is_given_back(bench: Bench) -> None:
    """As a .link file of systemd does in one go: a port is known by its ifindex."""
    bench.host.run("ip", "link", "set", "re0", "address", NEW_MAC)
    bench.reported(f"^port re0 has the MAC address {NEW_MAC} now")
    bench.host.run("ip", "link", "set", "re0", "name", "x0")
    bench.wait_left()
    bench.wait_given_back()
    now = bench.host.snapshot("x0")
    now["multicast"] ^= {"x0", "re0"}
    assert now == bench.found["re0"]


def test_ports_that_swap_their_names_are_each_given_back(bench: Bench) -> None:
    for old, new in (("re0", "x"), ("re1", "re0"), ("x", "re1")):
        bench.host.run("ip", "link", "set", old, "name", new)
    wait_until(lambda: not bench.host.agr0()["ports"], "both leave agr0")
    wait_until(
        lambda: not bench.host.files.journal.read_text().count('"ipv6_disabled"'), "both are given back"
    )
    for port, before in (("re0", "re1"), ("re1", "re0")):
        now, found = bench.host.snapshot(port), bench.found[before]
        assert {**now, "multicast": None} == {**found, "multicast": None}
    bench.host.agrconfig("agr0", "agrport", "re0", "agrport", "re1")
    wait_until(lambda: distributing(bench.host, "re0", "re1"), "they are ports under the names of now")


def test_agr0_under_another_name_goes_on_and_is_removed(bench: Bench) -> None:
    """agrconfig calls it agr0 still; its carrier, its MTU and its end are those of the interface it is."""
    bench.host.run("ip", "link", "set", "agr0", "name", "lag0")
    bench.host.run("ip", "link", "set", "agr0.m", "name", "mate0")
    bench.reported("^the interface agr0 is called lag0 now")
    bench.host.run("ip", "link", "set", "lag0", "mtu", "1400")
    wait_until(lambda: (bench.host.link("re0") or {})["mtu"] == 1400, "its ports follow its MTU")
    for port in ("re0", "re1"):
        bench.far.run("ip", "link", "set", port, "down")
    wait_until(lambda: not bench.host.agr0()["carrier"], "it has no carrier")
    for port in ("re0", "re1"):
        bench.far.run("ip", "link", "set", port, "up")
    wait_until(lambda: bench.host.agr0()["carrier"], "it has carrier again")
    bench.host.agrconfig("agr0", "destroy", "force")
    assert bench.host.link("lag0") is bench.host.link("mate0") is None
    assert bench.host.snapshot("re1") == bench.found["re1"]


def test_a_deleted_port_leaves(bench: Bench) -> None:
    bench.host.run("ip", "link", "delete", "re0")
    bench.reported("^port re0 is gone: .*deleted")
    bench.wait_left()


def test_a_port_that_is_moved_away_leaves(lab: Lab, bench: Bench) -> None:
    other = lab.host()
    bench.host.run("ip", "link", "set", "re0", "netns", other.name)
    bench.reported("^port re0 is gone: .*moved to another network namespace")
    bench.wait_left()
    bench.host.agrconfig("agr0", "-agrport", "re1", "destroy")


def test_what_happens_while_the_kernels_messages_are_lost_is_found_out(bench: Bench) -> None:
    (pid,) = bench.host.pids()
    os.kill(pid, signal.SIGSTOP)
    bench.host.run("ip", "link", "add", "x1", "type", "veth", "peer", "name", "x1.far")
    flood = "".join(f"link set x1 mtu {1400 + n % 2}\n" for n in range(1000))
    subprocess.run(bench.host.command("ip", "-batch", "-"), input=flood, text=True, check=True)
    bench.host.run("ip", "link", "set", "re0", "address", NEW_MAC)
    bench.host.run("ip", "address", "add", "192.0.2.7/24", "dev", "re1")
    os.kill(pid, signal.SIGCONT)
    bench.reported(f"^port re0 has the MAC address {NEW_MAC} now")
    bench.reported("^port re1 has got the address 192.0.2.7/24")


def test_many_changes_at_once_leave_agr0_consistent(bench: Bench) -> None:
    for count in range(5):
        bench.host.run("ip", "link", "set", "re0", "down")
        bench.host.run("ip", "link", "set", "re0", "address", f"02:00:00:00:01:{count:02x}", "up")
    bench.host.run("ip", "link", "set", "re0", "name", "x0")
    bench.wait_left()
    bench.host.agrconfig("agr0", "-agrport", "re1", "destroy")
    assert bench.host.snapshot("re1") == bench.found["re1"]
