"""EXAMPLES of agr(4): an aggregate is made, carries traffic, and leaves its ports as it found them."""

from __future__ import annotations

import pytest

from harness.case import Case, claims
from harness.dut.implementation import Aggregate
from harness.profile.constants import PROMPT
from harness.wire.station import Station
from testcases.conformance.ag.ports import Prepared, as_found, link_local, names, prepared, state

FLOWS = 64
"""Conversations, enough for a distribution over two links to use both."""

# The manual's own lines, of NetBSD 4.0 and of NetBSD 9.3.
CREATE = """\
ifconfig agr0 create
ifconfig agr0 agrport re0
ifconfig agr0 agrport re1
"""
DESTROY = """\
ifconfig agr0 -agrport re0
ifconfig agr0 -agrport re1
ifconfig agr0 destroy
"""
DELETE_ADDRESSES = """\
ifconfig re0 inet xxx.xxx.xxx.xxx delete
ifconfig re0 inet6 fe80::xxxx:xxxx:xxxx:xxxx delete
ifconfig re1 inet xxx.xxx.xxx.xxx delete
ifconfig re1 inet6 fe80::xxxx:xxxx:xxxx:xxxx delete
"""

FOUND = {
    "down": Prepared(up=False),
    "up": Prepared(up=True),
    "IPv6 on": Prepared(up=False, ipv6=True),
    "other MTU": Prepared(up=True, mtu=1600),
}


def run(case: Case, manual: str) -> None:
    """Run lines of the manual: agrconfig for ifconfig's of agr0, `ip addr del` for those of an address.

    re0 and re1 are the ports on the bench's first two straight wires, xxx is what they have.
    """
    ports = dict(zip(("re0", "re1"), names(case, 2), strict=True))
    for line in manual.splitlines():
        words = [ports.get(word, word) for word in line.split()]
        if words[1] == "agr0":
            case.dut.run(f"agrconfig {' '.join(words[1:])}")
            continue
        _, port, family, _, _ = words
        for address in state(case, port).addresses:
            if (":" in address) is (family == "inet6"):
                case.dut.run(f"ip addr del {address} dev {port}")


def is_new(case: Case, row: str) -> None:
    """FAIL unless agr0 is a network interface that is down and has no ports."""
    interface = case.dut.interface("agr0")
    case.check(interface is not None, "a network interface agr0", "none", row=row)
    if interface is not None:
        case.check("UP" not in interface.flags, "agr0 down", sorted(interface.flags), row=row)
    ports = case.dut.existing("agr0").status().ports
    case.check(not ports, "agr0 without ports", ", ".join(ports), row=row)


def is_gone(case: Case, row: str) -> None:
    """FAIL unless there is no interface agr0 any more."""
    interface = case.dut.interface("agr0")
    case.check(interface is None, "no interface agr0", interface, row=row)


def uses_both(case: Case, aggregate: Aggregate, stations: list[Station], row: str) -> None:
    """FAIL unless the aggregate's frames leave on each wire, and frames of each wire reach its client."""
    with case.offering(aggregate, FLOWS) as offer:
        for station in stations:
            case.expect(station, offer.data, within=PROMPT, row=row)
    for station in stations:
        with case.offering(station.wire) as inward:
            case.expect(aggregate.client, inward.data, within=PROMPT, row=row)


def partners(case: Case) -> list[Station]:
    """Willing, fast partners on the first two straight wires."""
    stations = [case.station(wire) for wire in case.wires[:2]]
    for station in stations:
        station.start()
    return stations


@claims("AG-01", needs=["agr(4)"], whole=["names"], seconds=5)
def test_create(case: Case) -> None:
    """`create` makes a network interface that is down and has no ports"""
    is_gone(case, row="AG-01")
    case.dut.run("agrconfig agr0 create")
    is_new(case, row="AG-01")


@claims("AG-02", wires=2, needs=["agr_manual"], seconds=7)
def test_attach(case: Case) -> None:
    """Two ports form one interface, and its traffic uses both"""
    lag = case.bundle(2)
    uses_both(case, lag.aggregate, lag.stations, row="AG-02")


@claims("AG-03", wires=2, needs=["agr(4)"], whole=["names"], seconds=12)
@pytest.mark.parametrize("found", FOUND.values(), ids=FOUND)
def test_detach(case: Case, found: Prepared) -> None:
    """`-agrport` leaves each port as it was found, and `destroy` leaves nothing"""
    ports = names(case, 2)
    with prepared(case, dict.fromkeys(ports, found)):
        before = {port: state(case, port) for port in ports}
        case.bundle(2)
        for number, port in enumerate(ports, start=1):
            case.dut.run(f"agrconfig agr0 -agrport {port}")
            as_found(case, {name: before[name] for name in ports[:number]}, row="AG-03")
        case.dut.run("agrconfig agr0 destroy")
        is_gone(case, row="AG-03")
        as_found(case, before, row="AG-03")


@claims("AG-04", wires=2, needs=["agr(4)"], whole=["names"], seconds=13)
def test_manual(case: Case) -> None:
    """The manual's examples of NetBSD 4.0 run word for word, and do what they say"""
    examples(case)


@claims("AG-04", wires=2, needs=["agr(4)"], whole=["names"], seconds=17)
def test_manual_with_addresses(case: Case) -> None:
    """The manual's examples of NetBSD 9.3, which delete addresses first, run word for word as well"""
    found = {
        port: Prepared(up=True, ipv6=True, addresses=(f"192.0.2.{number}/24",))
        for number, port in enumerate(names(case, 2), start=1)
    }
    with prepared(case, found):
        for port in found:
            link_local(case, port)
        run(case, DELETE_ADDRESSES)
        examples(case)


def examples(case: Case) -> None:
    """The example that makes an aggregate, and the one that destroys it; FAIL where they do not do that."""
    before = {port: state(case, port) for port in names(case, 2)}
    stations = partners(case)
    create, *attach = CREATE.splitlines(keepends=True)
    run(case, create)
    is_new(case, row="AG-04")
    run(case, "".join(attach))
    case.dut.run("ip link set agr0 up")
    aggregate = case.dut.existing("agr0")
    case.distributing(stations)
    uses_both(case, aggregate, stations, row="AG-04")
    run(case, DESTROY)
    is_gone(case, row="AG-04")
    as_found(case, before, row="AG-04")
