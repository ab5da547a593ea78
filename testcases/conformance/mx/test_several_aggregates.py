"""Mux machine: wait_while_timer, Ready and Selected are each aggregate's own (43.4.8, 43.4.10, 43.4.15)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.case import Case, Lag, Match, claims, lacpdu
from harness.profile.constants import (
    AGGREGATE_WAIT_TIME,
    EXPIRY_SHOWN,
    FAST_PERIODIC_TIME,
    PROMPT,
)
from testcases.conformance.mx.test_waiting import ATTACHED, in_sync
from testcases.conformance.sl.aggregates import lags
from testcases.conformance.sl.undisturbed import undisturbed

TIMES = 3
"""How often a port begins to wait again."""

KEY = 0x0B0A
"""Another one than the partner has at first."""


@claims("MX-02", "MX-04", wires=2, needs=["several_aggregates", "active"], seconds=12)
def test_wait_of_each_aggregate(case: Case) -> None:
    """A port attaches when its own wait is over, whatever begins to wait in another aggregate"""
    waiting, again = (case.station(wire) for wire in case.wires[:2])
    for number, station in enumerate((waiting, again)):
        case.aggregate_heard([station], name=f"agr{number}")
    first = waiting.say()
    waiting.start()
    again.start()
    begun: list[tuple[float, Match]] = []
    for number in range(TIMES):
        case.run_for(first.time + (number + 0.5) * FAST_PERIODIC_TIME - case.now())
        begun.append((again.say(key=KEY + number).time, in_sync(again)))
    case.never(waiting, in_sync(waiting), since=first.time, during=AGGREGATE_WAIT_TIME, row="MX-02")
    joined = case.check_frame(waiting, in_sync(waiting), since=first.time, within=ATTACHED, row="MX-02")
    if joined is not None:
        words = "first LACPDU to Synchronization=1, while another aggregate's port waits again and again"
        case.within(joined.time - first.time, None, None, words, id="wait", row="MX-02")
    for since, attached in begun:  # a later partner is another one
        case.never(again, attached, since=since, during=AGGREGATE_WAIT_TIME, row="MX-04")
    case.expect(again, attached, since=since, within=ATTACHED, premise="MX-02")


Happening = Callable[[Case, Lag], None]
"""What happens to an aggregate of one link; afterwards that waits anew."""


def carrier(case: Case, lag: Lag) -> None:
    """The carrier of its link goes and comes."""
    wire = lag.station.wire
    wire.cut()
    case.run_for(FAST_PERIODIC_TIME)
    case.link_up(wire)


def another_partner(case: Case, lag: Lag) -> None:
    """Its partner has another key."""
    station = lag.station
    said = station.say(key=station.info.key + 1)
    case.expect(station, lacpdu(Synchronization=0), since=said.time, within=PROMPT, premise="RX-24")


def silence(case: Case, lag: Lag) -> None:
    """Its partner is silent for longer than the timeout."""
    station = lag.station
    _, timeout = case.own_timeout()
    silent = station.last().time
    within = timeout + EXPIRY_SHOWN
    case.expect(station, lacpdu(Expired=1), since=silent, within=2 * within, premise="RX-08")
    station.start()


def removal(case: Case, lag: Lag) -> None:
    """Its port is removed, and added again."""
    lag.aggregate.remove(lag.station.wire.port)
    case.run_for(FAST_PERIODIC_TIME)
    lag.aggregate.add(lag.station.wire.port)


def marked(happening: Happening, seconds: float, *needs: str, timeouts: int = 0) -> object:
    """A happening with what it claims and needs."""
    mark = claims("MX-22", wires=2, needs=["several_aggregates", *needs], seconds=seconds, timeouts=timeouts)
    return pytest.param(happening, id=happening.__name__.replace("_", " "), marks=mark)


@pytest.mark.parametrize(
    "happening",
    [
        marked(carrier, 13, "cut"),
        marked(another_partner, 13),
        marked(silence, 14, timeouts=1),
        marked(removal, 16, "control"),
    ],
)
def test_another_aggregate_is_left_alone(case: Case, happening: Happening) -> None:
    """What happens to an aggregate's link, which then waits anew, leaves another aggregate's attached"""
    own, _ = case.own_timeout() if happening is silence else ({}, None)
    changed, other = lags(case, 2, **own)
    with undisturbed(case, other.aggregate, other.stations, "MX-22"):
        happening(case, changed)
        case.distributing(changed.stations)
