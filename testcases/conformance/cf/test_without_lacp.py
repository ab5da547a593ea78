"""Partners that know nothing of LACP (43.1.2, 43.4.9): what is declared for them is what happens."""

from __future__ import annotations

import pytest

from harness.case import Case, claims, flowing
from harness.profile.constants import (
    AGGREGATE_WAIT_TIME,
    FAST_PERIODIC_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
    SLOW_PERIODIC_TIME,
)

FLOWS = 8
"""Conversations: a distribution over two links would use both."""

SETTLED = SHORT_TIMEOUT_TIME + AGGREGATE_WAIT_TIME + 2 * FAST_PERIODIC_TIME
"""Seconds until a port without a partner is Defaulted and what becomes of it then has become of it."""

WATCHED = SLOW_PERIODIC_TIME + 5 * FAST_PERIODIC_TIME
"""Seconds, as CF-11 says."""


def carries(case: Case, variables: dict[str, str], watched: float, *, links: int) -> None:
    """Two partners that send data and no LACPDU; FAIL unless so many links are used for it in the end.

    The control run: when they do send LACPDUs, data passes both ways.
    """
    wires = case.wires[:2]
    allowed = max(links, 1)  # one that was fallen back to for a while
    stations = [case.station(wire) for wire in wires]  # silent
    aggregate = case.aggregate(wires, **variables)
    with (
        case.offering(aggregate, FLOWS) as outward,
        case.offering(wires[0]) as first,
        case.offering(wires[1]) as other,
    ):
        begin = case.now()
        case.run_for(watched)
        settled = max(begin, case.now() - PROMPT)
        case.run_for(PROMPT)
    used = [wire.name for wire in wires if any(map(outward.data, wire.received(begin)))]
    case.check(len(used) <= allowed, f"data on {allowed} links at most", ", ".join(used))
    now = [wire.name for wire in wires if any(map(outward.data, wire.received(settled)))]
    case.check(len(now) == links, f"data on {links} links in the end", ", ".join(now) or "none")
    into = [
        wire.name
        for wire, inward in zip(wires, (first, other), strict=True)
        if any(map(inward.data, aggregate.client.received(settled)))
    ]
    case.equal(into, now, "links whose data reaches the client:")
    for station in stations:
        station.start()
    case.distributing(stations)
    flowing(case, aggregate, wires)
    with case.offering(wires[0]) as first:
        case.expect(aggregate.client, first.data, within=PROMPT, premise="MX-15")


@claims("CF-11", wires=2, seconds=45)
def test_declared(case: Case) -> None:
    """Partners without LACP get what the implementation declares: no link carries data, one, or all do"""
    policy = case.pics.partner_without_lacp
    case.report(f"declared: {policy}")
    carries(case, {}, WATCHED, links={"suspend": 0, "together": 2}.get(policy, 1))


@claims("CF-11", wires=2, needs=["set_defaulted"], seconds=12)
@pytest.mark.parametrize("policy", ["down", "individual"])
def test_chosen(case: Case, policy: str) -> None:
    """Partners without LACP get what the operator chose for them"""
    carries(case, {"defaulted": policy}, SETTLED, links=int(policy == "individual"))


@claims("RX-32", wires=2, needs=["set_defaulted", "lacp_off"], seconds=12)
def test_lacp_off(case: Case) -> None:
    """Links without LACP are Individual (LACP_DISABLED): where such may carry data, one of two does"""
    wires = case.wires[:2]
    aggregate = case.aggregate(wires, defaulted="individual")
    for wire in wires:
        aggregate.set("lacp", False, port=wire.port)
    with case.offering(aggregate, FLOWS) as outward:
        case.run_for(SETTLED)
        settled = case.now()
        case.run_for(PROMPT)
    used = [wire.name for wire in wires if any(map(outward.data, wire.received(settled)))]
    case.check(len(used) == 1, "data on one link", ", ".join(used) or "none")
