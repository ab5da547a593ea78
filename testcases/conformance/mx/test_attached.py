"""Mux machine: ATTACHED, and the partner's Synchronization that leads out of it and back (43.4.15)."""

from __future__ import annotations

from harness.case import Case, Match, claims, lacpdu, step_missed, where
from harness.case.premises import BRING_UP_TIME
from harness.dut.implementation import Aggregate, Variable
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station

HOLD = 5 * FAST_PERIODIC_TIME
"""Seconds for which a state is watched."""

ATTACHED = lacpdu(Synchronization=1, Collecting=0, Distributing=0)


def attached(case: Case, **variables: Variable) -> tuple[Station, Aggregate]:
    """A port that is ATTACHED for a partner with Synchronization=0."""
    wire = case.wires[0]
    station = case.station(wire, Synchronization=0, Collecting=0, Distributing=0)
    station.start()
    aggregate = case.aggregate([wire], **variables)
    case.expect(station, lacpdu(Synchronization=1), within=BRING_UP_TIME, premise=step_missed)
    return station, aggregate


def other_lacpdu_than(wanted: Match) -> Match:
    """An LACPDU that does not say this."""
    return where(f"LACPDU other than {wanted.words}", lambda frame: frame.is_lacpdu and not wanted(frame))


def stays_attached(case: Case, station: Station, since: float) -> None:
    """FAIL unless there are LACPDUs, and every one of them says ATTACHED."""
    case.expect(station, ATTACHED, since=since, within=HOLD)
    case.never(station, other_lacpdu_than(ATTACHED), since=since, during=HOLD)


@claims("MX-05", wires=1, seconds=13)
def test_partner_not_in_sync(case: Case) -> None:
    """A port whose partner is not in sync is attached, and neither collects nor distributes"""
    station, _ = attached(case)
    stays_attached(case, station, case.now() + PROMPT)


@claims("MX-06", wires=1, needs=("independent_control", "long_timeout"), seconds=11)
def test_partner_in_sync(case: Case) -> None:
    """A partner that comes in sync enables Collecting, and that is said at once"""
    station, _ = attached(case, timeout="long", **case.control("independent"))
    case.quiet(station)
    said = station.say(Synchronization=1)
    case.expect(station, lacpdu(Synchronization=1, Collecting=1), since=said.time, within=PROMPT)


@claims("MX-06", wires=1, needs=("coupled_control", "long_timeout"), seconds=11)
def test_partner_in_sync_coupled(case: Case) -> None:
    """With coupled control a partner that comes in sync enables both, and that is said at once"""
    station, _ = attached(case, timeout="long", **case.control("coupled"))
    case.quiet(station)
    said = station.say(Synchronization=1, Collecting=1, Distributing=1)
    both = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
    case.expect(station, both, since=said.time, within=PROMPT)


@claims("MX-11", wires=1, seconds=13)
def test_partner_loses_sync(case: Case) -> None:
    """A partner that is no longer in sync stops Collecting and Distributing; the port stays attached"""
    lag = case.bundle()
    station = lag.station
    with case.offering(lag.aggregate) as offer:
        case.expect(station, offer.data, within=PROMPT, premise="MX-08")
        held = station.say(Synchronization=0).time + PROMPT
        stays_attached(case, station, held)
        case.never(station, offer.data, since=held, during=HOLD)


@claims("MX-12", wires=1, seconds=11)
def test_recovers_without_waiting(case: Case) -> None:
    """A partner that comes in sync again meets a port that is still attached: data flows within 1 s"""
    lag = case.bundle()
    station = lag.station
    case.settle()
    with case.offering(lag.aggregate) as offer:
        lost = station.say(Synchronization=0)
        case.expect(station, ATTACHED, since=lost.time, within=PROMPT, premise="MX-11")
        case.never(station, offer.data, since=lost.time + PROMPT, during=PROMPT)
        again = station.say(Synchronization=1)
        case.expect(station, lacpdu(Synchronization=1, Collecting=1), since=again.time, within=PROMPT)
        case.expect(station, offer.data, since=again.time, within=PROMPT)
