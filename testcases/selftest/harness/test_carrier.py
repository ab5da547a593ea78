"""Carrier is taken and given back, and what did not come about is an error of the bench."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.bench.carrier import CarrierBySwitch, CarrierByTester, ImplementationEnd
from harness.host.location import Here
from harness.host.tester_ports import OwnPorts
from harness.net.ethtool import link_state
from harness.verdict import BenchError
from testcases.selftest.host import ip

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")

HERE = f"agrc-{os.getpid()}"
SOON, NEVER = 0.1, 3600.0


@pytest.fixture(autouse=True)
def ports() -> Iterator[None]:
    """A cable te-re with both ends up, another one te2-re2, and a TAP without carrier."""
    ip("netns", "add", HERE)
    try:
        for tester, port in (("te", "re"), ("te2", "re2")):
            ip("-n", HERE, "link", "add", tester, "up", "type", "veth", "peer", port)
            ip("-n", HERE, "link", "set", port, "up")
        ip("-n", HERE, "tuntap", "add", "tap0", "mode", "tap")
        ip("-n", HERE, "link", "set", "tap0", "up")
        yield
    finally:
        ip("netns", "delete", HERE)


def by_tester(tmp_path: Path, port: str, link_up: float, **more: Any) -> CarrierByTester:
    end = ImplementationEnd(Here(HERE), port, link_up)
    return CarrierByTester(OwnPorts(tmp_path / "journal"), Here(HERE), more.pop("tester", "te"), end, **more)


def state(interface: str) -> tuple[bool, bool] | None:
    return link_state(HERE, interface)


def test_both_ends_are_as_ordered(tmp_path: Path) -> None:
    wire = by_tester(tmp_path, "re", NEVER)
    wire.cut()
    assert (state("te"), state("re")) == ((False, False), (True, False))
    wire.restore()
    assert (state("te"), state("re")) == ((True, True), (True, True))


def test_another_cable_than_the_lab_file_says(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"te is down, and re2 still has carrier after 0\.1 s .*cable"):
        by_tester(tmp_path, "re2", SOON).cut()


def test_a_link_that_does_not_come_up(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"te is up, tap0 is up, and there is no carrier .*limits\.link_up"):
        by_tester(tmp_path, "tap0", SOON).restore()


def test_carrier_that_something_else_takes_is_waited_for(tmp_path: Path) -> None:
    end = ImplementationEnd(Here(HERE), "re", SOON)
    port = CarrierBySwitch(lambda: pytest.fail("the switch is asked"), "Gi1", end)
    port.come_back()
    by_tester(tmp_path, "re", SOON).come_back()
    ip("-n", HERE, "link", "set", "te", "down")
    for carrier in (port, by_tester(tmp_path, "re", SOON)):
        with pytest.raises(BenchError, match=r"re is up, and there is no carrier .*limits\.link_up"):
            carrier.come_back()


def test_nothing_is_waited_for_where_the_implementation_has_its_port_down(tmp_path: Path) -> None:
    ip("-n", HERE, "link", "set", "re", "down")
    wire = by_tester(tmp_path, "re", NEVER)
    wire.cut()
    wire.restore()
    assert state("te") == (True, False)


def test_a_port_that_cannot_be_read_is_no_error(tmp_path: Path) -> None:
    wire = by_tester(tmp_path, "elsewhere", SOON)
    wire.cut()
    wire.restore()
    ip("-n", HERE, "link", "set", "re", "down")
    wire.restore()
    assert state("elsewhere") is None


def test_a_port_that_does_not_obey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Here.tool

    def deaf(at: Here, *words: str) -> str:
        return "" if words[:3] == ("ip", "link", "set") else real(at, *words)

    monkeypatch.setattr(Here, "tool", deaf)
    with pytest.raises(BenchError, match="te: set down, and it is up"):
        by_tester(tmp_path, "re", NEVER).cut()


class Switch:
    """One that says it has done it; `obeys` where it has."""

    def __init__(self, obeys: bool) -> None:
        self._obeys = obeys

    def shut(self, port: str) -> None:
        self._do("down")

    def no_shut(self, port: str) -> None:
        self._do("up")

    def _do(self, what: str) -> None:
        if self._obeys:
            ip("-n", HERE, "link", "set", "te", what)


def test_a_port_of_the_switch() -> None:
    wire = CarrierBySwitch(lambda: Switch(obeys=True), "Gi1/0/1", ImplementationEnd(Here(HERE), "re", NEVER))  # type: ignore[arg-type,return-value]
    wire.cut()
    assert state("re") == (True, False)
    wire.restore()
    assert state("re") == (True, True)


def test_a_port_of_the_switch_that_is_not_the_wire_s() -> None:
    wire = CarrierBySwitch(lambda: Switch(obeys=False), "Gi1/0/1", ImplementationEnd(Here(HERE), "re", SOON))  # type: ignore[arg-type,return-value]
    with pytest.raises(BenchError, match=r"Gi1/0/1 is shut down, and re still has carrier"):
        wire.cut()


@pytest.mark.parametrize("port", ["own", "implementation's"])
def test_speed_and_duplex_are_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    """Both ends of a wire whose speed is set; here they only tell what they are asked for, or not."""
    told = {"te": (100, True), "re": (100, True)}
    told["te" if port == "own" else "re"] = (100, False)
    wire = by_tester(tmp_path, "re", NEVER, speeds=True)
    monkeypatch.setattr(wire._links, "negotiate", lambda *asked: None)
    monkeypatch.setattr(Here, "medium", lambda at, interface: told[interface])
    with pytest.raises(BenchError, match=r"100 Mbit/s full duplex, and it has 100 Mbit/s half duplex"):
        wire.negotiate(100, True)
    told.update(te=(100, True), re=(100, True))
    wire.negotiate(100, True)
