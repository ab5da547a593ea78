"""Links that may share no LAG: one client's frames are never on both, as long as joining them takes.

    1  from the beginning the second partner is of another LAG
    2  control run: it says what the first one says, and both links carry: after so much time
    3  it is of another LAG again, for that time and more, from the last change that the device makes

What comes in on both links shows it whatever the distribution is; what goes out, where that spreads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from harness.case import Case, lacpdu, record, step_missed
from harness.case.offer import OFFER_PERIOD, Offer
from harness.case.premises import BRING_UP_TIME, STEP_LATE
from harness.dut.implementation import Aggregate
from harness.pdu import State
from harness.pdu.info import BITS
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station

FLOWS = 24
"""Conversations, enough for a distribution over two links to use both."""

HELD = AGGREGATE_WAIT_TIME + 2 * FAST_PERIODIC_TIME
"""Seconds in which links that are joined carry data, at least."""

DISTRIBUTING = lacpdu(Synchronization=1, Collecting=1, Distributing=1)


@dataclass(frozen=True)
class Pair:
    """Two links of an aggregate, the client's frames and those of both partners, all in rounds."""

    case: Case
    aggregate: Aggregate
    stations: Sequence[Station]
    outward: Offer
    inward: Sequence[Offer]

    def out_on_both(self, since: float) -> list[int]:
        """The rounds in which the client's frames left on both links, as in the one before.

        A LAG may take the place of another: a round in which it does is no proof.
        """
        links: dict[int, set[str]] = defaultdict(set)
        for station in self.stations:
            for frame in station.wire.received(since):
                if self.outward.data(frame) and (told := record(frame)):
                    links[told[1]].add(station.wire.name)
        return _twice(links)

    def in_on_both(self, since: float) -> list[int]:
        """The same of frames that reached the client."""
        links: dict[int, set[str]] = defaultdict(set)
        for frame in self.aggregate.client.received(since):
            for station, offer in zip(self.stations, self.inward, strict=True):
                if offer.data(frame) and (told := record(frame)):
                    links[told[1]].add(station.wire.name)
        return _twice(links)

    def last_change(self, since: float) -> float:
        """When a link last said something new of its Actor, or began to carry the client's frames."""
        times = [since]
        for station in self.stations:
            frames = [frame for frame in station.wire.received() if frame.is_lacpdu]
            times += [frame.time for frame in frames[:1]]
            times += [after.time for before, after in pairwise(frames) if before.actor != after.actor]
            times += [f.time for f in station.wire.received(since) if self.outward.data(f)][:1]
        return max(times)


def _twice(links: dict[int, set[str]]) -> list[int]:
    return [number for number, used in links.items() if len(used) == len(links.get(number - 1, ())) == 2]


def never_joined(case: Case, field: str, value: Any) -> None:
    """FAIL where one client's frames use two links whose partners differ in this field or state bit."""
    stations = [case.station(wire) for wire in case.wires[:2]]
    second = stations[1]
    alike, apart = {field: said(second, field)}, {field: value}
    second.change(**apart)
    for station in stations:
        station.start()
    aggregate = case.aggregate([station.wire for station in stations])
    with ExitStack() as offers:
        outward = offers.enter_context(case.offering(aggregate, FLOWS))
        inward = [offers.enter_context(case.offering(station.wire)) for station in stations]
        pair = Pair(case, aggregate, stations, outward, inward)
        begin = case.now()
        one_at_least(pair)
        settled(pair, begin, HELD)
        never_both(pair, begin)
        joined = join(pair, alike)
        leaves = second.say(**apart).time + PROMPT
        settled(pair, leaves, max(HELD, joined))
    never_both(pair, leaves)
    case.expect(second, lacpdu(), within=2 * FAST_PERIODIC_TIME)


def said(station: Station, field: str) -> Any:
    """What a partner says in a field or a state bit."""
    info = station.info
    return int(bool(info.state & State[field])) if field in BITS else getattr(info, field)


def one_at_least(pair: Pair) -> None:
    """FAIL where neither link carries the client's frames."""
    case, limit = pair.case, pair.case.now() + BRING_UP_TIME
    places = [station.wire for station in pair.stations]

    def carries() -> bool:
        return any(pair.outward.data(frame) for wire in places for frame in wire.received())

    while not carries() and case.now() < limit:
        case.run_for(OFFER_PERIOD)
    words = "the client's frames on one of the two links"
    sent = pair.stations[0].wire.received()
    if not carries() and case.until(carries, within=STEP_LATE):
        case.unmet(step_missed(sent), words, f"on none within {BRING_UP_TIME:g} s")
    case.check(carries(), words, "on none")


def join(pair: Pair, alike: dict[str, Any]) -> float:
    """Seconds from when the second partner is as the first one until both links carry, both ways.

    Where the implementation, which `spreads`, leaves one without what goes out, the row is not judged.
    """
    case = pair.case
    begin = pair.stations[1].say(**alike).time
    for station in pair.stations:
        case.expect(station, DISTRIBUTING, since=begin, within=BRING_UP_TIME, premise=step_missed)
    limit = case.now() + BRING_UP_TIME
    while not (pair.out_on_both(begin) and pair.in_on_both(begin)) and case.now() < limit:
        case.run_for(PROMPT / 4)
    if not pair.in_on_both(begin):
        case.unmet(
            "MX-15", "control run: what comes in on both links at the client", "not what comes on both"
        )
    if not pair.out_on_both(begin):
        why = f"control run: both links distribute, and all of {FLOWS} conversations are on one of them"
        (case.nothing_to_judge if case.pics.spreads else case.report)(why)
    case.report(f"control run: both links carry {case.now() - begin:.2f} s after the partners are alike")
    return case.now() - begin


def settled(pair: Pair, since: float, still: float) -> None:
    """Wait until the device has changed nothing for ``still`` seconds, from `since` on.

    Not longer than twice the time in which a link comes up, for one that never settles.
    """
    case = pair.case
    limit = max(case.now(), since) + 2 * BRING_UP_TIME + still
    while case.now() < (end := min(limit, pair.last_change(since) + still)):
        case.run_for(end - case.now())


def never_both(pair: Pair, since: float) -> None:
    """FAIL where frames left, or came in, on both links; one alone may carry all, or one after the other."""
    names = ", ".join(station.wire.name for station in pair.stations)
    for way, found in (("left", pair.out_on_both(since)), ("reached the client", pair.in_on_both(since))):
        words = f"one client's frames on no more than one of {names} at a time"
        pair.case.check(not found, words, f"in {len(found)} rounds frames {way} by both")
