"""Receive machine: what of a received LACPDU is checked (43.4.12)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.case import Case, ask, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.dut.implementation import Aggregate
from harness.pdu import PortInfo
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.wire.wire import Wire
from testcases.conformance.rx.spoiled import (
    LENGTH,
    RESERVED,
    RIGHT_LENGTH,
    TLVS,
    VERSION,
    Spoil,
    Spoiler,
)

VERSIONS = 0, 2, 255
TYPES = 0, 1, 2, 3, 255
LENGTHS = 0, 1, 19, 21, 255
SHORTEST, WHOLE = 60, 124
"""Octets of a frame: hardware makes none shorter than 60."""

BETWEEN = FAST_PERIODIC_TIME / 2
"""Seconds between two spoiled LACPDUs, for the transmit limit to leave each its answer."""


def spoilers(case: Case, wires: list[Wire]) -> tuple[Aggregate, list[Spoiler]]:
    """An aggregate with, on each wire, a partner that is about to spoil its LACPDUs, and is known already."""
    quiet = {"Timeout": 0, "Synchronization": 0, "Collecting": 0, "Distributing": 0}
    stations = [case.station(wire, **quiet) for wire in wires]
    aggregate = case.aggregate_heard(stations)
    for station in stations:
        said = station.say(partner=PortInfo())
        known = lacpdu(partner={"key": station.info.key})
        case.expect(station, known, since=said.time, within=BRING_UP_TIME, premise="LF-26")
    case.settle()
    return aggregate, [Spoiler(case, station) for station in stations]


def octets(place: int | slice, value: int) -> Spoil:
    """Other octets at a place."""

    def spoil(frame: bytearray) -> None:
        where = slice(place, place + 1) if isinstance(place, int) else place
        frame[where] = bytes([value]) * (where.stop - where.start)

    return spoil


def shorter(length: int) -> Spoil:
    """Only so many octets."""

    def spoil(frame: bytearray) -> None:
        del frame[length:]

    return spoil


def is_accepted(case: Case, spoiler: Spoiler, spoil: Spoil, row: str) -> None:
    """FAIL unless what is spoiled so is taken as if nothing were."""
    sent = spoiler.send(spoil)
    case.check_frame(spoiler.station, spoiler.taken(), since=sent.time, within=FAST_PERIODIC_TIME, row=row)
    case.run_for(sent.time + BETWEEN - case.now())


def are_unharmed(case: Case, every: Sequence[Spoiler], row: str) -> None:
    """FAIL where something was known that nobody said, or where right LACPDUs do not make a LAG any more."""
    since = case.now()
    for spoiler in every:
        spoiler.nothing_else_known(row)
        spoiler.spoil_no_more()
    carries = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
    for spoiler in every:
        case.expect(spoiler.station, carries, since=since, within=BRING_UP_TIME, row=row)


@claims("RX-26", "RX-27", "RX-28", wires=1, needs=["active"], seconds=21)
def test_not_checked(case: Case) -> None:
    """Version, TLV types and reserved octets of a received LACPDU are not looked at"""
    _, (spoiler,) = spoilers(case, case.wires[:1])
    for version in VERSIONS:
        is_accepted(case, spoiler, octets(VERSION, version), "RX-26")
    for place in TLVS.values():
        for kind in TYPES:
            is_accepted(case, spoiler, octets(place, kind), "RX-27")
    for place in RESERVED.values():
        is_accepted(case, spoiler, octets(place, 0xFF), "RX-28")


@claims("RX-29", wires=1, needs=["active"], seconds=19)
def test_wrong_lengths(case: Case) -> None:
    """An LACPDU with a wrong length is dropped, or taken as if it were right, and does no harm"""
    _, (spoiler,) = spoilers(case, case.wires[:1])
    for name, place in TLVS.items():
        taken = []
        for length in LENGTHS:
            if length == RIGHT_LENGTH[name]:
                continue
            sent = spoiler.send(octets(place + LENGTH, length))
            case.run_for(sent.time + BETWEEN - case.now())
            if spoiler.was_taken(sent):
                taken.append(length)
        case.report(f"wrong {name} lengths that were taken: {taken}")
    are_unharmed(case, [spoiler], "RX-29")


def illegal(aggregate: Aggregate) -> int:
    """IllegalRx of all its ports (30.7.3.1)."""
    return sum(port.counters["IllegalRx"] for port in aggregate.status().ports.values())


@claims("RX-30", wires=1, needs=["active"], seconds=18)
def test_cut_short(case: Case) -> None:
    """An LACPDU that is cut short is dropped, and counted as illegal, or taken, and does no harm"""
    aggregate, every = spoilers(case, case.wires[: case.pics.max_ports])
    before = illegal(aggregate) if case.can("counters") else 0
    taken = []
    for first in range(SHORTEST, WHOLE, len(every)):
        lengths = range(first, min(first + len(every), WHOLE))
        cut = [(n, spoiler, spoiler.send(shorter(n))) for n, spoiler in zip(lengths, every, strict=False)]
        case.run_for(BETWEEN)
        taken += [n for n, spoiler, sent in cut if spoiler.was_taken(sent)]
    case.report(f"octets of cut LACPDUs that were taken: {taken}")
    if case.can("counters"):
        dropped = WHOLE - SHORTEST - len(taken)
        ask(case, lambda: illegal(aggregate) - before == dropped, within=PROMPT)
        case.equal(illegal(aggregate) - before, dropped, "IllegalRx, for those that were dropped:")
    are_unharmed(case, every, "RX-30")
