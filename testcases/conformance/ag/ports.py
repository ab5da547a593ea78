"""Ports of the host before, while and after they are members: prepared, compared, put back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from harness.case import Case, ask
from harness.case.premises import BRING_UP_TIME
from harness.dut.interface import InterfaceState
from harness.verdict import BenchError

ADDRESS_LIFE = "valid_lft 300 preferred_lft 300"
"""After a run that was killed the kernel removes an address by itself."""


class Prepared(NamedTuple):
    """How a port is to be found; what is None stays as it is. `addresses` have their prefix length."""

    up: bool | None = None
    mtu: int | None = None
    mac: str | None = None
    ipv6: bool | None = None
    addresses: tuple[str, ...] = ()


def state(case: Case, port: str) -> InterfaceState:
    """What the host says of a port. Raises BenchError where it has none of that name."""
    found = case.dut.interface(port)
    if found is None:
        raise BenchError(f"{case.bench.lab.file}: the host has no interface {port}")
    return found


@contextmanager
def prepared(case: Case, ports: Mapping[str, Prepared]) -> Iterator[None]:
    """Ports as wanted while the block runs; afterwards in no aggregate, and as they were before the block."""
    before = {port: state(case, port) for port in ports}
    try:
        for port, wanted in ports.items():
            _prepare(case, port, wanted)
        yield
    finally:
        case.dut.reset()
        for port, found in before.items():
            _put_back(case, port, found)


def _prepare(case: Case, port: str, wanted: Prepared) -> None:
    run = case.dut.run
    if wanted.mac is not None:
        run(f"ip link set dev {port} address {wanted.mac}")
    if wanted.mtu is not None:
        run(f"ip link set dev {port} mtu {wanted.mtu}")
    if wanted.ipv6 is not None:
        _switch_ipv6(case, port, not wanted.ipv6)
    if wanted.up is not None:
        run(f"ip link set dev {port} {'up' if wanted.up else 'down'}")
    for address in wanted.addresses:
        run(f"ip address add {address} dev {port} {ADDRESS_LIFE}")
    _read_back(state(case, port), port, wanted)


def _read_back(now: InterfaceState, port: str, wanted: Prepared) -> None:
    """BenchError where the port is not as it was prepared."""
    found = Prepared(
        "UP" in now.flags, now.mtu, now.mac, now.ipv6_disabled != "1", tuple(sorted(now.addresses))
    )
    for name, value in wanted._asdict().items():
        seen = getattr(found, name)
        right = set(value) <= set(seen) if name == "addresses" else value in (None, seen)
        if not right:
            raise BenchError(f"{port}: prepared with {name} {value}, and it has {seen}")


def _put_back(case: Case, port: str, found: InterfaceState) -> None:
    run, now = case.dut.run, state(case, port)
    for address in set(now.addresses) - set(found.addresses):
        run(f"ip address del {address} dev {port}")
    up = "UP" in found.flags
    if up != ("UP" in now.flags):
        run(f"ip link set dev {port} {'up' if up else 'down'}")
    if now.ipv6_disabled != found.ipv6_disabled:
        _switch_ipv6(case, port, found.ipv6_disabled == "1")
    if now.mtu != found.mtu:
        run(f"ip link set dev {port} mtu {found.mtu}")
    if now.mac != found.mac:
        run(f"ip link set dev {port} address {found.mac}")


def _switch_ipv6(case: Case, port: str, off: bool) -> None:
    case.dut.run(f"sysctl -q -w net/ipv6/conf/{port}/disable_ipv6={int(off)}")


def link_local(case: Case, port: str) -> str:
    """The IPv6 address that the kernel gives a port by itself; BenchError where none comes."""

    def automatic() -> str | None:
        return next((address for address in state(case, port).addresses if address.startswith("fe80:")), None)

    address = ask(case, automatic, within=BRING_UP_TIME)
    if address is None:
        raise BenchError(f"{port}: the kernel makes no link-local IPv6 address; is there IPv6 on this host?")
    return address


def as_found(case: Case, found: Mapping[str, InterfaceState], row: str) -> None:
    """FAIL unless every port is as it was found: MAC, MTU, flags, promiscuity, and what else may linger."""
    for port, before in found.items():
        differences = state(case, port).differences(before)
        case.check(not differences, f"{port} as it was found", "; ".join(differences), row=row)


def names(case: Case, number: int) -> Sequence[str]:
    """The ports on the first straight wires."""
    return [wire.port for wire in case.wires[:number]]
