"""Conversations on their way from one link to another: when their frames arrive, and in what order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from heapq import merge
from typing import NamedTuple

from harness.case import Case, Lag, record
from harness.case.offer import OFFER_PERIOD, Offer, Pace
from harness.profile.constants import COLLECTOR_MAX_DELAY_UNIT, PROMPT
from harness.verdict import NotJudged
from harness.wire.moment import apart
from harness.wire.station import Station

FLOWS = 48
"""Conversations, so many that each of three links carries some."""

DISTANCE = 4 * OFFER_PERIOD
"""Seconds by which a slow link is longer: where a conversation has a frame in each OFFER_PERIOD, some are
always under way."""

PLENTY = 125_000_000
"""Octets a second: what a link of 1 Gb/s carries, more than is offered."""

PAIRS = Pace(20, (0, 3))
"""Two frames a second. When conversations move, three in twenty are between the two frames of a pair: if the
second takes another link at once, it overtakes the first, which is on the slow one."""

MOVING = 3.0
"""Seconds in which every conversation that is to change its link does so."""


class Arrival(NamedTuple):
    """A frame of a conversation at the partner's end of a link, bench seconds; ``seen`` is when it was
    captured."""

    time: float
    wire: str
    conversation: int
    sequence: int
    seen: float

    def overtook(self, later: Arrival) -> bool:
        """Whether it came before one that was sent before it: for certain, where clocks of two machines, or
        one that drifts, tell of it."""
        if self.sequence <= later.sequence:
            return False
        return self.wire == later.wire or self.time + apart(self.seen, later.seen) <= later.time


def lag_with_slow_links(case: Case, number: int, slow: int, *, queue: bool = False) -> Lag:
    """A LAG whose first links are longer than the others, as much as the implementation is to cope with."""
    lag = case.bundle(number)
    for station in lag.stations[:slow]:
        slow_down(case, station, queue=queue)
    return lag


def slow_down(case: Case, station: Station, *, queue: bool = False) -> None:
    """Make a link longer, by DISTANCE; where ``queue`` is true and the bench has one, `clog` does that.

    An implementation that waits by the clock relies on the partner's Collector_Max_Delay (43A.3), one with a
    Marker generator on nothing.
    """
    if queue and station.wire.slows:
        station.wire.slow(PLENTY)  # now: a frame that is sent while the queue is made may be lost
    else:
        station.distance = DISTANCE
    if case.pics.moved_conversations == "timer":
        station.max_delay = round(DISTANCE / COLLECTOR_MAX_DELAY_UNIT)


def clog(case: Case, station: Station) -> None:
    """Fill the queue of a link, by what it carries now: a frame that comes to it waits for DISTANCE.

    On a bench that cannot the station is longer already.
    """
    wire = station.wire
    if not wire.slows:
        return
    since = case.now()
    case.run_for(PROMPT)
    carried = sum(len(frame.data) for frame in wire.received(since)) / (case.now() - since)
    wire.slow(carried / 2)
    case.run_for(2 * DISTANCE)
    wire.slow(carried)
    case.report(f"a queue of {DISTANCE:g} s on {wire.name}, at {carried:.0f} octets a second")


def offering(case: Case, lag: Lag) -> AbstractContextManager[Offer]:
    """As many conversations as the bench can offer, a mix, from the client of a LAG."""
    flows = case.mix(case.bench.lab.limits.conversations, lag.aggregate.mac)
    return case.offering(lag.aggregate, flows, pace=PAIRS)


def arrivals(stations: Sequence[Station], offer: Offer, since: float) -> list[Arrival]:
    """Offered frames as they reach the partner, the links' distances counted in; by time.

    Frames of one link keep their order; at one instant those of the links named first come first.
    """
    ways = [
        [
            Arrival(frame.time + station.distance, station.wire.name, *told, frame.time)
            for frame in station.wire.received(since)
            if offer.data(frame) and (told := record(frame))
        ]
        for station in stations
    ]
    return list(merge(*ways, key=lambda one: one.time))


def paths(found: Sequence[Arrival]) -> dict[int, list[Arrival]]:
    """Arrivals by conversation."""
    ways: dict[int, list[Arrival]] = defaultdict(list)
    for one in found:
        ways[one.conversation].append(one)
    return ways


def moved(found: Sequence[Arrival]) -> dict[int, list[Arrival]]:
    """Those conversations that have used more than one link."""
    return {number: way for number, way in paths(found).items() if len({one.wire for one in way}) > 1}


def some_moved(case: Case, found: Sequence[Arrival]) -> None:
    """What the rows are about: the change made conversations move. Raises NotJudged where none did."""
    ways = moved(found)
    used = Counter(one.wire for one in found)
    seen = len(paths(found))
    case.report(f"{len(ways)} of {seen} conversations moved; frames by link: {dict(used)}")
    if not ways:
        raise NotJudged(f"none of {seen} conversations moved to another link")


def order_kept(
    case: Case, offer: Offer, found: Sequence[Arrival], row: str, *, lossless: bool = True
) -> None:
    """FAIL unless every frame arrived once, none after one that was sent after it.

    Where it is not ``lossless`` what did not arrive is only reported.
    """
    ways = paths(found)
    late = sum(map(overtaken, ways.values()))
    words = "frames that arrived after one that was sent later"
    case.within(late, None, 0, words, "frames", id="frames-late", row=row)
    copies = Counter((one.conversation, one.sequence) for one in found)
    more = sum(copies.values()) - len(copies)
    case.within(more, None, 0, "copies of frames", "frames", id="frames-copied", row=row)
    lost = [key for key in offer.sent if key not in copies]
    most = 0 if lossless else None
    case.within(len(lost), None, most, "frames that did not arrive", "frames", id="frames-missing", row=row)


def overtaken(way: Sequence[Arrival]) -> int:
    """Frames of a conversation that came after one that was sent later."""
    highest, late = -1, 0
    for place, one in enumerate(way):
        late += one.sequence < highest and any(before.overtook(one) for before in way[:place])
        highest = max(highest, one.sequence)
    return late


def none_dead(case: Case, offer: Offer, found: Sequence[Arrival], row: str) -> None:
    """FAIL where the last frame of a conversation did not arrive."""
    arrived = {(one.conversation, one.sequence) for one in found}
    dead = [flow for flow, number in dict(offer.sent).items() if (flow, number) not in arrived]
    case.check(not dead, "every conversation alive in the end", f"no more frames of {dead}", row=row)


def come_out(case: Case) -> None:
    """Let what was held, and what is on a slow link, come out."""
    case.run_for((case.pics.marker_wait or 0.0) + DISTANCE + PROMPT)
