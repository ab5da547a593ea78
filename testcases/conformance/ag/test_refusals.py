"""What agr does not take as a port, and what it does not destroy: nothing has changed then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from harness.case import Case, claims, lacpdu
from harness.dut.interface import InterfaceState
from harness.profile.constants import FAST_PERIODIC_TIME
from testcases.conformance.ag.ports import Prepared, as_found, names, prepared, state

TOO_SMALL = Prepared(up=True, mtu=1400)
"""A port whose MTU is less than that of agr0, which has 1500 octets by default."""


@contextmanager
def nothing_changed(case: Case, *ports: str) -> Iterator[None]:
    """FAIL where the interfaces, or what the aggregates say of themselves, differ after the block."""
    before: Mapping[str, InterfaceState] = {port: state(case, port) for port in ports}
    aggregates = case.dut.run("agrconfig")
    yield
    as_found(case, before, row=next(iter(case.rows)))
    after = case.dut.run("agrconfig")
    case.equal(after, aggregates, "the status as before:", row=next(iter(case.rows)))


def refused(case: Case, port: str, error: str, what: str) -> None:
    """FAIL unless agr0 refuses a port with this error, by its name, and nothing has changed."""
    with (
        nothing_changed(case, *([port] if case.dut.interface(port) else [])),
        case.refusal(what, error, port),
    ):
        case.dut.run(f"agrconfig agr0 agrport {port}")


@claims("AG-08", needs=["agr(4)"], whole=["host"], seconds=16)
def test_no_port_at_all(case: Case) -> None:
    """Unknown ports, agr interfaces and what is not Ethernet are refused"""
    case.dut.run("agrconfig agr0 create")
    case.dut.run("agrconfig agr1 create")
    refused(case, "nosuchport0", "ENOENT", "an interface that does not exist")
    refused(case, "agr1", "EINVAL", "an agr interface")
    refused(case, "agr0", "EINVAL", "the agr interface itself")
    refused(case, "lo", "EPROTONOSUPPORT", "an interface that is not Ethernet")
    with case.refusal("a port that is not a member", "ENOENT", "lo"):
        case.dut.run("agrconfig agr0 -agrport lo")


@claims("AG-08", wires=1, needs=["agr(4)"], whole=["host"], seconds=8)
def test_member_of_another(case: Case) -> None:
    """A port that is a member of an aggregate already is refused by all, and stays where it is"""
    (port,) = names(case, 1)
    station = case.station(case.wires[0])
    station.start()  # a partner that hears something every second
    case.dut.run(f"agrconfig agr1 create agrport {port}")
    case.dut.run("agrconfig agr0 create")
    case.distributing([station])  # the status is compared with itself, and changes no more
    refused(case, port, "EBUSY", "a member of another aggregate")
    with case.refusal("a member of the same aggregate", "EBUSY", port):
        case.dut.run(f"agrconfig agr1 agrport {port}")
    case.check(port in case.dut.existing("agr1").status().ports, f"{port} in agr1", "not there")
    case.expect(case.wires[0], lacpdu(), within=2 * FAST_PERIODIC_TIME)


@claims("AG-08", wires=1, needs=["agr(4)"], whole=["host"], seconds=10)
def test_small_mtu(case: Case) -> None:
    """A port whose MTU is too small for the aggregate is refused"""
    (port,) = names(case, 1)
    with prepared(case, {port: TOO_SMALL}):
        case.dut.run("agrconfig agr0 create")
        refused(case, port, "EINVAL", "a port with a smaller MTU")
