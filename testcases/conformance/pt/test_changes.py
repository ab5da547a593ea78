"""Periodic Transmission machine: what begins, ends or changes the cadence at once (43.4.13)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from harness.case import Case, any_lacpdu, claims
from harness.pdu import State
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from testcases.conformance.pt.gaps import fast_gaps, heard

WATCHED = 5 * FAST_PERIODIC_TIME

LOADED = 5 * FAST_PERIODIC_TIME
FLOWS = 50
"""Conversations of twenty frames a second each: what a capture of every frame can take."""


@claims("PT-04", wires=1, needs=["long_timeout"], seconds=16)
def test_slow_to_fast(case: Case) -> None:
    """A partner that wants the fast period gets an LACPDU at once, then one each second"""
    station = case.bundle(timeout="long").station
    case.quiet(station)
    said = station.say(Timeout=1)
    before_a_period = case.earliest(FAST_PERIODIC_TIME)
    first = case.expect(station, any_lacpdu(), since=said.time, within=before_a_period)
    station.start()
    case.run_for(first.time + WATCHED - case.now())
    fast_gaps(case, station, first.time, case.now(), "PT-04")


@claims("PT-10", wires=1, needs=["active", "cut"], seconds=16)
def test_port_disabled(case: Case) -> None:
    """A port without carrier sends nothing, and speaks within a period when it has it again"""
    lag = case.bundle()
    port, wire = lag.station.wire.port, lag.station.wire
    lag.station.silence()
    wire.cut()
    case.settle()

    counted = case.can("counters")

    def sent() -> int | None:
        return lag.aggregate.status().ports[port].counters["LACPDUsTx"] if counted else None

    before, since = sent(), case.now()
    case.never(wire, any_lacpdu(), since=since, during=WATCHED)
    case.equal(sent(), before, "LACPDUsTx while the port has no carrier")
    up = case.link_up(wire)
    limit = up.done - up.ordered + FAST_PERIODIC_TIME
    first = case.expect(wire, any_lacpdu(), since=up.ordered, within=limit)
    case.within(first.time - up.ordered, None, None, "link up to an LACPDU", id="link-up-to-lacpdu")


@claims("PT-10", wires=1, needs=["active", "lacp_off"], seconds=14)
def test_lacp_disabled(case: Case) -> None:
    """A port without LACP sends no LACPDU, and speaks within a period when it has LACP again"""
    lag = case.bundle()
    station = lag.station
    lag.aggregate.set("lacp", False, port=station.wire.port)
    case.never(station, any_lacpdu(), since=case.now() + PROMPT, during=WATCHED)
    station.silence()
    ordered = case.now()
    lag.aggregate.set("lacp", True, port=station.wire.port)
    done = case.now()
    case.expect(station, any_lacpdu(), since=ordered, within=done - ordered + FAST_PERIODIC_TIME)


@claims("PT-11", wires=1, seconds=12)
def test_under_load(case: Case) -> None:
    """Data both ways does not stop the cadence: no timeout of a fast partner passes without an LACPDU"""
    lag = case.bundle()
    station = lag.station
    with case.offering(lag.aggregate, FLOWS) as outward, case.offering(station.wire, FLOWS) as inward:
        since = case.now()
        case.run_for(LOADED)
        times = [since, *heard(station, since, case.now()), case.now()]
    out = sum(map(outward.data, station.wire.received(since)))
    into = sum(map(inward.data, lag.aggregate.client.received(since)))
    case.report(
        f"data frames in {LOADED:g} s: {out} of {len(outward.sent)} out, {into} of {len(inward.sent)} in"
    )
    if not (out and into):
        case.unmet("MX-15" if out else "MX-08", "data that passes both ways", f"{out} frames out, {into} in")
    longest = max(later - earlier for earlier, later in pairwise(times))
    words, name = "longest time without an LACPDU", "longest-silence"
    # The row's own limit, and no timer of the implementation's: the partner's timeout must not pass.
    case.within(longest, None, SHORT_TIMEOUT_TIME, words, id=name, exact=True)


@claims("PT-14", wires=1, needs=["passive"], seconds=6)
@pytest.mark.parametrize("timeout", [1, 0], ids=["fast", "slow"])
def test_passive_starts(case: Case, timeout: int) -> None:
    """A passive port says nothing to nobody, and answers the first LACPDU of an active partner"""
    wire = case.wires[0]
    station = case.station(wire, Timeout=timeout)
    case.aggregate([wire], activity="passive")
    if State.Activity not in case.partner_defaults.state:
        case.never(station, any_lacpdu(), during=2 * FAST_PERIODIC_TIME)
    said = station.say()
    case.expect(station, any_lacpdu(), since=said.time, within=FAST_PERIODIC_TIME)
