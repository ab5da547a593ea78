"""Receive machine: PORT_DISABLED (43.4.12)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu, sequences, where
from harness.case.premises import BRING_UP_TIME
from harness.pdu import lacpdu_frame
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME, SLOW_PERIODIC_TIME
from testcases.conformance.rx.outage import comes_back, same_lag
from testcases.conformance.rx.test_defaulted import DEFAULTED
from testcases.conformance.sl.carrying import carrying

FLOWS = 16
"""Conversations: a distribution that uses both links has some on each."""

SHORT_OUTAGE = FAST_PERIODIC_TIME / 5

USED = lacpdu(Synchronization=1, Collecting=1, Distributing=1, partner={"Synchronization": 1})

INTRUDER = 0x0E0F
"""A key that no partner has."""


@claims("RX-03", wires=1, needs=("cut", "active"), seconds=11)
def test_comes_back_without_synchronization(case: Case) -> None:
    """A port that lost its carrier does not collect or distribute for a partner that is gone

    Until it is DEFAULTED, that is: from then on it may be a link without a partner (CF-11).
    """
    lag = case.bundle()
    station, wire = lag.station, lag.station.wire
    with case.offering(lag.aggregate) as offer:
        case.expect(station, offer.data, within=PROMPT, premise="MX-08")
        station.silence()
        wire.cut()
        case.run_for(FAST_PERIODIC_TIME)
        up = case.link_up(wire)
        soon = up.done - up.ordered + FAST_PERIODIC_TIME
        case.expect(station, any_lacpdu(), since=up.ordered, within=soon, premise="PT-10")
        given_up = case.until(
            lambda: next(filter(DEFAULTED, station.wire.received(up.ordered)), None),
            within=SHORT_TIMEOUT_TIME + SLOW_PERIODIC_TIME,
        )
        over = case.now() if given_up is None else given_up.time
        for bit in ("Collecting", "Distributing"):
            used = lacpdu(**{bit: 1})
            before = where(used.words, lambda frame, used=used: used(frame) and not DEFAULTED(frame))
            case.never(station, before, since=up.ordered, during=over - up.ordered)
        sure = over if given_up is None else over - PROMPT  # its data may be quicker than its LACPDUs
        case.never(station, offer.data, since=up.ordered, during=sure - up.ordered)


@claims("RX-03", wires=2, needs=("cut",), seconds=10)
def test_dead_link_carries_nothing(case: Case) -> None:
    """A port without carrier stops distributing: its conversations go on over the other link"""
    lag = case.bundle(2)
    moved = case.longest_interruption
    with case.offering(lag.aggregate, FLOWS) as offer:
        used = case.until(lambda: carrying(lag.stations, offer), within=PROMPT)
        if not used:
            case.unmet("MX-08", "the client's data on one of the links", "none")
        dead = used[0]
        (alive,) = (station for station in lag.stations if station is not dead)
        dead.silence()
        dead.wire.cut()
        frames = case.frames(alive, offer.data, since=case.now() + moved, during=FAST_PERIODIC_TIME)
    words = (
        f"{FLOWS} conversations on {alive.wire.name}, {moved:g} s after the carrier of {dead.wire.name} went"
    )
    found = len(sequences(frames))
    case.check(found == FLOWS, words, found)


@claims("RX-02", wires=1, needs=("cut", "active", "without_carrier"), seconds=8)
def test_hears_nothing(case: Case) -> None:
    """A port without carrier processes no LACPDU that reaches it all the same"""
    station = case.bundle().station
    wire = station.wire
    station.silence()
    wire.cut()
    intruder = station.info.change(key=INTRUDER)
    for _ in range(3):
        case.run_for(FAST_PERIODIC_TIME)
        wire.deliver(lacpdu_frame(wire.tap.mac, intruder, station.echo))
    up = case.link_up(wire)
    soon = up.done - up.ordered + FAST_PERIODIC_TIME
    first = case.expect(station, any_lacpdu(), since=up.ordered, within=soon)
    case.check(lacpdu(Expired=1)(first), "an LACPDU with Expired=1", first.text())
    heard = lacpdu(partner={"key": INTRUDER})
    case.never(station, heard, since=up.ordered, during=SHORT_TIMEOUT_TIME)


@claims("RX-04", wires=1, needs=("cut", "active"), seconds=9)
def test_short_outage(case: Case) -> None:
    """A port knows its partner after a short outage, and is in the same LAG with it again"""
    station = case.bundle().station
    station.silence()
    station.wire.cut()
    case.run_for(SHORT_OUTAGE)
    comes_back(case, station, "RX-04")
    same_lag(case, station)


@claims("RX-04", wires=1, needs=("cut",), seconds=8)
def test_no_new_wait(case: Case) -> None:
    """A port whose partner goes on after a short outage is used again, after a new wait only as it is read"""
    station = case.bundle().station
    station.wire.cut()
    case.run_for(SHORT_OUTAGE)
    case.link_up(station.wire)
    said = station.say()
    within = PROMPT if case.reading("disabled_selected") == "kept" else BRING_UP_TIME
    used = case.expect(station, USED, since=said.time, within=within)
    words = "the partner's return after a short outage to Distributing=1"
    case.within(used.time - said.time, None, None, words, id="return-to-distributing")
