"""Fixtures: a lab that is removed whatever happens, and a LAG between two agrds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from agr.daemon.datapath.kernelpath import OBJECT, try_out
from agr.daemon.linux.libbpf import Unavailable
from testcases.selftest.daemon.bpfbench import Bench, guarded
from testcases.selftest.daemon.lab import Lab, Namespace, distributing, settle
from testcases.selftest.host import wait_until


def _needs() -> str | None:
    if os.geteuid() != 0:
        return "needs root: network namespaces and packet sockets"
    missing = [tool for tool in ("ip", "tc") if shutil.which(tool) is None]
    return f"needs {' and '.join(missing)} (Debian: iproute2)" if missing else None


def _lab() -> Iterator[Lab]:
    reason = _needs()
    if reason:
        pytest.skip(reason)
    lab = Lab()
    try:
        yield lab
    finally:
        lab.close()


@pytest.fixture(scope="session")
def bpf() -> None:
    """For tests of the data path in the kernel: it can be had, and its program is the source's."""
    if os.geteuid() != 0:
        pytest.skip("needs root: BPF programs")
    try:
        try_out()
    except Unavailable as unavailable:
        pytest.skip(f"no data path in the kernel: {unavailable}")
    source = OBJECT.with_suffix(".c")
    assert source.stat().st_mtime <= OBJECT.stat().st_mtime, "fixtures/compile_bpf.sh has not been run"


@pytest.fixture(scope="module", params=["bpf", "python"])
def data_path(request: pytest.FixtureRequest) -> str:
    """For tests that each data path must pass."""
    if request.param == "bpf":
        request.getfixturevalue("bpf")
    return str(request.param)


@pytest.fixture
def lab() -> Iterator[Lab]:
    """For one test."""
    yield from _lab()


@pytest.fixture(params=["tcx", "clsact"])
def tcx(request: pytest.FixtureRequest) -> bool:
    """Both ways in which the kernel runs the programs."""
    return bool(request.param == "tcx")


@pytest.fixture
def bench(bpf: None, lab: Lab) -> Bench:
    """For tests of the data path in the kernel without a daemon."""
    return guarded(lab)


@pytest.fixture(scope="module")
def module_lab() -> Iterator[Lab]:
    """For the tests of one file."""
    yield from _lab()


@pytest.fixture
def host(lab: Lab) -> Namespace:
    """A host with the ports re0 and re1, down; their other ends are up, in another namespace."""
    host, other = lab.host(), lab.host()
    for port in ("re0", "re1"):
        lab.wire(host, port, other, port)
        other.run("ip", "link", "set", port, "up")
    return host


@pytest.fixture(scope="module")
def lag(module_lab: Lab, data_path: str) -> tuple[Namespace, Namespace]:
    """Two hosts whose agr0, 10.0.0.1 and 10.0.0.2, are one link over re0 and re1."""
    hosts = (module_lab.host(), module_lab.host())
    for host in hosts:  # IPv6 would send on agr0 at times of its own
        host.data_path = data_path
        host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    for port in ("re0", "re1"):
        module_lab.wire(hosts[0], port, hosts[1], port)
    for number, host in enumerate(hosts, 1):
        host.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0", "agrport", "re1")
        host.run("ip", "address", "add", f"10.0.0.{number}/24", "dev", "agr0")
        host.run("ip", "link", "set", "agr0", "up")
    for host in hosts:
        wait_until(lambda host=host: distributing(host, "re0", "re1"), "both ports distribute")
        settle(host)
        assert host.agr0()["data_path"] == data_path
    return hosts
