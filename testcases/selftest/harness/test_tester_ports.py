"""The tester's ports are left as they were found, also after a run that was killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.host.location import Here
from harness.host.tester_ports import OwnPorts
from harness.net.ethtool import medium, read_settings
from harness.verdict import BenchError
from testcases.selftest.host import ip

NAMESPACE = f"agrl-{os.getpid()}"
AT = Here(NAMESPACE)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")


@pytest.fixture(autouse=True)
def ports() -> Iterator[None]:
    """A port that is up and one that is down."""
    ip("netns", "add", NAMESPACE)
    try:
        ip("-n", NAMESPACE, "link", "add", "upper", "up", "type", "veth", "peer", "lower")
        yield
    finally:
        ip("netns", "delete", NAMESPACE)


def up() -> set[str]:
    return {
        line.split()[1].partition("@")[0]
        for line in ip("-n", NAMESPACE, "-o", "link", "show", "up").splitlines()
    }


def test_ports_are_put_back_as_found(tmp_path: Path) -> None:
    links = OwnPorts(tmp_path / "journal")
    links.set(AT, "upper", up=False)
    links.set(AT, "lower", up=True)
    links.set(AT, "upper", up=True)
    links.set(AT, "upper", up=False)
    assert up() == {"lower"}
    links.restore()
    assert up() == {"upper"}
    assert not (tmp_path / "journal").exists()


def test_the_next_run_puts_back_what_a_killed_one_changed(tmp_path: Path) -> None:
    OwnPorts(tmp_path / "journal").set(AT, "upper", up=False)
    OwnPorts(tmp_path / "journal").restore()
    assert up() == {"upper"}


def test_nothing_is_noted_where_nothing_changes(tmp_path: Path) -> None:
    OwnPorts(tmp_path / "journal").set(AT, "upper", up=True)
    assert not (tmp_path / "journal").exists()


def test_trouble_is_named(tmp_path: Path) -> None:
    links = OwnPorts(tmp_path / "journal")
    with pytest.raises(BenchError, match="nowhere"):
        links.set(AT, "nowhere", up=True)
    (tmp_path / "journal").write_text("[{}]")
    with pytest.raises(BenchError, match=r"journal: not a journal of ports"):
        links.restore()


def test_speed_and_duplex_are_put_back_as_found(tmp_path: Path) -> None:
    """By the next run too. veth has neither: that is said, and nothing is noted."""
    ip("-n", NAMESPACE, "tuntap", "add", "tap0", "mode", "tap")
    found = read_settings(NAMESPACE, "tap0")
    links = OwnPorts(tmp_path / "journal")
    links.negotiate(AT, "tap0", 100, full_duplex=False)
    assert medium(read_settings(NAMESPACE, "tap0")) == (100, False)
    links.set(AT, "tap0", up=True)
    links.negotiate(AT, "tap0", 1000, full_duplex=True)
    assert medium(read_settings(NAMESPACE, "tap0")) == (1000, True)
    links.release(AT, "tap0")
    assert read_settings(NAMESPACE, "tap0") == found
    links.negotiate(AT, "tap0", 100, full_duplex=True)
    OwnPorts(tmp_path / "journal").restore()
    assert read_settings(NAMESPACE, "tap0") == found
    assert "tap0" not in up()
    with pytest.raises(BenchError, match="speed and duplex of upper"):
        links.negotiate(AT, "upper", 100, full_duplex=False)
    assert not (tmp_path / "journal").exists()
