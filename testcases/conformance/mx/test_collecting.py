"""Mux machine: COLLECTING and DISTRIBUTING with independent control (43.4.15)."""

from __future__ import annotations

import pytest

from harness.case import Case, claims, lacpdu, step_missed
from harness.case.premises import BRING_UP_TIME
from harness.dut.implementation import Aggregate
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, periodic_time
from harness.wire.station import Station

HOLD = 5 * FAST_PERIODIC_TIME
"""Seconds for which a state is watched."""

COLLECTING = lacpdu(Synchronization=1, Collecting=1, Distributing=0)


def collecting(case: Case) -> tuple[Station, Aggregate]:
    """A port that is COLLECTING for a partner that does not collect yet."""
    wire = case.wires[0]
    station = case.station(wire, Collecting=0, Distributing=0)
    station.start()
    aggregate = case.aggregate([wire], **case.control("independent"))
    case.expect(station, lacpdu(Collecting=1), within=BRING_UP_TIME, premise=step_missed)
    return station, aggregate


@claims("MX-07", wires=1, needs=("independent_control",), seconds=12)
def test_partner_does_not_collect(case: Case) -> None:
    """While its partner does not collect, a port collects and does not distribute"""
    begin = case.now()
    station, aggregate = collecting(case)
    with case.offering(aggregate) as outward, case.offering(station.wire) as inward:
        case.run_for(HOLD)
    during = case.now() - begin
    case.never(station, lacpdu(Distributing=1), since=begin, during=during)
    case.never(station, outward.data, since=begin, during=during)

    def delivered() -> bool:
        return not inward.missing(aggregate.client.received())

    case.until(delivered, within=PROMPT)
    missing = inward.lost(aggregate.client.received())
    case.check(
        not missing,
        f"all {len(inward.sent)} data frames that came in delivered to the client",
        f"{len(missing)} of them missing",
    )


@claims("MX-08", wires=1, needs=("independent_control", "long_timeout"), seconds=38)
@pytest.mark.parametrize("timeout", [1, 0], ids=["fast", "slow"])
def test_partner_collects(case: Case, timeout: int) -> None:
    """A partner that begins to collect gets data within 1 s, and hears Distributing=1 by the next period"""
    station, aggregate = collecting(case)
    told = station.say(Timeout=timeout)
    with case.offering(aggregate) as offer:
        case.never(station, offer.data, since=told.time, during=PROMPT)
        said = station.say(Collecting=1)
        case.expect(station, offer.data, since=said.time, within=PROMPT)
    latest = periodic_time(short=bool(timeout))
    case.expect(station, lacpdu(Collecting=1, Distributing=1), since=said.time, within=latest)


@claims("MX-10", wires=1, needs=("independent_control",), seconds=14)
def test_partner_stops_collecting(case: Case) -> None:
    """A partner in sync that stops collecting gets no more data, and hears Distributing=0 at once"""
    lag = case.bundle(**case.control("independent"))
    station = lag.station
    case.settle()
    with case.offering(lag.aggregate) as offer:
        case.expect(station, offer.data, within=PROMPT, premise="MX-08")
        said = station.say(Collecting=0, Distributing=0)
        case.expect(station, COLLECTING, since=said.time, within=PROMPT)
        case.never(station, offer.data, since=said.time + PROMPT, during=HOLD)
