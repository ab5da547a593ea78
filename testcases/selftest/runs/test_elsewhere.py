"""agr on a host that is reached by OpenSSH's own server, and by nothing else, is judged as one here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from testcases.selftest.host import ip
from testcases.selftest.openssh import OtherClock, server
from testcases.selftest.runs import suites
from testcases.selftest.runs.far_lab import AGRCONFIG, FarLab, far_lab

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")

STARVED = """#!/bin/sh
# As the real one; but with "starve" it only wants a processor, for some seconds, behind everybody else.
case "$*" in starve) timeout 3 {idle} {spin}; exit 0;; esac
exec {real} "$@"
"""

ASKS = '''
from harness.case import Case, claims


@claims("CF-12", wires=1, needs=["agr(4)"], seconds=20)
def test_starves(case: Case) -> None:
    """Fails, after the implementation wanted a processor"""
    case.dut.run("agrconfig starve")
    case.check(False, "this", "that")
'''


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarLab]:
    with far_lab(f"agre-{os.getpid()}", tmp_path_factory.mktemp("ssh")) as made:
        yield made


def test_another_clock_changes_no_verdict(bench: FarLab, tmp_path: Path) -> None:
    """Of testcases that compare what the host captures with what is captured, or was done, here."""
    ip("-n", bench.both.host, "address", "add", "198.51.100.3/24", "dev", "m-host")
    with server(bench.both.host, "198.51.100.3", tmp_path, OtherClock(86_400, 400)) as other:
        lab = bench.file(tmp_path, other.at)
        done = bench.disturbed(lab, lambda: None, "--rows", "FD-18,MX-15,AG-16")
    ip("-n", bench.both.host, "address", "delete", "198.51.100.3/24", "dev", "m-host")
    assert done.code == 0 and done.out.count("] PASS ") >= 3, done.out


def test_a_few_testcases_pass_and_nothing_is_left_there(bench: FarLab, tmp_path: Path) -> None:
    said = bench.run(bench.file(tmp_path, bench.both.server.at), "LF-01,SL-01,AG-11")
    assert said.count("] PASS ") >= 3
    assert "its clock is known by measurement, to" in (tmp_path / "index.html").read_text()


def test_it_is_sliced_as_one_here(bench: FarLab, tmp_path: Path) -> None:
    said = bench.run(bench.file(tmp_path, bench.both.server.at, slices=2), "LF-01,LF-03,LF-05,AG-11")
    assert f"lab-{bench.name}.1" in said and f"lab-{bench.name}.2" in said


def test_a_host_that_does_not_run_the_implementation_is_no_fail(bench: FarLab, tmp_path: Path) -> None:
    """What the testcase judges is seconds in which somebody else had the processor there."""
    core = ["taskset", "-c", str(min(os.sched_getaffinity(0)))]
    spin = f"{sys.executable} -c 'while True: pass'"
    program = tmp_path / "agrconfig"
    idle = " ".join([*core, "chrt", "--idle", "0"])
    program.write_text(STARVED.format(idle=idle, spin=spin, real=AGRCONFIG))
    program.chmod(0o755)
    lab = bench.file(tmp_path, bench.both.server.at, str(program))
    with subprocess.Popen([*core, "nice", "-n", "19", "sh", "-c", f"exec {spin}"]) as other:
        try:
            done = bench.disturbed(lab, lambda: None, str(suites.write(tmp_path, ASKS)))
        finally:
            other.kill()
    assert done.code == 2, done.out
    done.says("] INCONC ", f"(ssh {bench.both.server.at['ssh']})", "the host did not run agr for")
    bench.is_as_found()
