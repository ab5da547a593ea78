"""agr on a host that is reached by OpenSSH's own server, and by nothing else, is judged as one here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from testcases.selftest.host import ip
from testcases.selftest.openssh import OtherClock, server
from testcases.selftest.runs.far_lab import FarLab, far_lab

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarLab]:
    with far_lab(f"agre-{os.getpid()}", tmp_path_factory.mktemp("ssh")) as made:
        yield made


def test_another_clock_changes_no_verdict(bench: FarLab, tmp_path: Path) -> None:
    """Of testcases that compare what the host captures with what is captured, or was done, here."""
    ip("-n", bench.both.host, "address", "add", "198.51.100.3/24", "dev", "m-host")
    with server(bench.both.host, "198.51.100.3", tmp_path, OtherClock(86_400, 400)) as other:
        done = bench.disturbed(bench.file(tmp_path, other.at), "FD-18,MX-15,AG-16", lambda: None)
    ip("-n", bench.both.host, "address", "delete", "198.51.100.3/24", "dev", "m-host")
    assert done.code == 0 and done.out.count("] PASS ") >= 3, done.out


def test_a_few_testcases_pass_and_nothing_is_left_there(bench: FarLab, tmp_path: Path) -> None:
    said = bench.run(bench.file(tmp_path, bench.both.server.at), "LF-01,SL-01,AG-11")
    assert said.count("] PASS ") >= 3
    assert "its clock is known by measurement, to" in (tmp_path / "index.html").read_text()
