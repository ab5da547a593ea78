"""Addresses: whose MAC address an aggregate has, and which ports it does not take (agr(4), BUGS)."""

from __future__ import annotations

import pytest

from harness.case import Case, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from testcases.conformance.ag.ports import Prepared, as_found, link_local, prepared, state

ADDRESSED = {
    "IPv4": Prepared(addresses=("192.0.2.1/24",)),
    "IPv6": Prepared(up=False, ipv6=True, addresses=("2001:db8::1/64",)),
    "automatic IPv6": Prepared(up=True, ipv6=True),
}


@claims("AG-05", wires=2, needs=["agr_manual", "control"], seconds=14)
def test_first_port_lends_its_address(case: Case) -> None:
    """The aggregate and the system bear the first port's address, also when that port has left"""
    lag = case.bundle(2)
    first, second = lag.stations
    within = 2 * FAST_PERIODIC_TIME
    mac = case.expect(first, lacpdu(), within=within, premise="PT-01").source
    case.equal(lag.aggregate.mac, mac, "address of the aggregate")
    for station in lag.stations:
        system = case.expect(station, lacpdu(), within=within).actor.system
        case.equal(system, mac, f"Actor_System on {station.wire.name}")
    lag.aggregate.remove(first.wire.port)
    case.equal(lag.aggregate.mac, mac, "address of the aggregate, the first port having left:")
    left = case.expect(second, lacpdu(), within=within)
    case.equal(left.actor.system, mac, "Actor_System, the first port having left:")
    case.never(second, lacpdu(Synchronization=0), during=PROMPT)


@claims("AG-07", wires=1, needs=["agr(4)"], whole=["names"], seconds=8)
@pytest.mark.parametrize("kind", ADDRESSED)
def test_port_with_an_address(case: Case, kind: str) -> None:
    """A port with an address other than its MAC address is refused: EBUSY, and nothing has changed"""
    wire, found = case.wires[0], ADDRESSED[kind]
    with prepared(case, {wire.port: found}):
        (address,) = found.addresses or (link_local(case, wire.port),)
        case.dut.run("agrconfig agr0 create")
        aggregate = case.dut.existing("agr0")
        before, mac = {wire.port: state(case, wire.port)}, aggregate.mac
        with case.refusal(f"a port with {address}", "EBUSY", address):
            aggregate.add(wire.port)
        as_found(case, before, row="AG-07")
        status = aggregate.status()
        case.check(not status.ports, "agr0 without ports", ", ".join(status.ports))
        case.equal(status.mac, mac, "address of agr0")
        case.never(wire, lacpdu(), during=2 * FAST_PERIODIC_TIME)
        case.dut.run(f"ip address del {address} dev {wire.port}")
        since = case.now()
        aggregate.add(wire.port)
        case.expect(wire, lacpdu(), since=since, within=BRING_UP_TIME)
