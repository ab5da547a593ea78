"""Standby links: more links than a LAG may have (43.4.14, 43.6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from harness.case import Case, Lag, claims, data_frame, lacpdu, step_missed, where
from harness.case.premises import BRING_UP_TIME
from harness.dut.implementation import Variable
from harness.pdu import Frame
from harness.profile.constants import (
    AGGREGATE_WAIT_TIME,
    FAST_PERIODIC_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
)
from harness.wire.station import Station

ACTIVE = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
STANDBY = lacpdu(Synchronization=0, Collecting=0, Distributing=0)
NOT_STANDBY = where("an LACPDU of a link in use", lambda frame: frame.is_lacpdu and not STANDBY(frame))

LATER = 4 * FAST_PERIODIC_TIME + AGGREGATE_WAIT_TIME
"""Seconds in which a standby link takes the place of another: a PDU each, the wait, and what follows it."""

FLOWS = 16
"""Conversations, enough for a distribution over two links to use both."""

TAKEOVER_TIME = 3.5
"""Seconds from carrier loss until a standby link carries its data, as CF-09 has it on straight wires."""

OURS, THEIRS = 1, 0x9000
"""System priorities of the implementation: higher and lower than the partner's (lower numbers decide)."""

LOWEST_AND_HIGHEST = ("00:00:5e:00:53:01", "fe:ff:5e:00:53:01")
"""Addresses of Systems: lower and higher than what an implementation is likely to have."""


def limited(case: Case, system_priority: int, port_priorities: list[int], **variables: Variable) -> Lag:
    """Willing partners on the first wires, one of which may be used; the ports have these priorities."""
    wires = case.wires[: len(port_priorities)]
    lag = Lag(
        case.aggregate(wires, max_links=1, system_priority=system_priority, **variables),
        [case.station(wire) for wire in wires],
    )
    for station, priority in zip(lag.stations, port_priorities, strict=True):
        lag.aggregate.set("port-priority", priority, port=station.wire.port)
    for station in lag.stations:
        station.start()
    return lag


def preferred_in_use(case: Case, lag: Lag) -> None:
    """Wait until the first link, that is preferred, is in use: a premise."""
    first, second = lag.stations

    def missed(frames: Sequence[Frame]) -> str:
        other = any(map(ACTIVE, second.wire.received()))
        return "SL-18" if other else step_missed(frames)

    case.expect(first, ACTIVE, within=BRING_UP_TIME, premise=missed)


def becomes_active(case: Case, chosen: Station, others: list[Station], row: str) -> None:
    """FAIL unless this link alone is used, in the end."""
    case.expect(chosen, ACTIVE, within=BRING_UP_TIME, row=row)
    case.run_for(PROMPT)
    since = case.now()
    case.never(chosen, STANDBY, since=since, during=2 * FAST_PERIODIC_TIME, row=row)
    for other in others:
        case.never(other, NOT_STANDBY, since=since, during=2 * FAST_PERIODIC_TIME, row=row)


@claims(
    "SL-16",
    wires=2,
    needs=["max_links", "spreads", "set_system_priority", "set_port_priority", "while_running:max-links"],
    whole=["system-priority"],
    seconds=17,
)
def test_standby_link(case: Case) -> None:
    """A standby link says Sync=Coll=Dist=0, goes on with LACP, and carries no data, but when it is in use"""
    lag = limited(case, OURS, [1, 2])
    _, second = lag.stations
    preferred_in_use(case, lag)
    case.run_for(PROMPT)
    with case.offering(lag.aggregate, FLOWS) as offer:
        since = case.now()
        for frame in case.lacpdus([second], since=since, during=4 * FAST_PERIODIC_TIME)[second.wire.name]:
            case.check(STANDBY(frame), STANDBY.words, frame.text())
        case.never(second, data_frame(), since=since, during=4 * FAST_PERIODIC_TIME)
        lag.aggregate.set("max-links", 2)  # the control run: these conversations would use it
        case.expect(second, ACTIVE, within=BRING_UP_TIME, premise=step_missed)
        soon = PROMPT + offer.data.later
        used = case.until(lambda: any(map(offer.data, second.wire.received(since))), within=soon)
    if not used:
        case.nothing_to_judge(f"control run: none of {FLOWS} conversations is on {second.wire.name} in use")


@claims("SL-16", wires=2, needs=["max_links", "set_system_priority", "set_port_priority"],
        whole=["system-priority"], seconds=16,
        timeouts=1)  # fmt: skip
def test_silent_standby_link(case: Case) -> None:
    """A standby link whose partner falls silent does not take the place of the link in use"""
    own, timeout = case.own_timeout()
    lag = limited(case, OURS, [1, 2], **own)
    first, second = lag.stations
    preferred_in_use(case, lag)
    case.run_for(PROMPT)
    since = second.last().time
    case.expect(second, lacpdu(Expired=1), since=since, within=timeout + SHORT_TIMEOUT_TIME, premise="RX-08")
    over = timeout + SHORT_TIMEOUT_TIME + AGGREGATE_WAIT_TIME
    case.never(first, STANDBY, since=since, during=over)


@claims(
    "SL-17",
    wires=2,
    needs=["max_links", "set_system_priority", "set_port_priority"],
    whole=["system-priority"],
    seconds=10,
)
@pytest.mark.parametrize("decides", ["implementation", "partner"])
def test_who_decides(case: Case, decides: str) -> None:
    """The port priorities of the system with the higher priority say which link is used"""
    lag = limited(case, {"implementation": OURS, "partner": THEIRS}[decides], [1, 2])
    first, second = lag.stations
    first.change(port_priority=2)
    second.change(port_priority=1)
    chosen, other = (first, second) if decides == "implementation" else (second, first)
    becomes_active(case, chosen, [other], row="SL-17")


@claims(
    "SL-17",
    wires=2,
    needs=["max_links", "set_system_priority", "set_port_priority"],
    whole=["system-priority"],
    seconds=9,
)
@pytest.mark.parametrize("system", LOWEST_AND_HIGHEST)
def test_system_decides(case: Case, system: str) -> None:
    """Of two systems with one priority the one whose address is lower says which link is used"""
    wires = case.wires[:2]
    stations = [case.station(wire, system=system, system_priority=THEIRS) for wire in wires]
    lag = Lag(case.aggregate(wires, max_links=1, system_priority=THEIRS), stations)
    for station, priority in zip(stations, (1, 2), strict=True):
        lag.aggregate.set("port-priority", priority, port=station.wire.port)
        station.change(port_priority=3 - priority)
        station.start()
    by_partner, by_own = reversed(stations), stations
    chosen, other = by_partner if system == LOWEST_AND_HIGHEST[0] else by_own
    becomes_active(case, chosen, [other], row="SL-17")


@claims(
    "SL-18",
    wires=2,
    needs=["max_links", "set_system_priority", "set_port_priority"],
    whole=["system-priority"],
    seconds=13,
)
def test_priorities_swapped(case: Case) -> None:
    """When port priorities are swapped the link in use is swapped too"""
    lag = limited(case, OURS, [1, 3])
    first, second = lag.stations
    becomes_active(case, first, [second], row="SL-18")
    lag.aggregate.set("port-priority", 5, port=first.wire.port)
    becomes_active(case, second, [first], row="SL-18")


@claims("SL-18", wires=2, needs=["max_links", "set_system_priority", "set_port_priority", "agr_manual"],
        whole=["system-priority"],
        seconds=12)  # fmt: skip
def test_preferred_link_waits(case: Case) -> None:
    """A preferred link takes the place of the one in use when it has waited, and data goes on meanwhile"""
    wires = case.wires[:2]
    first, second = (case.station(wire) for wire in wires)
    aggregate = case.aggregate(wires, max_links=1, system_priority=OURS)
    for wire, priority in zip(wires, (2, 1), strict=True):
        aggregate.set("port-priority", priority, port=wire.port)
    first.start()
    case.expect(first, ACTIVE, within=BRING_UP_TIME, premise=step_missed)
    with case.offering(aggregate) as offer:
        case.run_for(PROMPT)
        since = case.now()
        second.start()
        active = case.expect(second, ACTIVE, within=BRING_UP_TIME).time
        case.run_for(PROMPT)
        case.never(first, offer.data, since=active + PROMPT, during=2 * FAST_PERIODIC_TIME)
        ended = case.now()
    times = [since, *sorted(f.time for wire in wires for f in wire.received(since) if offer.data(f)), ended]
    longest = max(after - before for before, after in pairwise(times))
    words = "longest time without a frame of the client's"
    case.within(longest, None, PROMPT, words, id="longest-without-data")


@claims(
    "CF-09",
    wires=2,
    needs=["max_links", "cut", "set_system_priority", "set_port_priority"],
    whole=["system-priority"],
    seconds=7,
)
def test_takeover(case: Case) -> None:
    """A standby link takes over when the link in use loses its carrier"""
    lag = limited(case, OURS, [1, 2])
    first, second = lag.stations
    preferred_in_use(case, lag)
    case.never(second, NOT_STANDBY, during=PROMPT)
    with case.offering(lag.aggregate, 4) as offer:
        down = case.now()
        first.wire.cut()
        done = case.now()
        found = case.expect(second, offer.data, since=down, within=done - down + TAKEOVER_TIME)
    words = "carrier loss to data on the standby link"
    case.within(max(found.time - done, 0.0), None, None, words, id="carrier-loss-to-data")
