"""Two switches, wired back to back, and a tester: what a command does to links, bonds and frames.

On Open vSwitch, and once more on the reference model.

left  Gi1/0/1 -- Gi1/0/1 right
left  Gi1/0/2 -- Gi1/0/2 right
left  Gi1/0/5..7 -- t5, t6, t7 of the tester
right Gi1/0/5    -- u5 of the tester
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fixtures.switch.link_events import subscribe
from harness.verdict import BenchError
from testcases.selftest.host import wait_until
from testcases.selftest.switch_emulated.bench import (
    ConsoleOperator,
    RunningSwitch,
    Tap,
    carrier,
    namespaces,
    wire,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")

SLOW = bytes.fromhex("0180c2000002")
BROADCAST = b"\xff" * 6
TESTER = bytes.fromhex("020000000501")


def slow_frame(subtype: int, mark: int) -> bytes:
    """A Slow Protocols frame of 124 octets; mark tells one from another."""
    return SLOW + TESTER + bytes.fromhex("8809") + bytes([subtype, 1, mark]) + bytes(107)


def broadcast(mark: int, tag: bytes = b"") -> bytes:
    """A broadcast data frame, with a VLAN tag or without."""
    return BROADCAST + TESTER + tag + bytes.fromhex("88b5") + struct.pack("!H", mark) + bytes(60)


@dataclass
class Rig:
    """Everything that runs, and the operators: the left switch by SSH, the right one by console."""

    left: RunningSwitch
    right: RunningSwitch
    tester: str
    ssh: Any
    console: ConsoleOperator

    def bundled(self, *expected: str) -> bool:
        """Whether the members of the left port channel have these flags."""
        shown = self.left.summary(self.ssh)
        return [flag for name, flag in shown.items() if name.startswith("Gi")] == list(expected)


@pytest.fixture(scope="module", params=["openvswitch", "reference"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """The rig, up for the whole module."""
    directory: Path = tmp_path_factory.mktemp("sw")
    with namespaces("left", "right", "test") as (left_ns, right_ns, tester):
        for number in (1, 2):
            wire(left_ns, f"l{number}", right_ns, f"r{number}")
        for number in (5, 6, 7):
            wire(left_ns, f"l{number}", tester, f"t{number}")
        wire(right_ns, "r5", tester, "u5")
        lacp = ("--lacp", request.param)
        left = RunningSwitch(left_ns, directory / "l", {n: f"l{n}" for n in (1, 2, 5, 6, 7)}, *lacp)
        right = RunningSwitch(right_ns, directory / "r", {n: f"r{n}" for n in (1, 2, 5)}, *lacp)
        console = ConsoleOperator(right)
        console.login()
        rig = Rig(left, right, tester, left.ssh(), console)
        rig.ssh.send_config_set(["interface range gi1/0/1 - 2", "shutdown"])
        yield rig
        console.close()
        rig.ssh.disconnect()
        assert left.stop() == 0
        assert right.stop() == 0


@pytest.fixture
def rig(running: Rig) -> Iterator[Rig]:
    """The rig as from the factory, but for the links between the switches: they are a loop, and shut."""
    yield running
    shut = ["interface range gi1/0/1 - 2", "shutdown"]
    interfaces = [f"default interface gi1/0/{number}" for number in (1, 2, 5, 6, 7)]
    lines = [*shut, "no interface po1", *shut, "no lacp rate", "no lacp port-priority", *interfaces[2:]]
    running.ssh.send_config_set(lines)
    for line in ("configure terminal", *interfaces[:3], "no interface po1", "end"):
        running.console.enter(line, "#")


def form_lag(rig: Rig) -> None:
    """A LAG of two links, configured over SSH on one side and on the console on the other."""
    both = ["interface range gi1/0/1 - 2", "lacp rate fast", "channel-group 1 mode"]
    rig.ssh.send_config_set([*both[:2], f"{both[2]} active", "no shutdown"])
    for line in ("configure terminal", *both[:2], f"{both[2]} passive"):
        rig.console.enter(line, "#")
    rig.console.enter("end", "Switch#")
    wait_until(lambda: rig.bundled("P", "P"), "both links of the LAG are bundled")


def test_a_lag_seen_alike_by_both_ends(rig: Rig) -> None:
    form_lag(rig)
    internal = rig.ssh.send_command("show lacp internal").splitlines()
    (mine,) = [line.split() for line in internal if line.startswith("Gi1/0/1")]
    (seen,) = [
        line.split()
        for line in rig.console.enter("show lacp neighbor", "#").splitlines()
        if line.startswith("Gi1/0/1")
    ]
    assert mine[1:3] == ["FA", "bndl"]
    assert seen[1] == "FA"
    assert seen[7] == mine[6]  # the port number in the LACPDUs
    system = rig.ssh.send_command("show lacp sys-id").split(", ")[1]
    assert seen[3] == system


def test_shutdown_drops_carrier_and_is_logged_at_the_far_end(rig: Rig) -> None:
    form_lag(rig)
    rig.console.type("show clo")
    rig.ssh.send_config_set(["interface gi1/0/1", "shutdown"])
    assert not carrier(rig.right.namespace, "r1")
    rig.console.wait(r"%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet1/0/1, [^\n]* down\r\n")
    answer = rig.console.enter("ck", "Switch#")
    assert "UTC" in answer
    wait_until(lambda: rig.bundled("D", "P"), "the link is down and the other still bundled")
    rig.ssh.send_config_set(["interface gi1/0/1", "no shutdown"])
    assert carrier(rig.right.namespace, "r1")
    wait_until(lambda: rig.bundled("P", "P"), "the link is bundled again")


def test_a_port_channel_that_is_shut_shuts_its_ports(rig: Rig) -> None:
    form_lag(rig)
    rig.ssh.send_config_set(["interface po1", "shutdown"])
    assert [carrier(rig.right.namespace, name) for name in ("r1", "r2")] == [False, False]
    rows = rig.ssh.send_command("show interfaces status", use_textfsm=True)
    status = {row["port"]: row["status"] for row in rows}
    assert (status["Gi1/0/1"], status["Po1"]) == ("disabled", "disabled")


def test_a_group_of_one_port_is_aggregatable(rig: Rig) -> None:
    lines = ["interface gi1/0/1", "lacp rate fast", "channel-group 1 mode active", "no shutdown"]
    rig.ssh.send_config_set(lines)
    for line in ("configure terminal", "interface gi1/0/1", "channel-group 1 mode active", "end"):
        rig.console.enter(line, "#")
    wait_until(lambda: rig.bundled("P"), "the one link is bundled")
    internal = rig.ssh.send_command("show lacp internal").splitlines()
    (state,) = [line.split()[-1] for line in internal if line.startswith("Gi1/0/1")]
    assert int(state, 16) & 0x04


def test_without_a_partner_a_port_is_suspended(rig: Rig) -> None:
    rig.ssh.send_config_set(["interface gi1/0/5", "lacp rate fast", "channel-group 1 mode active"])
    wait_until(lambda: rig.bundled("s"), "the port is suspended")


def test_min_links_stops_the_data(rig: Rig) -> None:
    form_lag(rig)
    sender, near, far = (Tap(rig.tester, name) for name in ("t5", "t6", "u5"))
    sender.send(broadcast(1))
    assert broadcast(1) in far.receive_up_to(broadcast(1))
    rig.ssh.send_config_set(["interface po1", "port-channel min-links 2", "interface gi1/0/1", "shutdown"])
    wait_until(lambda: rig.left.summary(rig.ssh)["Po1"] == "SM", "the port channel is out of use")
    wait_until(lambda: "MINLINKS_NOTMET" in rig.ssh.send_command("show logging"), "its data stops")
    before = heard(rig)
    wait_until(lambda: heard(rig) > before + 3, "LACPDUs reach the far end, for longer than its timeout")
    sender.send(broadcast(2))
    near.receive_up_to(broadcast(2))
    rig.ssh.send_config_set(["interface po1", "no port-channel min-links"])
    wait_until(lambda: rig.left.summary(rig.ssh)["Po1"] == "SU", "it is in use again")

    def passes() -> bool:
        sender.send(broadcast(3))
        return broadcast(3) in near.receive_up_to(broadcast(3)) and not held(rig)

    wait_until(passes, "data passes again")
    sender.send(broadcast(4))
    assert broadcast(2) not in far.receive_up_to(broadcast(4))
    for tap in (sender, near, far):
        tap.close()


def heard(rig: Rig) -> int:
    """How many LACPDUs the far end of the second link has got."""
    shown = rig.console.enter("show lacp counters", "#").splitlines()
    (fields,) = [line.split() for line in shown if line.startswith("Gi1/0/2")]
    return int(fields[2])


def held(rig: Rig) -> bool:
    """Whether the last thing the left switch said of its port channel is not that it is up."""
    lines = rig.ssh.send_command("show logging").splitlines()
    last = [line for line in lines if "Interface Port-channel1" in line][-1]
    return not last.endswith("up")


def test_mode_on_bundles_without_lacp(rig: Rig) -> None:
    rig.ssh.send_config_set(["interface range gi1/0/1 - 2", "channel-group 1 mode on", "no shutdown"])
    for line in ("configure terminal", "interface range gi1/0/1 - 2", "channel-group 1 mode on", "end"):
        rig.console.enter(line, "#")
    wait_until(lambda: rig.bundled("P", "P"), "both links are in use")
    sender, far = Tap(rig.tester, "t5"), Tap(rig.tester, "u5")
    sender.send(broadcast(9))
    assert far.receive_up_to(broadcast(9)).count(broadcast(9)) == 1
    sender.close()
    far.close()


def test_a_tunnel_is_a_wire_for_slow_protocols_and_leaks_nothing(rig: Rig) -> None:
    vlan = ["switchport access vlan 77"]
    tunnel = ["switchport mode dot1q-tunnel", "l2protocol-tunnel point-to-point lacp"]
    rig.ssh.send_config_set(["interface range gi1/0/5 - 7", *vlan, "interface range gi1/0/5 - 6", *tunnel])
    sender, end, third = (Tap(rig.tester, name) for name in ("t5", "t6", "t7"))
    slow = [slow_frame(1, 1), slow_frame(2, 2)]
    for frame in slow:
        sender.send(frame)
    assert end.receive_up_to(slow[1]) == slow
    tagged = broadcast(1, tag=bytes.fromhex("81000005"))
    for frame in (tagged, broadcast(2)):
        sender.send(frame)
        assert end.receive_up_to(frame) == [frame]
    assert not any(frame in slow for frame in third.receive_up_to(broadcast(2)))
    rig.ssh.send_config_set(["interface gi1/0/6", "no l2protocol-tunnel point-to-point lacp"])
    for frame in (slow_frame(1, 3), broadcast(3)):
        sender.send(frame)
    assert end.receive_up_to(broadcast(3)) == [broadcast(3)]
    for tap in (sender, end, third):
        tap.close()


def test_vlans_keep_apart(rig: Rig) -> None:
    rig.ssh.send_config_set(["interface gi1/0/6", "switchport access vlan 9"])
    rig.ssh.send_config_set(["interface gi1/0/7", "switchport mode trunk"])
    sender, other, trunk = (Tap(rig.tester, name) for name in ("t5", "t6", "t7"))
    sender.send(broadcast(1))
    assert trunk.receive_up_to(broadcast(1)) == [broadcast(1)]
    other.send(broadcast(2))
    in_nine = broadcast(2, tag=bytes.fromhex("81000009"))
    assert trunk.receive_up_to(in_nine) == [in_nine]
    trunk.send(broadcast(3, tag=bytes.fromhex("81000009")))
    assert other.receive_up_to(broadcast(3)) == [broadcast(3)]
    for tap in (sender, other, trunk):
        tap.close()


def test_terminal_monitor_shows_the_log_over_ssh(rig: Rig) -> None:
    watching = rig.left.ssh()
    watching.send_command("terminal monitor")
    rig.ssh.send_config_set(["interface gi1/0/5", "shutdown"])
    seen = watching.read_until_pattern("LINK-5-CHANGED.*administratively down")
    assert "Interface GigabitEthernet1/0/5" in seen
    watching.disconnect()


def test_load_balance_reaches_the_bond(rig: Rig) -> None:
    form_lag(rig)
    rig.ssh.send_config_set(["port-channel load-balance src-dst-ip"])
    assert "src-dst-ip" in rig.ssh.send_command("show etherchannel load-balance")
    wait_until(lambda: rig.bundled("P", "P"), "the LAG stays up")
    rig.ssh.send_config_set(["no port-channel load-balance"])


def test_slow_protocols_do_not_leak_from_a_port_that_is_not_tunnelled(rig: Rig) -> None:
    sender, other = Tap(rig.tester, "t5"), Tap(rig.tester, "t6")
    for frame in (slow_frame(1, 1), slow_frame(2, 1), broadcast(1)):
        sender.send(frame)
    assert other.receive_up_to(broadcast(1)) == [broadcast(1)]
    sender.close()
    other.close()


def test_link_events_of_a_namespace_that_is_not_there() -> None:
    with pytest.raises(BenchError, match="no-such-namespace"):
        subscribe("no-such-namespace")
