"""The program: its files, its exit codes, and what a killed run left."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from fixtures.emulated import namespaces
from testcases.benchmarks.__main__ import TROUBLE, USAGE
from testcases.benchmarks.account import account
from testcases.benchmarks.hosts import PREFIX, RUN_DIRECTORY

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "testcases.benchmarks", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


@needs_root
def test_a_run_writes_its_reports_and_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    left = f"{PREFIX}left"
    namespaces.add(left)
    abandoned = subprocess.Popen(["ip", "netns", "exec", left, "sleep", "600"])
    done = run("--only", "core", "--rounds", "2", "--reports", str(tmp_path / "new"))
    assert (done.returncode, done.stderr) == (0, "")
    assert abandoned.wait(10) != 0
    assert namespaces.named(PREFIX) == []
    figures = json.loads((tmp_path / "new" / "bench.json").read_text())
    assert [one["name"] for one in figures] == ["core, LACPDUs handled", "core, port-seconds simulated"]
    assert all(one["value"] > 0 and one["rounds"] == 2 for one in figures)
    ET.parse(tmp_path / "new" / "bench.svg")
    assert "core, LACPDUs handled" in done.stdout
    lines = done.stdout.splitlines()
    assert lines[1:3] == ["core begins, 1 of 1", "  protocol core: 2 rounds"]
    assert re.fullmatch(r"core ended after \S+ s", lines[3]), "where nobody watches a line says what goes on"


@needs_root
def test_seconds_of_a_processor_are_counted_of_daemons_too() -> None:
    """Of one whose parent has ended: nobody waits for it."""
    spin = "import time\nwhile time.process_time() < 0.3: pass"
    daemon = f"import os\nif os.fork() == 0:\n os.setsid()\n exec({spin!r})"
    with account("test") as spent:
        # Its end is that of what it could write.
        subprocess.run(
            [sys.executable, "-c", daemon], preexec_fn=spent.enter, capture_output=True, check=True
        )
        user, system = spent.spent()
        group = spent._group
    assert user + system >= 0.25
    assert not group.exists()


@needs_root
def test_a_benchmark_on_wires(tmp_path: Path) -> None:
    """One short round of the round-trip time: hosts, agr, a partner in service, two ends."""
    done = run("--only", "rtt", "--rounds", "1", "--reports", str(tmp_path))
    assert done.stderr == ""
    (figure,) = json.loads((tmp_path / "bench.json").read_text())
    assert figure["name"] == "round-trip time p50"
    assert figure["value"] > 0
    assert "data path" in figure["note"]
    assert namespaces.named(PREFIX) == []


@needs_root
@pytest.mark.skipif(shutil.which("tshark") is None, reason="there is no tshark; make bench installs it")
def test_the_receiver_beside_others(tmp_path: Path) -> None:
    """One round: each was given the stream and saw some of it, in order; ours all."""
    done = run("--only", "checkers", "--rounds", "1", "--reports", str(tmp_path))
    assert done.stderr == ""
    figures = {one["name"]: one["value"] for one in json.loads((tmp_path / "bench.json").read_text())}
    missed = {name: value for name, value in figures.items() if "missed" in name}
    assert len(missed) == 3
    assert all(0 <= value < 100 for value in missed.values())
    assert figures["frames of the stream that our receiver missed"] == 0
    assert figures["frames out of order, by any checker"] == 0


@needs_root
def test_what_is_to_be_installed_is_said(tmp_path: Path) -> None:
    done = run(
        "--only", "checkers", "--rounds", "1", "--reports", str(tmp_path), PATH=str(without_tshark(tmp_path))
    )
    assert done.returncode == TROUBLE
    assert done.stderr == (
        "checkers: there is no tshark; install it: apt-get install --no-install-recommends tshark\n"
    )


def without_tshark(folder: Path) -> Path:
    """Programs of the benchmarks, and no others."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "ip").symlink_to(str(shutil.which("ip")))
    return programs


@needs_root
def test_two_runs_do_not_measure_each_other(tmp_path: Path) -> None:
    RUN_DIRECTORY.mkdir(mode=0o700, exist_ok=True)
    with (RUN_DIRECTORY / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run("--only", "core", "--rounds", "1", "--reports", str(tmp_path))
    assert done.returncode == TROUBLE
    assert done.stderr.count("\n") == 1
    assert "running already" in done.stderr


@pytest.mark.parametrize(
    "words", [["--only", "nothing"], ["--kind", "cut"], ["--rounds", "0"], ["--rounds", "x"], ["more"]]
)
def test_usage(words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == USAGE
    assert done.stderr.count("\n") == 1


@needs_root
def test_a_kind_of_change_by_itself(tmp_path: Path) -> None:
    """Two links are cut, and brought back, in a short load."""
    done = run("--only", "changes", "--kind", "cut", "--rounds", "2", "--reports", str(tmp_path))
    assert done.stderr == ""
    found = {one["name"]: one for one in json.loads((tmp_path / "bench.json").read_text())}
    assert found["cut: changes"]["value"] == found["brought back: changes"]["value"] == 2
    assert found["cut: frames"]["value"] > 0
    assert namespaces.named(PREFIX) == []
