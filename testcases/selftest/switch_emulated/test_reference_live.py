"""A switch with the reference's LACP, wired to one of Open vSwitch's: what a command does on the wire.

left (reference)  Gi1/0/1, Gi1/0/2 -- Gi1/0/1, Gi1/0/2 right (Open vSwitch)
left              Gi1/0/5, Gi1/0/6 -- t5, t6 of the tester
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.pdu import Frame, lacpdu_frame, marker_frame
from harness.pdu.info import PortInfo, State
from testcases.selftest.host import ip, wait_until
from testcases.selftest.switch_emulated.bench import RunningSwitch, Tap, carrier, namespaces, wire

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")

REFERENCE = ("--lacp", "reference", "--boot-time", "0.1")
STATION = "02:00:00:00:05:01"
GROUP = ["interface range gi1/0/1 - 2", "channel-group 1 mode active", "lacp rate fast", "no shutdown"]


@dataclass
class Rig:
    """Both switches, and an operator at each."""

    left: RunningSwitch
    right: RunningSwitch
    tester: str
    ssh: Any
    far: Any

    def flags(self) -> dict[str, str]:
        """Those of the left port channel and its members."""
        return self.left.summary(self.ssh)

    def bundle(self, *channel: str) -> None:
        """A LAG of both links, and more lines for the left port channel."""
        self.ssh.send_config_set([*GROUP, "interface po1", *channel])
        self.far.send_config_set(GROUP)

    def reach(self, **expected: str) -> None:
        """Waits for these flags, by short names without what ports have in common: Po1, p1, p2."""
        names = {name: name.replace("p", "Gi1/0/") if name.startswith("p") else name for name in expected}
        wanted = {names[name]: flag for name, flag in expected.items()}
        wait_until(lambda: self.flags() == wanted, f"the left switch shows {wanted}")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """The rig, up for the whole module."""
    directory: Path = tmp_path_factory.mktemp("sw")
    with namespaces("left", "right", "test") as (left_ns, right_ns, tester):
        for number in (1, 2):
            wire(left_ns, f"l{number}", right_ns, f"r{number}")
        for number in (5, 6):
            wire(left_ns, f"l{number}", tester, f"t{number}")
        left = RunningSwitch(left_ns, directory / "l", {n: f"l{n}" for n in (1, 2, 5, 6)}, *REFERENCE)
        right = RunningSwitch(right_ns, directory / "r", {n: f"r{n}" for n in (1, 2)})
        rig = Rig(left, right, tester, left.ssh(), right.ssh())
        rig.ssh.send_config_set(["interface range gi1/0/1 - 2", "shutdown"])
        yield rig
        rig.ssh.disconnect()
        rig.far.disconnect()
        assert left.stop() == 0
        assert right.stop() == 0


@pytest.fixture
def rig(running: Rig) -> Iterator[Rig]:
    """The rig as from the factory, but for the links between the switches: they are a loop, and shut."""
    yield running
    shut = ["interface range gi1/0/1 - 2", "shutdown", "no channel-group", "exit", "no interface po1"]
    running.ssh.send_config_set([*shut, "default interface gi1/0/5", "default interface gi1/0/6"])
    running.far.send_config_set(
        ["interface range gi1/0/1 - 2", "no channel-group", "exit", "no interface po1"]
    )


def test_a_lag_with_open_vswitch_at_the_other_end(rig: Rig) -> None:
    rig.bundle()
    rig.reach(Po1="SU", p1="P", p2="P")
    wait_until(lambda: set(rig.right.summary(rig.far).values()) == {"SU", "P"}, "the right one has it too")
    (mine,) = [
        line.split()
        for line in rig.ssh.send_command("show lacp internal").splitlines()
        if line.startswith("Gi1/0/1")
    ]
    assert mine[1:3] == ["FA", "bndl"]
    assert mine[4:7] == ["0x1", "0x1", "0x101"]


def test_max_bundle_keeps_a_link_in_hot_standby_and_takes_it_at_failover(rig: Rig) -> None:
    rig.bundle("lacp max-bundle 1")
    rig.reach(Po1="SU", p1="P", p2="H")
    rig.ssh.send_config_set(["interface gi1/0/1", "shutdown"])
    rig.reach(Po1="SU", p1="D", p2="P")
    assert not carrier(rig.right.namespace, "r1")
    rig.ssh.send_config_set(["interface gi1/0/1", "no shutdown", "interface po1", "no lacp max-bundle"])
    rig.reach(Po1="SU", p1="P", p2="P")


def test_min_links_take_the_port_channel_down_at_both_ends(rig: Rig) -> None:
    rig.bundle("port-channel min-links 2")
    rig.reach(Po1="SU", p1="P", p2="P")
    rig.ssh.send_config_set(["interface gi1/0/1", "shutdown"])
    rig.reach(Po1="SM", p1="D", p2="w")
    wait_until(lambda: "P" not in rig.right.summary(rig.far).values(), "the right switch uses no link")
    rig.ssh.send_config_set(["interface po1", "default port-channel min-links"])
    rig.reach(Po1="SU", p1="D", p2="P")


def test_a_marker_is_answered_and_counted(rig: Rig) -> None:
    rig.ssh.send_config_set(["interface gi1/0/5", "channel-group 1 mode active"])
    tap = Tap(rig.tester, "t5")
    tap.send(marker_frame(STATION, 5, STATION, 99))
    answers = []

    def answered() -> bool:
        frames = (Frame(0.0, data, False, "t5") for data in tap.waiting())
        answers.extend(frame.marker for frame in frames if frame.is_marker_response)
        return bool(answers)

    wait_until(answered, "the Marker is answered")
    tap.close()
    assert (answers[0].transaction_id, answers[0].requester_system) == (99, STATION)
    counters = rig.ssh.send_command("show lacp counters").splitlines()
    (row,) = [line.split() for line in counters if line.startswith("Gi1/0/5")]
    assert row[3:7] == ["0", "1", "1", "0"]


def test_in_a_flood_of_slow_protocols_the_switch_answers_and_counts_every_frame(rig: Rig) -> None:
    rig.ssh.send_config_set(["interface gi1/0/5", "channel-group 1 mode active"])
    own = PortInfo(system=STATION, key=1, port=1, state=State.Activity | State.Aggregation)
    frame = lacpdu_frame(STATION, own, PortInfo())
    before = looked_at(rig) + lost(rig)
    tap = Tap(rig.tester, "t5")
    for _ in range(5000):
        tap.send(frame)
    wait_until(lambda: looked_at(rig) + lost(rig) == before + 5000, "all frames are accounted for")
    tap.close()


def looked_at(rig: Rig) -> int:
    """LACPDUs that Gi1/0/5 has received."""
    counters = rig.ssh.send_command("show lacp counters").splitlines()
    return int(next(line.split()[2] for line in counters if line.startswith("Gi1/0/5")))


def lost(rig: Rig) -> int:
    """Frames that were too many for Gi1/0/5."""
    counters = rig.ssh.send_command("show interfaces counters errors").splitlines()
    return int(next(line.split()[4] for line in counters if line.startswith("Gi1/0/5")))


def test_reload_forgets_what_was_not_saved(rig: Rig) -> None:
    rig.ssh.send_config_set(["hostname lost", "interface gi1/0/5", "channel-group 4 mode active"])
    again = rig.left.ssh()
    again.write_channel("reload\n")
    again.read_until_pattern(r"Save\? \[yes/no\]: ")
    again.write_channel("no\n")
    again.read_until_pattern(r"\[confirm\]")
    again.write_channel("\n")
    wait_until(lambda: not again.is_alive(), "the reload closes the session")
    again.disconnect()
    rig.ssh.disconnect()

    def back() -> bool:
        try:
            rig.ssh = rig.left.ssh()
        except Exception:
            return False
        return True

    wait_until(back, "the switch is back")
    assert "Po4" not in rig.ssh.send_command("show etherchannel summary")
    wait_until(lambda: carrier(rig.tester, "t5"), "its links are up again")
    rig.ssh.send_config_set(["interface range gi1/0/1 - 2", "shutdown"])


def test_open_vswitch_knows_no_command_for_what_it_cannot_do(rig: Rig) -> None:
    rig.far.send_config_set(["interface po1"])
    for lines in (
        ["interface po1", "lacp max-bundle 2"],
        ["interface po1", "no port-channel standalone-disable"],
        ["port-channel load-balance src-dst-port"],
    ):
        assert "Invalid input detected" in rig.far.send_config_set(lines)
        assert "Invalid input" not in rig.ssh.send_config_set(["interface po1", "exit", *lines])
    rig.ssh.send_config_set(["no port-channel load-balance"])


def test_killed_started_again_and_stopped(tmp_path: Path) -> None:
    with namespaces("alone", "far") as (alone, far):
        wire(alone, "s1", far, "f1")
        switch = RunningSwitch(alone, tmp_path / "s", {1: "s1"}, *REFERENCE)
        switch.stop(signal.SIGKILL)
        switch.start()
        assert carrier(far, "f1")
        assert switch.stop() == 0
        assert list((tmp_path / "s").iterdir()) == []
        assert "s1" in ip("-n", alone, "-br", "link")


def test_a_port_that_goes_ends_the_program(tmp_path: Path) -> None:
    with namespaces("gone", "far") as (gone, far):
        wire(gone, "s1", far, "f1")
        switch = RunningSwitch(gone, tmp_path / "s", {1: "s1"}, *REFERENCE)
        ip("-n", gone, "link", "delete", "s1")
        assert switch.process.wait(20) == 1
        assert switch.process.stdout is not None
        switch.process.stdout.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--breakage", "key-zero"), "Open vSwitch cannot be broken"),
        (("--lacp", "reference", "--breakage", "nothing"), "invalid choice: 'nothing'"),
    ],
)
def test_a_bad_breakage(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    command = (sys.executable, "-m", "fixtures.switch", "--namespace", "none", "--state-dir", str(tmp_path))
    done = subprocess.run(
        (*command, "--port", "gi1/0/1=s1", *options), capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
