"""four-port.yaml, rehearsed: straight wires are made through the switch, and some turn out to be none."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.lab import load
from harness.switch import open_switch
from harness.switch.cisco_ios.switch import CiscoIos
from testcases.selftest.runs import suites
from testcases.selftest.runs.command import LONGEST, ROOT, Done, agr_lab, lab_text, started
from testcases.selftest.runs.traces import STATE, forget

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="interfaces need root")

NAME = f"four-port{os.getpid()}"
SUITE = ROOT / "testcases" / "conformance"

BLOCKED = """
import sys

from harness.bench import transparency
from harness.cli import main

received = transparency._received
transparency._received = lambda socket: (f for f in received(socket) if f[12:15].hex() != sys.argv[1])
sys.exit(main(sys.argv[2:]))
"""
"""agr-lab on a bench that sees no frame of a slow protocol with one subtype come out of a tunnel."""


def run(*command: str | Path) -> Done:
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=LONGEST,
    )  # fmt: skip
    return Done(done.returncode, done.stdout)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The rehearsal of four-port.yaml, up: the lab file with its names."""
    text = lab_text(ROOT / "fixtures" / "labs" / "four-port.yaml")
    metal = tmp_path_factory.mktemp("four-port") / "lab.yaml"
    text = text.replace("driver: cisco_ios", "driver: cisco_ios\n  may: [reload]\n  boot_time: 60")
    metal.write_text(text.replace("name: four-port", f"name: {NAME}"))
    up = run("-m", "fixtures.rehearsal", "up", "--lab", metal)
    try:
        up.says(f"now `agr-lab run --lab {STATE / NAME / 'lab.yaml'}`")
        yield STATE / NAME / "lab.yaml"
    finally:
        down = run("-m", "fixtures.rehearsal", "down", "--lab", metal)
        forget(NAME)
    assert down.code == 0, down.out
    assert not (STATE / NAME).exists()


def configuration(lab: Path, transcript: Path) -> list[str]:
    """That of the switch."""
    section = load(lab).switch
    assert section is not None
    switch = open_switch(section, "ssh", transcript)
    assert isinstance(switch, CiscoIos)
    try:
        return switch.running_config()
    finally:
        switch.close()


def test_testcases_of_both_topologies_pass_and_leave_the_switch_as_found(lab: Path, tmp_path: Path) -> None:
    before = configuration(lab, tmp_path / "transcript")
    names = ("lf/test_header.py::test_type", "mk/test_response.py::test_header",
             "interop/test_lag_with_switch.py::test_two_channel_groups")  # fmt: skip
    done = agr_lab("run", "--lab", lab, "--reports", tmp_path, *(SUITE / name for name in names))
    assert done.code == 0, done.out
    done.says("3 testcases passed, all that apply to this bench")
    assert configuration(lab, tmp_path / "transcript") == before
    junit = (tmp_path / "junit.xml").read_text()
    testcases = junit.split("<testcase ")[1:]
    through = 'value="p0:tester (through the switch) p1:tester (through the switch)"'
    assert [through in text for text in testcases].count(True) == 2
    assert ["T1 through the switch" in text for text in testcases].count(True) == 2
    assert ['value="p0:host p1:host"' in text for text in testcases].count(True) == 1
    assert re.search(r'value="p0: GigabitEthernet1/0/1 == VLAN 3900 == .*, reaction \d', junit)


def test_an_implementation_is_checked_on_a_wire_through_the_switch(lab: Path) -> None:
    done = agr_lab("check", "implementation", "--lab", lab)
    assert done.code == 0, done.out
    done.says("all promises are kept")


def test_what_a_tunnel_does_not_pass_makes_only_what_needs_it_not_applicable(
    lab: Path, tmp_path: Path
) -> None:
    suite = suites.write(tmp_path, suites.ARRANGED)
    done = run("-c", BLOCKED, "88090a", "run", "--lab", lab, "--reports", tmp_path / "reports", suite)
    assert done.code == 0, done.out
    done.says("2 testcases passed, all that apply to this bench")
    done.says("a wire through the switch does not pass other frames to the slow protocols' address")
    said = next((tmp_path / "reports" / "transcripts").glob("*-ssh.transcript")).read_text()
    made = re.findall(r"ssh > (switchport access vlan \d+)", said)
    once = ["switchport access vlan 3900"] * 2 + ["switchport access vlan 3901"] * 2
    assert made == once  # on two ports each, for both testcases


def test_tunnels_that_eat_lacpdus_are_one_error_and_the_rest_goes_on(lab: Path, tmp_path: Path) -> None:
    suite = suites.write(tmp_path, suites.ARRANGED)
    done = run("-c", BLOCKED, "880901", "run", "--lab", lab, "--reports", tmp_path / "reports", suite)
    assert done.code == 2, done.out
    done.says("1  ERROR", "1  PASS", "2  NOT APPLICABLE")
    done.says("p0 through the switch (GigabitEthernet1/0/1 == VLAN 3900 == GigabitEthernet1/0/24): LACPDUs")
    done.says("those through the switch do not pass LACPDUs")


def test_a_switch_reloads_with_wires_through_it(lab: Path, tmp_path: Path) -> None:
    """They are the run's, and are there again; the session by the console begins anew."""
    before = configuration(lab, tmp_path / "transcript")
    done = agr_lab("run", "--lab", lab, "--reports", tmp_path, suites.write(tmp_path, suites.RELOADED))
    assert done.code == 0, done.out
    done.says("2 testcases passed, all that apply to this bench")
    assert "once more" not in done.out
    assert configuration(lab, tmp_path / "transcript") == before


def test_a_killed_run_leaves_no_tunnel_behind(lab: Path, tmp_path: Path) -> None:
    before = configuration(lab, tmp_path / "transcript")
    suite = suites.write(tmp_path, suites.TUNNELLED)
    with started("--lab", lab, suite, folder=tmp_path / "run") as running:
        running.reach(1)
        running.kill(signal.SIGKILL, group=True)
    found = configuration(lab, tmp_path / "transcript")
    assert " switchport access vlan 3900" in found and found.count(" shutdown") == 2
    done = agr_lab("clean", "--lab", lab)
    assert done.code == 0, done.out
    done.says(f"cleaned: {NAME}")
    assert configuration(lab, tmp_path / "transcript") == before
