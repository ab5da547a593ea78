"""A run directory that cannot be written, as on a full disk: agrd refuses what it could not undo later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from testcases.selftest.daemon.lab import Lab, Namespace
from testcases.selftest.host import wait_until


@pytest.fixture
def host(lab: Lab) -> Iterator[Namespace]:
    """agr0 with the port re0; re1 is none."""
    host, other = lab.host(), lab.host()
    for port in ("re0", "re1"):
        lab.wire(host, port, other, port)
    host.agrconfig("agr0", "create", "agrport", "re0")
    yield host


@pytest.fixture
def full(host: Namespace) -> Path:
    """What stands where the new journal is written, until it is removed."""
    obstacle = host.files.journal.with_suffix(".new")
    obstacle.mkdir()
    return obstacle


def test_nothing_is_changed_that_cannot_be_noted(host: Namespace, full: Path) -> None:
    before = host.snapshot("re1")
    for words in (("agr0", "agrport", "re1"), ("agr1", "create")):
        said = host.refused(*words)
        assert " EISDIR: " in said
        assert f"{host.files.journal} cannot be written" in said
    assert host.snapshot("re1") == before
    assert host.link("agr1") is None
    full.rmdir()
    host.agrconfig("agr0", "agrport", "re1")
    host.agrconfig("agr1", "create")


def test_what_is_there_can_be_given_back(host: Namespace, full: Path) -> None:
    host.agrconfig("agr0", "-agrport", "re0")
    assert "still names re0" in host.log()
    host.agrconfig("agr0", "destroy")
    wait_until(lambda: not host.pids(), "agrd ends")
    assert not host.files.journal.exists()
    assert host.link("agr0") is None
