"""Links of another speed, and half duplex ones: they do not aggregate with the others (43.4.8, 43.4.14)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.case import (
    Case,
    Conversation,
    Lag,
    any_lacpdu,
    carry,
    claims,
    lacpdu,
    spread,
    step_missed,
)
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT, SLOW_PERIODIC_TIME
from harness.wire.station import Station
from testcases.conformance.sl.undisturbed import undisturbed

FAST, SLOW, SLOWER = 1000, 100, 10
"""Mbit/s."""

FLOWS = 24
"""Conversations, enough for a distribution over two links to use both."""

SILENT = SLOW_PERIODIC_TIME + 5 * FAST_PERIODIC_TIME
"""Seconds, as RX-31 has it."""


def key(case: Case, station: Station, row: str) -> int:
    """The key that the port on this wire says now."""
    case.run_for(2 * FAST_PERIODIC_TIME)
    return case.expect(station, lacpdu(), within=2 * FAST_PERIODIC_TIME, row=row).actor.key


def apart(case: Case, lag: Lag, flows: Sequence[Conversation], row: str, keys_row: str | None = None) -> None:
    """FAIL where they have one key, if the profile says so, or two and both carry these conversations.

    ``keys_row`` is what the first is judged by, where that is another row.
    """
    first, second = (key(case, station, row) for station in lag.stations)
    if case.reading("mixed_speeds") == "separate":
        case.check(first != second, "another key for a link of another speed", first, row=keys_row or row)
    with case.offering(lag.aggregate, flows) as offer:
        since = case.now()
        case.run_for(AGGREGATE_WAIT_TIME + 2 * FAST_PERIODIC_TIME)
    used = [s.wire.name for s in lag.stations if any(map(offer.data, s.wire.received(since)))]
    case.check(bool(used), "the client's frames on a link", "on none", row=row)
    words = "the client's frames on both links only where they have one key"
    seen = f"on {', '.join(used)}, keys {first} and {second}"
    for judged in (row, *([keys_row] if keys_row and case.reading("mixed_speeds") == "by_key" else [])):
        case.check(len(used) < 2 or first == second, words, seen, row=judged)


@claims("SL-11", "LF-21", wires=2, needs=["speeds", "spreads"], seconds=20)
def test_two_speeds(case: Case) -> None:
    """Links of two speeds are not in one LAG"""
    wires = case.wires[:2]
    wires[0].negotiate(FAST)
    wires[1].negotiate(SLOW)
    stations = [case.station(wire) for wire in wires]
    stations[0].start()
    lag = Lag(case.aggregate(wires), stations)
    case.expect(lag.station, lacpdu(Distributing=1), within=BRING_UP_TIME, premise=step_missed)
    stations[1].start()
    flows = case.conversations(FLOWS, lag.aggregate.mac)
    apart(case, lag, flows, row="SL-11", keys_row="LF-21")
    wires[1].negotiate(FAST)  # the control run
    case.distributing([stations[1]])
    passage = carry(case, lag.aggregate, [flow.frame(0) for flow in flows], stations)
    used = [name for name, frames in passage.out().items() if frames]
    if len(used) < 2:
        why = f"control run: of {FLOWS} conversations on two links of one speed, all are on {', '.join(used)}"
        case.nothing_to_judge(why, row="SL-11")


@claims(
    "LF-21", "SL-11",
    wires=4, needs=["speeds"], seconds=11, row_needs={"SL-11": ["mixed_speeds=separate"]},
)  # fmt: skip
def test_keys_of_speeds(case: Case) -> None:
    """Ports of one speed have one key, and those of another speed another one, whatever comes up when"""
    wires = case.wires[:4]
    for wire, speed in zip(wires, (FAST, SLOW, SLOW, SLOWER), strict=True):
        wire.negotiate(speed)
    stations = [case.station(wire) for wire in wires]
    for station in stations:
        station.start()
    case.aggregate(wires)
    seen = case.lacpdus(stations, during=4 * FAST_PERIODIC_TIME, row="LF-21")
    fast, slow, same, slower = ({frame.actor.key for frame in seen[wire.name]} for wire in wires)
    case.equal(len(slow | same), 1, f"different keys of two ports with {SLOW} Mbit/s:", row="LF-21")
    if "SL-11" in case.rows:
        words, keys = f"other keys for {FAST}, {SLOW} and {SLOWER} Mbit/s", f"{fast}, {slow} and {slower}"
        case.check(not (fast & slow or fast & slower or slow & slower), words, keys, row="SL-11")


@claims("SL-12", wires=2, needs=["speeds", "spreads"], seconds=22)
def test_speed_changes(case: Case) -> None:
    """A link that comes up with another speed has another key, and rejoins with its old one"""
    for wire in case.wires[:2]:
        wire.negotiate(FAST)
    lag = case.bundle(2)
    second = lag.stations[1]
    own = key(case, second, row="SL-12")
    flows = spread(case, lag.aggregate, lag.stations).some(FLOWS)
    second.wire.negotiate(SLOW)
    apart(case, lag, flows, row="SL-12")
    second.wire.negotiate(FAST)
    case.expect(second, lacpdu(key=own, Distributing=1), within=BRING_UP_TIME)
    with case.offering(lag.aggregate, flows) as offer:
        for station in lag.stations:
            case.expect(station, offer.data, within=BRING_UP_TIME)


@claims("SL-09", wires=3, needs=["speeds", "control", "cut"], seconds=30)
def test_another_speed_leaves(case: Case) -> None:
    """A link is not disturbed when one of another speed leaves, be the key of each its own"""
    wires = case.wires[:3]
    for wire, speed in zip(wires, (FAST, SLOW, SLOWER), strict=True):
        wire.negotiate(speed)
    used = case.station(wires[2])
    used.start()
    aggregate = case.aggregate(wires, **case.own_timeout()[0])
    in_use = lacpdu(Distributing=1)
    if not case.until(lambda: any(map(in_use, used.wire.received())), BRING_UP_TIME):
        for wire in wires[:2]:  # a port without a partner has the Aggregator, as it may: it comes later
            wire.cut()
        case.distributing([used])
        for wire in wires[:2]:
            case.link_up(wire)
            case.run_for(BRING_UP_TIME)
    case.distributing([used])
    with undisturbed(case, aggregate, [used], "SL-09"):
        aggregate.remove(wires[1].port)


@claims("RX-31", wires=1, needs=["speeds", "half_duplex=lacp_off"], seconds=43)
def test_half_duplex(case: Case) -> None:
    """On a half-duplex link LACP says nothing, answers nothing, and the port is in no LAG"""
    wire = case.wires[0]
    wire.negotiate(SLOW)
    station = case.station(wire)
    aggregate = case.aggregate_heard([station])  # the control run
    wire.negotiate(SLOW, full_duplex=False)
    case.run_for(PROMPT)
    since = case.now()
    station.start()
    with case.offering(aggregate) as offer:
        case.never(station, any_lacpdu(), since=since, during=SILENT)
    carried = sum(map(offer.data, wire.received(since)))
    case.report(f"individual data on the half-duplex link: {carried} frames")
