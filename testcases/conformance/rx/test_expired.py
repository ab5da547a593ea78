"""Receive machine: EXPIRED (43.4.12)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.profile.constants import EXPIRY_SHOWN, FAST_PERIODIC_TIME, PROMPT


@claims("RX-05", wires=1, needs=("cut", "active"), seconds=7)
def test_link_up(case: Case) -> None:
    """A port that comes up is EXPIRED, and says so before it hears of a partner"""
    wire = case.wires[0]
    station = case.station(wire)
    wire.cut()
    case.aggregate([wire])
    up = case.link_up(wire)
    limit = up.done - up.ordered + FAST_PERIODIC_TIME
    first = case.expect(station, any_lacpdu(), since=up.ordered, within=limit)
    case.check(
        lacpdu(Expired=1, Collecting=0, Distributing=0)(first),
        "a first LACPDU with Expired=1, Collecting=0, Distributing=0",
        first.text(),
    )


@claims("RX-06", "RX-07", "RX-08", wires=1, seconds=9, timeouts=1)
def test_what_expires(case: Case) -> None:
    """Expiry sets Expired and the partner's Timeout, and clears the partner's Synchronization"""
    own, timeout = case.own_timeout()
    station = case.bundle(**own).station
    silent = station.last(Timeout=0).time
    limit = timeout + EXPIRY_SHOWN
    case.expect(station, lacpdu(Expired=1), since=silent, within=limit, row="RX-08")
    for row, what in {
        "RX-06": lacpdu(Expired=1, partner={"Timeout": 1}),
        "RX-07": lacpdu(Expired=1, Distributing=0, partner={"Synchronization": 0}),
    }.items():
        case.check_frame(station, what, since=silent, within=limit, row=row)


@claims("RX-15", "RX-39", wires=1, seconds=15, timeouts=1)
def test_leaves_expired(case: Case) -> None:
    """A valid LACPDU brings an EXPIRED port back to CURRENT and Collecting at once: it stayed in its LAG"""
    own, timeout = case.own_timeout()
    station = case.bundle(**own).station
    silent = station.last().time
    limit = timeout + FAST_PERIODIC_TIME
    case.expect(station, lacpdu(Expired=1), since=silent, within=limit, premise="RX-08")
    case.run_for(silent + timeout + 2 * FAST_PERIODIC_TIME - case.now())
    said = station.say()
    back = lacpdu(Expired=0, Collecting=1)
    case.check_frame(station, back, since=said.time, within=PROMPT, row="RX-15")
    throughout = said.time - silent + PROMPT
    case.never(station, lacpdu(Synchronization=0), since=silent, during=throughout, row="RX-39")
