"""The way to metal: a bench that something else started, under a lab file of kind hardware."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from harness.lab import load
from harness.switch import open_switch
from harness.switch.cisco_ios.switch import CiscoIos
from testcases.selftest.runs import suites
from testcases.selftest.runs.command import ROOT, Done, agr_lab, lab_text, started
from testcases.selftest.runs.traces import forget

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="interfaces need root")

NAME = f"rehearsal{os.getpid()}"


def rehearsal(do: str, lab: Path) -> Done:
    command = [sys.executable, "-m", "fixtures.rehearsal", do, "--lab", str(lab)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    return Done(done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """rehearsal.yaml with names of this test's own, and the bench that it names, up."""
    text = lab_text(ROOT / "fixtures" / "labs" / "rehearsal.yaml")
    path = tmp_path_factory.mktemp("rehearsal") / "lab.yaml"
    path.write_text(text.replace("rehearsal", NAME))
    up = rehearsal("up", path)
    try:
        assert up.code == 0, up.out
        yield path
    finally:
        down = rehearsal("down", path)
        forget(NAME)
    assert down.code == 0, down.out
    assert not list(Path("/run/netns").glob(f"{NAME}-*"))
    assert not Path(f"/run/agr-lab/{NAME}").exists()


def found(lab: Path, transcript: Path) -> dict[str, object]:
    """The bench as a run must leave it: the switch's configuration, every interface with its state."""
    section = load(lab).switch
    assert section is not None
    switch = open_switch(section, "ssh", transcript)
    assert isinstance(switch, CiscoIos)
    try:
        configuration = switch.running_config()
    finally:
        switch.close()
    return {"switch": configuration} | {side: links(side) for side in ("host", "tester")}


def links(side: str) -> dict[str, tuple[object, ...]]:
    """Interfaces of a namespace with what an administrator sets: flags, MTU, address, promiscuity."""
    command = ["ip", "-n", f"{NAME}-{side}", "-j", "-d", "link", "show"]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    carrier = {"LOWER_UP", "NO-CARRIER", "M-DOWN"}
    return {
        link["ifname"]: (set(link["flags"]) - carrier, link["mtu"], link["address"], link["promiscuity"])
        for link in said
    }


def test_a_second_up_is_refused(lab: Path) -> None:
    again = rehearsal("up", lab)
    assert again.code == 1
    again.says("is up already", NAME)


def test_runs_pass_and_leave_all_as_found(lab: Path, tmp_path: Path) -> None:
    """Captured at the tester's port and at the host's own; the switch is reached by both ways."""
    before = found(lab, tmp_path / "transcript")
    done = agr_lab("run", "--lab", lab, "--rows", "LF-03", "AG-01", "--reports", tmp_path / "reports")
    assert done.code == 0, done.out
    done.says("LF-03", "AG-01", "all that apply to this bench")
    assert "cleaned up" not in done.out
    assert found(lab, tmp_path / "transcript") == before
    page = (tmp_path / "reports" / "junit.xml").read_text()
    assert "ssh and console agree" in page


def test_what_a_killed_run_changed_is_undone(lab: Path, tmp_path: Path) -> None:
    """A tester's port is down, a switch's port is shut, an aggregate is there when the run is killed."""
    before = found(lab, tmp_path / "transcript")
    suite = suites.write(tmp_path, suites.CHANGES)
    with started("--lab", lab, suite, folder=tmp_path / "run") as run:
        run.reach(1)
        run.kill(signal.SIGKILL, group=True)
    assert "agr0" in links("host")
    assert found(lab, tmp_path / "transcript") != before
    done = agr_lab("clean", "--lab", lab)
    assert done.code == 0, done.out
    done.says(f"cleaned: {NAME}")
    assert found(lab, tmp_path / "transcript") == before
    assert agr_lab("clean", "--lab", lab).out == "nothing was left behind\n"


def test_slices_leave_all_as_found(lab: Path, tmp_path: Path) -> None:
    """Also where they are killed at once, with tester's ports down and an aggregate of each slice there."""
    before = found(lab, tmp_path / "transcript")
    words = ("--smoke", "--slices", "2", "--reports", tmp_path / "reports")
    done = agr_lab("run", "--lab", lab, *words)
    assert done.code == 0, done.out
    assert found(lab, tmp_path / "transcript") == before
    suite = suites.write(tmp_path, suites.SIDE_BY_SIDE)
    with started("--lab", lab, "--slices", "2", suite, folder=tmp_path / "run") as run:
        run.reach(2)
        run.kill(signal.SIGKILL, group=True)
    assert {"agr0", "agr100"} <= links("host").keys()
    assert found(lab, tmp_path / "transcript") != before
    agr_lab("clean", "--lab", lab).says(f"cleaned: {NAME}")
    assert found(lab, tmp_path / "transcript") == before
    assert agr_lab("clean", "--lab", lab).out == "nothing was left behind\n"


def test_one_run_at_a_time(lab: Path, tmp_path: Path) -> None:
    suite = suites.write(tmp_path, suites.LONG)
    with started("--lab", lab, suite, folder=tmp_path / "run") as run:
        run.reach(1)
        done = agr_lab("run", "--lab", lab, "--rows", "LF-03", "--reports", tmp_path / "reports")
        assert done.code == 2, done.out
        done.says(f"bench {NAME} is in use by another run")
        assert run.kill(signal.SIGTERM).code == 2


def test_labs_of_the_same_ports_are_run_one_after_the_other(lab: Path, tmp_path: Path) -> None:
    """Two files of one bench: each finds all as the other found it."""
    before = found(lab, tmp_path / "transcript")
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump({"extends": str(lab), "name": f"{NAME}-too"}))
    words = ["--lab", lab, "--lab", other, "--rows", "LF-03", "--reports", tmp_path / "reports"]
    try:
        done = agr_lab("run", *words)
    finally:
        forget(f"{NAME}-too")
    assert done.code == 0, done.out
    done.says(f"begins when {lab} has ended: both use port te4 in the namespace {NAME}-tester")
    ended = [line for line in done.out.splitlines() if "PASS    LF-03" in line]
    assert [f"{NAME}-too" in line for line in ended] == sorted(f"{NAME}-too" in line for line in ended)
    assert len(ended) == 2 * sum(f"{NAME}-too" in line for line in ended)
    assert found(lab, tmp_path / "transcript") == before
