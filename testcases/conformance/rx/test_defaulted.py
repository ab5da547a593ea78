"""Receive machine: DEFAULTED (43.4.12)."""

from __future__ import annotations

from harness.case import Case, Match, claims, lacpdu
from harness.case.case import BRING_UP_TIME
from harness.pdu import Frame, PortInfo, State
from harness.profile.constants import (
    AGGREGATE_WAIT_TIME,
    FAST_PERIODIC_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
    SLOW_PERIODIC_TIME,
)
from harness.wire.station import Station

GIVEN_UP = {"Expired": 0, "Defaulted": 1, "Synchronization": 0, "Collecting": 0, "Distributing": 0}


def defaulted() -> Match:
    """What a port says when it has given its partner up."""
    return lacpdu(**GIVEN_UP)


def partner_is_default(case: Case, frame: Frame) -> None:
    """FAIL unless the Partner information is what the implementation declares for no partner."""
    said, wanted = frame.partner, case.partner_defaults
    in_sync = int(State.Synchronization in said.state)
    match case.reading("defaulted_partner"):
        case "in_sync":
            wanted = wanted.change(Synchronization=1)
        case "either":
            case.report(f"the partner's Synchronization of a Defaulted port: {in_sync}")
            wanted = wanted.change(Synchronization=in_sync)
    case.equal(said.text(), wanted.text(), "Partner information", row="RX-13")


def waits(case: Case, station: Station, since: float) -> None:
    """FAIL where the port is in sync before the time that a port waits to join a LAG (43.4.15)."""
    in_sync = lacpdu(Synchronization=1)
    case.never(station, in_sync, since=since, during=AGGREGATE_WAIT_TIME, row="RX-14")


def greet(case: Case, station: Station, row: str) -> float:
    """A partner that knows nothing of the implementation comes; FAIL unless it is told, and is known."""
    said = station.say(Timeout=0, partner=PortInfo())
    partner = {"system": station.info.system, "key": station.info.key, "port": station.info.port}
    known = lacpdu(Defaulted=0, Expired=0, partner=partner)
    case.check_frame(station, known, since=said.time, within=PROMPT, row=row)
    return said.time


@claims("RX-12", "RX-13", "RX-14", "RX-16", wires=1, needs=("active", "short_timeout"), seconds=17)
def test_partner_falls_silent(case: Case) -> None:
    """A port gives a silent partner up 3 s after EXPIRED, and leaves its LAG; it waits when that is back"""
    station = case.bundle(timeout="short").station
    silent = station.last().time
    both = 2 * SHORT_TIMEOUT_TIME
    frame = case.expect(station, defaulted(), since=silent, within=both, row="RX-12")
    words = "silence to Defaulted=1"
    case.within(frame.time - silent, both, both, words, id="silence-to-defaulted", row="RX-12")
    partner_is_default(case, frame)
    waits(case, station, frame.time)
    back = greet(case, station, "RX-16")
    if case.broken("RX-16"):  # it waits for nobody then
        case.leave("RX-14")
        return
    station.start()
    waits(case, station, back)
    joins = lacpdu(Synchronization=1, Collecting=1)
    case.check_frame(station, joins, since=back, within=BRING_UP_TIME, row="RX-14")


@claims("RX-12", "RX-13", "RX-20", wires=1, needs=("active",), seconds=43)
def test_no_partner_ever(case: Case) -> None:
    """A port that never heard a partner is DEFAULTED 3 s after it came up, until the first LACPDU"""
    wire = case.wires[0]
    station = case.station(wire)
    case.aggregate([wire])
    attached = case.now()
    limit = SHORT_TIMEOUT_TIME + SLOW_PERIODIC_TIME
    frame = case.expect(station, defaulted(), since=attached, within=limit, row="RX-12")
    partner_is_default(case, frame)
    case.run_for(3 * FAST_PERIODIC_TIME)
    greet(case, station, "RX-20")
