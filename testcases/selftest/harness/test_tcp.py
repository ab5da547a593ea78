"""TCP between two interfaces: it passes, it says what is missing, and no address stays."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from harness.bench.kernel_wires import InterfaceTap
from harness.case import addressed, transfer
from harness.case.tcp import End
from harness.host.location import Here, Location
from harness.verdict import BenchError
from harness.wire.real_loop import RealLoop
from testcases.selftest.host import ip

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")

OCTETS = 1 << 20
ARP = b"\x08\x06"
PATIENCE = 20.0


def addresses(at: Location, interface: str) -> list[str]:
    (link,) = json.loads(at.tool("ip", "-json", "address", "show", "dev", interface))
    return [one["local"] for one in link["addr_info"] if one["family"] == "inet"]


@pytest.fixture
def case() -> Iterator[Any]:
    """Of a case its time, and a bench whose agr0 is cabled to te-traffic."""
    host, tester = f"agrl-{os.getpid()}-host", f"agrl-{os.getpid()}-tester"
    for namespace in (host, tester):
        ip("netns", "add", namespace)
    loop = RealLoop()
    try:
        peer = ("peer", "name", "te-traffic", "netns", tester)
        ip("link", "add", "agr0", "netns", host, "type", "veth", *peer)
        ip("-n", host, "link", "set", "agr0", "up")
        ip("-n", tester, "link", "set", "te-traffic", "up")
        tap = InterfaceTap(loop, "traffic", "te-traffic", Here(tester))
        try:
            lab = SimpleNamespace(file="lab.yaml")
            yield SimpleNamespace(
                now=loop.now,
                until=lambda condition, within: loop.run(condition, loop.now() + within),
                bench=SimpleNamespace(traffic=tap, lab=lab, at=Here(host)),
            )
        finally:
            tap.close()
    finally:
        loop.close()
        for namespace in (host, tester):
            ip("netns", "delete", namespace)


def ends(case: Any) -> Any:
    return addressed(case, SimpleNamespace(name="agr0"))  # type: ignore[arg-type]


def has(end: End) -> list[str]:
    return addresses(end.at, end.interface)


def test_a_stream_passes_whole_both_ways_and_over_the_wire(case: Any) -> None:
    with ends(case) as (near, far):
        for source, sink in ((near, far), (far, near)):
            done = transfer(case, source, sink, OCTETS, PATIENCE)
            assert done.intact, done.text()
    assert sum(len(frame.data) for frame in case.bench.traffic.frames) > 2 * OCTETS


def test_nobody_is_asked_where_the_addresses_are(case: Any) -> None:
    """Another port of the tester's on the network would answer for its kernel, too."""
    with ends(case) as (near, far):
        assert transfer(case, near, far, OCTETS, PATIENCE).intact
        assert not [frame for frame in case.bench.traffic.frames if frame.data[12:14] == ARP]
    for end in (near, far):
        assert end.at.tool("ip", "neighbour", "show", "dev", end.interface) == ""


def test_the_addresses_go_with_the_block_also_when_it_fails(case: Any) -> None:
    with pytest.raises(RuntimeError), ends(case) as (near, far):
        assert has(near) == [near.address]
        assert has(far) == [far.address]
        raise RuntimeError
    assert has(near) == has(far) == []


def test_an_address_that_is_there_already_is_said_and_left_alone(case: Any) -> None:
    case.bench.traffic.at.tool("ip", "address", "add", "192.0.2.2/24", "dev", "te-traffic")
    with pytest.raises(BenchError, match=r"192\.0\.2\.2/24 dev te-traffic"), ends(case):
        pass
    assert addresses(case.bench.traffic.at, "te-traffic") == ["192.0.2.2"]
    assert addresses(case.bench.at, "agr0") == []


def test_a_stream_that_cannot_pass_ends_at_the_deadline(case: Any) -> None:
    with ends(case) as (near, far):
        far.at.tool("ip", "link", "set", far.interface, "down")
        done = transfer(case, near, far, OCTETS, within=1.0)
        far.at.tool("ip", "link", "set", far.interface, "up")
    assert not done.intact
    assert done.received == 0
    assert f"0 of {OCTETS} octets after " in done.text()
