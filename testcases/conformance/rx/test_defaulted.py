"""Receive machine: DEFAULTED (43.4.12)."""

from __future__ import annotations

from typing import Any

from harness.case import Case, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame, PortInfo, State
from harness.profile.constants import (
    AGGREGATE_WAIT_TIME,
    FAST_PERIODIC_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
    SLOW_PERIODIC_TIME,
)
from harness.wire.station import Station

DEFAULTED = lacpdu(Defaulted=1, Expired=0)
"""What a port says that hears no partner. It may be attached by then, as an Individual link (43.4.14)."""

GIVEN_UP = DEFAULTED & lacpdu(Synchronization=0, Collecting=0, Distributing=0)
"""The same of one that has given its partner up, and has left their LAG."""


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


def waits(case: Case, station: Station, since: float, **partner: Any) -> None:
    """FAIL where the port is in sync before the time that a port waits to join a LAG (43.4.15).

    ``partner``: only LACPDUs with this Partner information count.
    """
    in_sync = lacpdu(Synchronization=1, partner=partner)
    case.never(station, in_sync, since=since, during=AGGREGATE_WAIT_TIME, row="RX-14")


def identity(station: Station) -> dict[str, Any]:
    """The Partner information by which a port knows this station."""
    return {"system": station.info.system, "key": station.info.key, "port": station.info.port}


def greet(case: Case, station: Station, row: str) -> float:
    """A partner that knows nothing of the implementation comes; FAIL unless it is told, and is known."""
    said = station.say(Timeout=0, partner=PortInfo())
    known = lacpdu(Defaulted=0, Expired=0, partner=identity(station))
    case.check_frame(station, known, since=said.time, within=PROMPT, row=row)
    return said.time


def defaulted_at(case: Case, station: Station, told: Frame) -> float:
    """When a port became DEFAULTED, at the latest, by the first LACPDU that tells it.

    One that comes a slow period behind the one before is told by the period that began then (43.4.13).
    """
    before = [frame.time for frame in station.wire.received() if frame.is_lacpdu and frame.time < told.time]
    slow = case.earliest(SLOW_PERIODIC_TIME)
    return told.time - slow if before and told.time - before[-1] >= slow else told.time


@claims("RX-12", "RX-13", "RX-14", "RX-16", wires=1, needs=("active",), seconds=17, timeouts=1)
def test_partner_falls_silent(case: Case) -> None:
    """A port gives a silent partner up 3 s after EXPIRED, and leaves its LAG; it waits when that is back"""
    own, timeout = case.own_timeout()
    station = case.bundle(**own).station
    silent = station.last().time
    both = timeout + SHORT_TIMEOUT_TIME
    frame = case.expect(station, GIVEN_UP, since=silent, within=both, row="RX-12")
    words = "silence to Defaulted=1"
    case.within(frame.time - silent, both, both, words, id="silence-to-defaulted", row="RX-12")
    partner_is_default(case, frame)
    waits(case, station, frame.time)
    back = greet(case, station, "RX-16")
    if case.broken("RX-16"):  # it waits for nobody then
        case.leave("RX-14")
        return
    station.start()
    waits(case, station, back, **identity(station))
    joins = lacpdu(Synchronization=1, Collecting=1)
    case.check_frame(station, joins, since=back, within=BRING_UP_TIME, row="RX-14")


@claims("RX-12", "RX-13", "RX-20", wires=1, needs=("active",), seconds=43)
def test_no_partner_ever(case: Case) -> None:
    """A port that never heard a partner is DEFAULTED 3 s after it came up, until the first LACPDU"""
    wire = case.wires[0]
    station = case.station(wire)
    begun = case.now()
    case.aggregate([wire])
    attached = case.now()
    limit = attached - begun + SHORT_TIMEOUT_TIME + SLOW_PERIODIC_TIME
    frame = case.expect(station, DEFAULTED, since=begun, within=limit, row="RX-12")
    words, took = "a port that hears nobody: time until DEFAULTED", defaulted_at(case, station, frame) - begun
    case.within(took, SHORT_TIMEOUT_TIME, None, words, id="attached-to-defaulted", row="RX-12")
    over = attached + case.latest(SHORT_TIMEOUT_TIME + PROMPT)
    case.never(station, lacpdu(Expired=1), since=over, during=max(frame.time - over, 0.0), row="RX-12")
    partner_is_default(case, frame)
    case.run_for(3 * FAST_PERIODIC_TIME)
    greet(case, station, "RX-20")
