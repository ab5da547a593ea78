"""Marker Protocol: Responses, their rate, and waits for them are each aggregate's own (43.2.6, 43.5)."""

from __future__ import annotations

from contextlib import ExitStack

from harness.case import Case, claims
from harness.case.offer import OFFER_PERIOD
from harness.profile.constants import PROMPT, Duration
from testcases.conformance.fd.moving import FLOWS, MOVING, arrivals, come_out, none_dead, some_moved
from testcases.conformance.mk.test_generator import LONGEST, standstills
from testcases.conformance.mk.test_tolerance import BETWEEN, MARKERS, TRANSACTION, ask
from testcases.conformance.sl.aggregates import MOST, lags, number_of


@claims(
    "MK-12", "MK-13", wires=2, most_wires=MOST, needs=["several_aggregates", "marker_responder"], seconds=14
)
def test_responses_of_each_aggregate(case: Case) -> None:
    """Markers that come to several aggregates at once are answered, each where it came in and once"""
    stations = [lag.station for lag in lags(case, number_of(case))]
    since, count = case.now(), len(stations)
    for number in range(MARKERS):
        for place, station in enumerate(stations):
            ask(station, TRANSACTION + number * count + place)
        case.run_for(since + (number + 1) * BETWEEN - case.now())
    case.run_for(PROMPT)
    for place, station in enumerate(stations):
        wanted = {TRANSACTION + number * count + place for number in range(MARKERS)}
        got = [f.marker.transaction_id for f in station.wire.received(since) if f.is_marker_response]
        own = sorted(each for each in got if each in wanted)
        case.equal(own, sorted(wanted), f"the transactions that were answered on {station.wire.name}",
                   row="MK-13")  # fmt: skip
        others = sorted(each for each in got if each not in wanted)
        case.equal(others, [], f"Responses on {station.wire.name} to other links' Markers", row="MK-12")


@claims("MK-23", wires=4, needs=["several_aggregates", "marker_generator"], seconds=16)
def test_waits_of_each_aggregate(case: Case) -> None:
    """While one aggregate waits for a Response that does not come, another goes on when it has its own"""
    declared = Duration(case.pics.marker_wait)
    both = lags(case, 2, links=2)
    both[0].station.responds = False
    since = case.now()
    with ExitStack() as offers:
        offered = [offers.enter_context(case.offering(lag.aggregate, FLOWS)) for lag in both]
        case.run_for(MOVING / 3)
        for lag in both:
            lag.station.say(Synchronization=0, Collecting=0, Distributing=0)
        case.run_for(MOVING)
    come_out(case)
    longest = []
    for lag, offer in zip(both, offered, strict=True):
        found = arrivals(lag.stations, offer, since)
        none_dead(case, offer, found, "MK-23")
        some_moved(case, found)
        longest.append(max(standstills(found)))
    words = f"{LONGEST}, its Marker swallowed"
    case.within(longest[0], declared, declared + OFFER_PERIOD, words, id="longest-pause-swallowed")
    # Nothing is added: it must end before the other one's wait may be over.
    words = f"{LONGEST}, its Marker answered"
    case.within(longest[1], None, case.earliest(declared), words, id="longest-pause-answered", exact=True)
