"""What happens to a member behind agr's back (agr(4), BUGS lifted): told by name, and the aggregate goes on.

T1:  agr0 = port that is meddled with ===== tester
          = port that is left alone   ===== tester

What cannot be undone is done to an interface that is made for it, and never has a partner.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import pytest

from harness.case import Case, Lag, ask, claims, lacpdu, record
from harness.dut.implementation import Aggregate
from harness.profile.constants import PROMPT
from harness.verdict import ImplementationRefused
from testcases.conformance.ag.ports import ADDRESS_LIFE, Prepared, prepared

VICTIM, PEER, BRIDGE = "agrx0", "agrx1", "agrbridge"
ADDRESS, MAC = "192.0.2.77/24", "02:00:5e:00:53:b0"

REPORTED = 2.0
"""Seconds in which it is told."""

FLOWS = 16


class Meddling(NamedTuple):
    """Commands on the host, and what undoes them; ``{port}`` is the member, ``{elsewhere}`` a namespace."""

    do: tuple[str, ...]
    undo: tuple[str, ...] = ()


ON_A_LINK = {
    "address added": Meddling(
        (f"ip address add {ADDRESS} dev {{port}} {ADDRESS_LIFE}",),
        (f"ip address del {ADDRESS} dev {{port}}",),
    ),
    "MAC changed": Meddling((f"ip link set dev {{port}} address {MAC}",)),
    "set down": Meddling(("ip link set dev {port} down",)),
    "enslaved": Meddling(
        (f"ip link add name {BRIDGE} type bridge", f"ip link set dev {{port}} master {BRIDGE}"),
        (f"ip link del dev {BRIDGE}",),
    ),
}
ON_A_LOST_ONE = {
    "deleted": Meddling((f"ip link del dev {VICTIM}",)),
    "moved away": Meddling(
        (f"ip link set dev {VICTIM} netns {{elsewhere}}",), (f"ip -n {{elsewhere}} link del dev {VICTIM}",)
    ),
    "renamed": Meddling(
        (f"ip link set dev {VICTIM} down", f"ip link set dev {VICTIM} name {VICTIM}b"),
        (f"ip link del dev {VICTIM}b",),
    ),
}


def attempt(case: Case, commands: tuple[str, ...], port: str, elsewhere: str = "") -> None:
    """Run commands; that one is prevented is as good as that it is detected."""
    for command in commands:
        with suppress(ImplementationRefused):
            case.dut.run(command.format(port=port, elsewhere=elsewhere))


def told(case: Case, aggregate: Aggregate, port: str, before: int = 0) -> None:
    """FAIL unless it is reported by the port's name, behind so many reports that were there `before`."""

    def reports() -> str | None:
        return next((text for text in aggregate.status().reports[before:] if port in text), None)

    said = ask(case, reports, within=REPORTED)
    case.check(
        said is not None, f"a report that names {port}", "; ".join(aggregate.status().reports) or "none"
    )
    case.report(f"reported: {said}")


def consistent(case: Case, lag: Lag, left_alone: int) -> None:
    """FAIL unless the port that was left alone carries on, and the status says no more than is true."""
    station = lag.stations[left_alone]
    status = lag.aggregate.status()
    there = {port for port in status.ports if case.dut.interface(port) is not None}
    case.equal(there, set(status.ports), "ports in the status that are there:")
    case.check(
        station.wire.port in status.ports, f"{station.wire.port} among the ports", sorted(status.ports)
    )
    case.check(lag.aggregate.carrier, "carrier of agr0", "none")
    own = {s.wire.port: s for s in lag.stations}
    since = case.now()
    with case.offering(lag.aggregate, FLOWS) as offer:
        case.run_for(PROMPT)
    case.run_for(PROMPT)
    after = lag.aggregate.status().ports
    for port in status.ports:
        carried = any(offer.data(frame) for frame in own[port].wire.received(since)) if port in own else False
        if not any(said[port].distributing for said in (status.ports, after) if port in said):
            case.check(not carried, f"no data on {port}, that does not distribute", "some")
    wires = [s.wire for s in lag.stations]
    out = {record(frame) for wire in wires for frame in wire.received(since) if offer.data(frame)}
    lost = [one for one in offer.sent if one not in out]
    case.check(not lost, "every frame of the client's on the links", f"{len(lost)} of {len(offer.sent)} lost")
    case.expect(station, lacpdu(Distributing=1), within=2 * PROMPT)


@contextmanager
def restored(case: Case, meddling: Meddling, port: str) -> Iterator[None]:
    """The port is as before after the block."""
    with prepared(case, {port: Prepared(up=True)}):
        try:
            yield
        finally:
            attempt(case, meddling.undo, port)


@claims("AG-15", wires=2, needs=["agr(4)", "short_timeout"], whole=["names"], seconds=13)
@pytest.mark.parametrize("meddling", ON_A_LINK.values(), ids=ON_A_LINK)
def test_link(case: Case, meddling: Meddling) -> None:
    """An unsafe operation on a member is told by its name, and the aggregate stays consistent"""
    port = case.wires[0].port
    with restored(case, meddling, port):
        lag = case.bundle(2, timeout="short")
        since = case.now()
        attempt(case, meddling.do, port)
        told(case, lag.aggregate, port)
        case.never(lag.stations[1], lacpdu(Synchronization=0), since=since, during=case.now() - since)
        consistent(case, lag, left_alone=1)


@claims("AG-15", wires=1, needs=["agr(4)", "namespace", "short_timeout"], whole=["names"], seconds=19)
def test_lost_interface(case: Case) -> None:
    """A member that is deleted, renamed or moved away is told by its name, and leaves the aggregate"""
    lag = case.bundle(1, timeout="short")
    for meddling in ON_A_LOST_ONE.values():
        lose(case, lag, meddling)


def lose(case: Case, lag: Lag, meddling: Meddling) -> None:
    """Lose a member, and FAIL unless it is told and the aggregate goes on."""
    elsewhere = case.bench.lab.straight_wires[0].tester.namespace

    def gone() -> bool:
        return VICTIM not in lag.aggregate.status().ports

    attempt(case, (f"ip link del dev {VICTIM}",), VICTIM)
    case.dut.run(f"ip link add name {VICTIM} type veth peer name {PEER}")
    case.dut.run(f"ip link set dev {PEER} up")
    try:
        before = len(lag.aggregate.status().reports)
        lag.aggregate.add(VICTIM)
        attempt(case, meddling.do, VICTIM, elsewhere)
        told(case, lag.aggregate, VICTIM, before)
        case.check(bool(ask(case, gone, within=REPORTED)), f"{VICTIM} out of agr0", "still a port")
        consistent(case, lag, left_alone=0)
    finally:
        attempt(case, (*meddling.undo, f"ip link del dev {VICTIM}"), VICTIM, elsewhere)
