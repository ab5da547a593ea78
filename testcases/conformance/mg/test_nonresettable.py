"""Counters of 30.7 cannot be reset: whatever happens to a port that stays in its aggregate, they go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from harness.case import Case, Lag, any_lacpdu, ask, claims
from harness.dut.implementation import Variable
from harness.pdu import marker_response_frame
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from testcases.conformance.mg.test_counters import slow

FLOWS = 8

UNSUPPORTED, ILLEGAL = 4, 255
"""Subtypes of 43B.4 that are somebody else's, and nobody's."""

Numbers = Mapping[tuple[str, str], int]
"""Counters by port and name."""


def numbers(lag: Lag) -> Numbers:
    """All that can be read of 30.7.3.1 and 30.7.4.1."""
    said = lag.aggregate.status().ports
    return {
        (station.wire.port, name): value
        for station in lag.stations
        for name, value in {
            **said[station.wire.port].counters,
            **said[station.wire.port].debug,
        }.items()
    }


class Counters:
    """The counters of a LAG's ports, none of which may be lower after an event than before it."""

    def __init__(self, case: Case, lag: Lag) -> None:
        self.case = case
        self.lag = lag
        self.first = lag.station
        self.reached: set[str] = set()

    @contextmanager
    def through(self, words: str) -> Iterator[None]:
        """FAIL where what happens in the block resets a counter, and after it every port is in use again.

        LACPDUsTx has counted at least what the wires have shown meanwhile.
        """
        case, lag = self.case, self.lag
        before = numbers(lag)
        case.arrived()  # what leaves until then may have been counted already
        since = case.now()
        yield
        case.distributing(lag.stations)
        until = case.now()
        after = numbers(lag)
        lower = [
            f"{port} {name} {number} -> {after[port, name]}"
            for (port, name), number in before.items()
            if after[port, name] < number
        ]
        case.check(not lower, f"no counter lower after {words} than before", ", ".join(lower))
        for station in lag.stations:
            sent = [f for f in station.wire.received(since) if any_lacpdu()(f) and f.time <= until]
            name = station.wire.port, "LACPDUsTx"
            grown = after[name] - before[name]
            expected = f"LACPDUsTx of {station.wire.port} grown by the {len(sent)} of {words}"
            case.check(grown >= len(sent), expected, grown)
        self.reached |= {name for (_, name), number in after.items() if number}

    def close(self) -> None:
        """Say which counters could not have been seen reset."""
        never = sorted({name for _, name in numbers(self.lag)} - self.reached)
        self.case.report(f"counters that were 0 all the time: {', '.join(never) or 'none'}")


def counting(case: Case, **variables: Variable) -> Counters:
    """A LAG of two links whose counters have counted something, as far as a partner can make them do so."""
    lag = case.bundle(2, **variables)
    station = lag.station
    with case.offering(lag.aggregate, FLOWS):  # which move: a Marker generator has something to do
        case.run_for(PROMPT)
        station.say(Synchronization=0, Collecting=0, Distributing=0)
        case.run_for(PROMPT)
        station.say(Synchronization=1, Collecting=1, Distributing=1)
        case.distributing(lag.stations)
    station.say(key=station.info.key + 1)
    case.run_for(PROMPT)
    station.say(key=station.info.key - 1)
    case.distributing(lag.stations)
    station.marker(1)
    mac, info = station.wire.tap.mac, station.info
    station.put(marker_response_frame(mac, info.port, info.system, 2))
    for subtype in (UNSUPPORTED, ILLEGAL):
        station.put(slow(station, subtype))
    ask(case, lambda: numbers(lag).get((station.wire.port, "IllegalRx")), within=PROMPT)
    return Counters(case, lag)


@claims("MG-09", wires=2, needs=["counters", "cut", "other_subtypes"], seconds=45)
def test_links_and_partners(case: Case) -> None:
    """No counter is reset by its link, by its partner's silence, or by another partner"""
    short = {"timeout": "short"} if case.can("short_timeout") else {}
    counters = counting(case, **short)
    first, second = counters.lag.stations
    with counters.through("a carrier loss"):
        first.wire.cut()
        case.run_for(FAST_PERIODIC_TIME)
        case.link_up(first.wire)
    with counters.through("a partner that was heard on another port"):
        first.wire.cut()
        own, moved = second.info.port, first.info.port
        second.say(port=moved)
        case.run_for(PROMPT)
        second.say(port=own)
        case.link_up(first.wire)
    with counters.through("a partner out of sync"):
        first.say(Synchronization=0, Collecting=0, Distributing=0)
        case.run_for(PROMPT)
        first.say(Synchronization=1, Collecting=1, Distributing=1)
    with counters.through("another partner"):
        key = first.info.key
        first.say(key=key + 1)
        case.run_for(PROMPT)
        first.say(key=key)
    if short:
        with counters.through("a partner's silence"):
            first.silence()
            case.run_for(case.latest(2 * SHORT_TIMEOUT_TIME) + PROMPT)
            first.start()
    counters.close()


class Change(NamedTuple):
    """Of an administrative variable, where the PICS says that it can be set; and back."""

    words: str
    variable: str
    first: Variable
    meanwhile: Variable
    port: bool = False


CHANGES = (
    Change("set_key", "key", 0x0301, 0x0302),
    Change("set_system_priority", "system-priority", 0x7F00, 0x7E00),
    Change("passive active", "activity", "active", "passive"),
    Change("short_timeout long_timeout", "timeout", "short", "long"),
    Change("independent_control coupled_control", "control", "independent", "coupled"),
    Change("max_links", "max-links", 0, 1),
    Change("min_links", "min-links", 1, 2),
    Change("set_port_priority", "port-priority", 0x7F00, 0x7E00, port=True),
    Change("individual", "individual", False, True, port=True),
    Change("lacp_off", "lacp", True, False, port=True),
)


@claims(
    "MG-09", wires=2, needs=["counters", "control", "other_subtypes"], whole=["system-priority"], seconds=75
)
def test_operator(case: Case) -> None:
    """No counter is reset by what an operator sets, or by what is done to another port"""
    changes = [
        one for one in CHANGES if all(map(case.can, [*one.words.split(), f"while_running:{one.variable}"]))
    ]
    variables = {one.variable.replace("-", "_"): one.first for one in changes if not one.port}
    counters = counting(case, **variables)
    aggregate, wire = counters.lag.aggregate, counters.first.wire
    for change in changes:
        port = wire.port if change.port else None
        with counters.through(f"{change.variable} {change.meanwhile}, and back"):
            for value in (change.meanwhile, change.first):
                aggregate.set(change.variable, value, port)
                case.run_for(PROMPT)
    other = counters.lag.stations[1].wire.port
    kept = Counters(case, Lag(aggregate, [counters.first]))
    with kept.through(f"the removal of {other}, which is added again"):
        aggregate.remove(other)
        case.run_for(PROMPT)
        aggregate.add(other)
        case.run_for(PROMPT)
    counters.close()
