"""A partner falls silent, its link is up: conversations leave it when the timeout is over (43.3.12).

agr0, short timeout:  ===== silent      agr1, long timeout:  ===== silent
                      ===== goes on                          ===== goes on

Silent is the one with the most conversations. An implementation with one timeout, or one aggregate, has agr0
alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from harness.case import Case, Lag, claims, record
from harness.case.offer import OFFER_PERIOD, Offer, Pace
from harness.dut.implementation import Variable
from harness.profile.constants import LONG_TIMEOUT_TIME, PROMPT
from harness.wire.station import Station
from harness.wire.wire import Wire

FLOWS = 16
"""Conversations of one aggregate."""

SLOWLY = Pace(period=10)
"""Two frames a second of each conversation: the silence is long."""

TURN = 2 * SLOWLY.period * OFFER_PERIOD
"""Seconds in which each conversation has a frame for certain."""


def willing(case: Case, name: str, wires: Sequence[Wire], **own: Variable) -> Lag:
    """An aggregate over these wires, with a willing partner on each."""
    lag = Lag(case.aggregate(wires, name, **own), [case.station(wire) for wire in wires])
    for station in lag.stations:
        station.start()
    return lag


def conversations_on(wire: Wire, offer: Offer, since: float) -> dict[int, float]:
    """The conversations that the wire has carried, and when each had its last frame there."""
    return {record(frame)[0]: frame.time for frame in wire.received(since) if offer.data(frame)}


def busiest(case: Case, lag: Lag, offer: Offer, since: float) -> Station:
    """The partner with the most conversations on its link. That each is on a link is a premise."""
    spread = {one: len(conversations_on(one.wire, offer, since)) for one in lag.stations}
    shown = {one.wire.name: number for one, number in spread.items()}
    case.report(f"{lag.aggregate.name}, conversations by link: {shown}")
    if sum(spread.values()) != FLOWS:
        case.unmet("FD-01", f"{FLOWS} conversations of {lag.aggregate.name}, each on a link", str(shown))
    return max(spread, key=lambda one: spread[one])


def left_behind(case: Case, lag: Lag, silent: Station, offer: Offer, since: float, timeout: float) -> None:
    """FAIL unless the link of the silent partner is left in time and every conversation is on the other."""
    (goes_on,) = (one.wire for one in lag.stations if one is not silent)
    left, limit = timeout + PROMPT, case.latest(timeout + PROMPT) + offer.data.later
    last = max(conversations_on(silent.wire, offer, since).values(), default=since)
    words = f"silence to the last data on the silent link, timeout {timeout:g} s"
    case.within(last - since, None, left, words, id=f"last-data-timeout-{timeout:g}")
    there = conversations_on(goes_on, offer, since + limit)
    words = f"conversations of {lag.aggregate.name} on {goes_on.name} {limit:.2f} s after the silence began:"
    case.equal(len(there), FLOWS, words)


@claims("FD-14", wires=2, most_wires=4, seconds=124)
def test_silent_partner(case: Case) -> None:
    """Conversations leave a link whose partner is silent when the timeout, short or long, is over"""
    own, timeout = case.own_timeout()
    lags = {timeout: willing(case, "agr0", case.wires[:2], **own)}
    both = case.can("several_aggregates") and case.can("short_timeout") and case.can("long_timeout")
    if both and len(case.wires) >= 4:
        lags[LONG_TIMEOUT_TIME] = willing(case, "agr1", case.wires[2:4], timeout="long")
    case.distributing([station for lag in lags.values() for station in lag.stations])
    with ExitStack() as offers:
        offered = {
            timeout: offers.enter_context(case.offering(lag.aggregate, FLOWS, pace=SLOWLY))
            for timeout, lag in lags.items()
        }
        case.run_for(PROMPT)
        since = case.now()
        case.run_for(TURN)
        silent = {timeout: busiest(case, lag, offered[timeout], since) for timeout, lag in lags.items()}
        last = {timeout: station.last().time for timeout, station in silent.items()}
        for timeout, lag in lags.items():
            over = last[timeout] + case.latest(timeout + PROMPT) + case.pics.change_pause + TURN
            case.run_for(over - case.now())
            left_behind(case, lag, silent[timeout], offered[timeout], last[timeout], timeout)
