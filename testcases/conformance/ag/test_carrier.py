"""The carrier of an aggregate's interface: there exactly while a port distributes (agr(4)'s driver)."""

from __future__ import annotations

from harness.case import Case, ask, claims, lacpdu, step_missed
from harness.case.premises import BRING_UP_TIME
from harness.dut.implementation import Aggregate
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station


def becomes(case: Case, aggregate: Aggregate, carrier: bool, when: str) -> None:
    """FAIL unless the interface comes to have carrier, or to have none, promptly."""
    came = ask(case, lambda: aggregate.carrier is carrier, within=PROMPT)
    case.check(bool(came), f"carrier of {aggregate.name} {when}: {carrier}", not carrier)


def distributes(case: Case, station: Station, value: int) -> None:
    """Wait for an LACPDU that says so: a premise."""
    missed = step_missed if value else "MX-11"
    case.expect(station, lacpdu(Distributing=value), within=BRING_UP_TIME, premise=missed)


@claims("AG-20", wires=2, needs=["agr_manual", "cut", "short_timeout", "carrier", "control"], seconds=13)
def test_ports_come_and_go(case: Case) -> None:
    """agr0 has carrier exactly while one of its ports distributes"""
    first, second = (case.station(wire) for wire in case.wires[:2])
    aggregate = case.aggregate([], timeout="short")
    becomes(case, aggregate, False, "without ports")
    aggregate.add(first.wire.port)
    case.run_for(FAST_PERIODIC_TIME)
    becomes(case, aggregate, False, "with a port without a partner")
    first.start()
    distributes(case, first, 1)
    becomes(case, aggregate, True, "with a port that distributes")
    aggregate.add(second.wire.port)
    second.start()
    distributes(case, second, 1)
    first.wire.cut()
    becomes(case, aggregate, True, "with one of two ports without carrier")
    second.say(Collecting=0, Synchronization=0)
    distributes(case, second, 0)
    becomes(case, aggregate, False, "with a port whose partner is not in sync")
    second.say(Collecting=1, Synchronization=1)
    distributes(case, second, 1)
    becomes(case, aggregate, True, "with a port that distributes again")
    aggregate.remove(second.wire.port)
    becomes(case, aggregate, False, "when the last port with carrier has left")


@claims("AG-20", wires=2, needs=["agr_manual", "min_links", "cut", "carrier"], seconds=10)
def test_fewer_than_min_links(case: Case) -> None:
    """agr0 has no carrier while fewer ports than min-links could distribute"""
    lag = case.bundle(2, min_links=2)
    becomes(case, lag.aggregate, True, "with two of two links")
    case.settle()
    lag.station.wire.cut()
    becomes(case, lag.aggregate, False, "with one of two links")
    case.expect(lag.stations[1], lacpdu(Synchronization=0, Distributing=0), within=PROMPT)
    lag.station.wire.restore()
    case.distributing(lag.stations)
    becomes(case, lag.aggregate, True, "with two links again")
