"""A Marker generator and a partner that answers no Marker, or not each: how long it waits (43A.3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from harness.case import Case, Lag, claims
from harness.case.offer import OFFER_PERIOD
from harness.pdu import Frame
from harness.profile.constants import COLLECTOR_MAX_DELAY_UNIT, PROMPT
from harness.wire.station import Station
from testcases.conformance.fd.moving import DISTANCE, arrivals, moved, none_dead
from testcases.conformance.mk.waits import as_declared, short_wait

FLOWS = 96
"""Conversations, so many that some are behind each Marker."""


def silent(case: Case, max_delay: int = 0) -> Lag:
    """A LAG of one link to a partner with this Collector_Max_Delay that answers no Marker."""
    lag = case.bundle()
    lag.station.responds = False
    lag.station.max_delay = max_delay
    case.settle()
    return lag


def moves_off(case: Case, lag: Lag, needed: int) -> None:
    """A second link takes conversations of the first one, whose waits are judged.

    Again and again, where a generator needs fewer Markers for that than ``needed``: so many must have
    conversations behind them.
    """
    station, wire = lag.station, case.wires[1]
    added = case.station(wire)
    added.start()
    since = case.now()
    with case.offering(lag.aggregate, FLOWS) as offer:
        case.run_for(PROMPT)
        for time in range(needed):
            if time:
                lag.aggregate.remove(wire.port)
                case.run_for(PROMPT)
            lag.aggregate.add(wire.port)
            case.distributing([added])
            case.run_for(needed * case.pics.marker_wait + PROMPT)
            if sum(frame.is_marker for frame in station.wire.received(since)) >= needed:
                break
    case.run_for(case.pics.marker_wait + PROMPT)
    found = arrivals([station, added], offer, since)
    none_dead(case, offer, found, "MK-23")
    as_declared(case, station, found, needed)


@claims("MK-23", wires=2, needs=["marker_generator", "unanswered_markers", "control"], seconds=20)
@pytest.mark.parametrize("delayed", [False, True], ids=["no delay", "delay"])
def test_silent(case: Case, delayed: bool) -> None:
    """After as many Markers as declared a partner that answers none is waited for no longer than declared"""
    delay = round(case.pics.marker_wait / 2 / COLLECTOR_MAX_DELAY_UNIT)
    lag = silent(case, delay if delayed else 0)
    moves_off(case, lag, case.pics.unanswered_markers + 1)


@claims("MK-23", wires=2, needs=["marker_generator", "unanswered_markers", "control"], seconds=45)
def test_answers_one(case: Case) -> None:
    """A partner that answers one Marker is waited for as long as ever for the next ones"""
    lag = silent(case)
    with answering_the_second(lag.station):
        moves_off(case, lag, case.pics.unanswered_markers + 2)


@contextmanager
def answering_the_second(station: Station) -> Iterator[None]:
    """The partner answers the second Marker of the block alone, also where that comes before a command ends.

    The Response leaves a little later, so that the Marker after it has none.
    """
    markers = 0

    def follow(frame: Frame) -> None:
        nonlocal markers
        if not frame.sent and frame.is_marker:
            markers += 1
            if markers == 1:
                station.responds, station.distance = True, DISTANCE
        elif frame.sent and frame.is_marker_response:
            station.responds, station.distance = False, 0.0

    end = station.wire.tap.listen(follow)
    try:
        yield
    finally:
        end()


@claims("MK-23", wires=2, needs=["marker_generator", "unanswered_markers", "control"], seconds=20)
def test_no_room(case: Case) -> None:
    """Conversations wait no longer for a Marker that cannot be sent than for a Response that does not come"""
    lag = silent(case)
    station, wire = lag.station, case.wires[1]
    added = case.station(wire)
    added.start()
    since = case.now()
    with case.offering(lag.aggregate, FLOWS) as offer:
        lag.aggregate.add(wire.port)
        case.distributing([added])
        case.run_for((case.pics.unanswered_markers + 1) * case.pics.marker_wait + PROMPT)
        for number in range(case.profile.slow_protocol_frames_per_second):  # 43B.2: no room for a Marker
            station.marker(number)
        said = station.say(Synchronization=0, Collecting=0, Distributing=0)
        case.run_for(case.pics.marker_wait + PROMPT)
    case.arrived()
    found = arrivals([station, added], offer, since)
    none_dead(case, offer, found, "MK-23")
    pauses = [
        after.time - before.time
        for way in moved(found).values()
        for before, after in pairwise(way)
        if before.wire == station.wire.name != after.wire and after.time > said.time
    ]
    if not pauses:
        case.unmet("FD-05", f"conversations on {station.wire.name} in the end", "none")
    most = short_wait(case, station) + OFFER_PERIOD
    words = "longest pause of a conversation that moved"
    case.within(max(pauses), None, most, words, id="longest-pause", row="MK-23")
