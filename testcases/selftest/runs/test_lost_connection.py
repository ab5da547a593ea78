"""A connection to the implementation's host that is lost: one ERROR, and the bench as it was found."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from testcases.selftest.host import wait_until
from testcases.selftest.runs.command import ROOT
from testcases.selftest.runs.far_lab import AGRCONFIG, FarLab, far_lab

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")

LOST = "the connection is lost"
HANGS_AT_THE_END = """#!/bin/sh
# As the real one; but where the folder is there, it does not come to destroy.
case "$*" in *destroy*) if mkdir {folder}/now 2>/dev/null; then exec sleep 1000; fi;; esac
exec {real} "$@"
"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarLab]:
    with far_lab(f"agrl-{os.getpid()}", tmp_path_factory.mktemp("ssh")) as made:
        yield made


def cut_at_an_aggregate(bench: FarLab) -> None:
    """In the middle of a testcase."""
    wait_until(lambda: "agr0" in bench.both.links(), "an aggregate")
    bench.both.cut()


def test_one_that_is_cut_in_a_testcase_is_one_error(bench: FarLab, tmp_path: Path) -> None:
    """The bench is opened anew, which undoes what is left there, and the other testcases are judged."""
    lab = bench.file(tmp_path, bench.both.server.at)
    done = bench.disturbed(lab, lambda: cut_at_an_aggregate(bench), "--rows", "RX-17,LF-01")
    assert done.code == 2
    done.says(LOST, "] PASS ")
    assert done.out.count("] ERROR ") == 1 and "] FAIL " not in done.out, done.out
    bench.is_as_found()


def test_one_that_falls_silent_is_as_one_that_is_cut(bench: FarLab, tmp_path: Path) -> None:
    lab = bench.file(tmp_path, bench.both.server.at)

    def fall_silent() -> None:
        wait_until(lambda: "agr0" in bench.both.links(), "an aggregate")
        bench.both.fall_silent()

    done = bench.disturbed(lab, fall_silent, "--rows", "RX-17,LF-01")
    assert done.code == 2
    done.says("implementation.at: ssh ", "] PASS ")
    assert done.out.count("] ERROR ") == 1 and "] FAIL " not in done.out, done.out
    bench.both.cut()  # what still holds on to it there
    bench.is_as_found()


def test_one_that_is_cut_in_a_clean_up_is_undone_by_the_next_run(bench: FarLab, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    program = tmp_path / "agrconfig"
    program.write_text(HANGS_AT_THE_END.format(folder=place, real=AGRCONFIG))
    program.chmod(0o755)
    lab = bench.file(tmp_path, bench.both.server.at, str(program))

    def cut_in_the_clean_up() -> None:
        wait_until(lambda: (place / "now").exists(), "the end of the run")
        bench.both.cut()

    done = bench.disturbed(lab, cut_in_the_clean_up, "--rows", "LF-01")
    assert done.code == 2
    done.says("] PASS ", "not left as it was found", LOST, str(bench.journal), "by hand: take away agr0")
    assert done.out.count("] ERROR ") == 1, done.out
    assert "agr0" in bench.both.links() and bench.journal.exists()
    bench.run(lab, "LF-01")


def test_a_run_that_is_killed_is_undone_by_a_command(bench: FarLab, tmp_path: Path) -> None:
    lab = bench.file(tmp_path, bench.both.server.at)

    with subprocess.Popen(bench.words(lab, "--rows", "RX-17"), cwd=ROOT, start_new_session=True) as killed:
        wait_until(lambda: "agr0" in bench.both.links(), "an aggregate")
        os.killpg(killed.pid, signal.SIGKILL)
    assert bench.journal.exists()
    command = ["clean", "--lab", str(lab)]
    inside = ["ip", "netns", "exec", bench.both.tester, str(ROOT / ".venv" / "bin" / "agr-lab")]
    done = subprocess.run([*inside, *command], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0 and f"cleaned: {bench.name}" in done.stdout, done.stdout + done.stderr
    bench.is_as_found()


def test_a_host_that_is_gone_ends_the_run_with_a_sentence(bench: FarLab, tmp_path: Path) -> None:
    """And that says what to undo by hand, until it is back."""
    with far_lab(f"agrg-{os.getpid()}", tmp_path) as other:
        lab = other.file(tmp_path, other.both.server.at)

        def end_the_server() -> None:
            wait_until(lambda: "agr0" in other.both.links(), "an aggregate")
            other.both.cut(for_good=True)

        done = other.disturbed(lab, end_the_server, "--rows", "RX-17,LF-01,LF-03")
        assert done.code == 2
        assert done.out.count("] ERROR ") == 1, done.out
        done.says("no bench is left", "by hand: take away agr0", str(other.journal))
        again = other.disturbed(lab, lambda: None, "--rows", "LF-01")
        assert again.code == 2
        again.says("by hand: take away agr0")
