"""veth cables: a loss of carrier is told at once at every end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from fixtures.emulated import namespaces
from fixtures.emulated.cables import Cable, End, lay
from fixtures.emulated.ip import ip

HOST, TESTER = (f"agrt-{os.getpid()}-{end}" for end in ("host", "tester"))
CABLES = [Cable((End(HOST, f"re{n}", implementation=True), End(TESTER, f"te{n}"))) for n in range(3)]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")


@pytest.fixture
def places() -> Iterator[None]:
    """Two namespaces, each of which gives out interface indices from 1 on."""
    try:
        for namespace in (HOST, TESTER):
            namespaces.add(namespace)
        yield
    finally:
        for namespace in (HOST, TESTER):
            namespaces.remove(namespace)


def shown(namespace: str) -> dict[str, int]:
    """The index of each interface but the loopback."""
    links = json.loads(ip("-n", namespace, "-j", "link", "show"))
    return {link["ifname"]: link["ifindex"] for link in links if link["ifname"] != "lo"}


def test_no_two_ends_have_one_index(places: None) -> None:
    """The kernel holds the carrier events of a veth back whose peer has the same one."""
    lay(CABLES)
    ends = {**shown(HOST), **shown(TESTER)}
    assert set(ends) == {end.interface for cable in CABLES for end in cable.ends}
    assert len(set(ends.values())) == len(ends)
