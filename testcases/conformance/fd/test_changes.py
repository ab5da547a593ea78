"""What becomes of conversations when a link comes or goes, in figures: order, copies, loss, interruptions.

agr0 ===== the first link, which goes, or is slow     data leaves on all links;
     ===== the second one, which stays                and arrives on this one all the while
     ===== the third one, which comes
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

import pytest

from harness.case import Case, claims, gaps, inversions, record, record_gaps
from harness.case.offer import Offer, Pace
from harness.profile.constants import PROMPT
from harness.wire.moment import may_be_until
from harness.wire.station import Station
from testcases.conformance.fd.changes import CHANGES, Change, Fate, Link
from testcases.conformance.fd.moving import (
    DISTANCE,
    MOVING,
    Arrival,
    arrivals,
    clog,
    come_out,
    moved,
    none_dead,
    order_kept,
    paths,
    slow_down,
    some_moved,
)

FLOWS = 24
"""Conversations, so many that each of three links carries some."""

INWARD = 4
"""Conversations of the other direction."""

OFTEN = Pace(every=0.02)
"""A frame of each conversation: an interruption is known as well as that."""

STEADY = PROMPT
"""Seconds before the change."""

RESPONSE, DEATH, NEITHER = "after the Marker Response", "after the death of the old link", "after neither"


def handed_over(
    stations: Sequence[Station], old: Station, fate: Fate, found: Sequence[Arrival]
) -> Counter[str]:
    """What the first frame of a conversation on a new link came after, for all that moved."""
    distance = {station.wire.name: station.distance for station in stations}
    responses = {
        station.wire.name: [f.time for f in station.wire.frames if f.sent and f.is_marker_response]
        for station in stations
    }
    dead = {old.wire.name: fate.dead}
    came: Counter[str] = Counter()
    for way in moved(found).values():
        for last, first in pairwise(sorted(way, key=lambda one: one.sequence)):
            if last.wire == first.wire:
                continue
            left, entered = last.time - distance[last.wire], first.time - distance[first.wire]
            told = responses[last.wire]
            after = bisect_left(told, left)
            if after < len(told) and may_be_until(told[after], entered):
                came[RESPONSE] += 1
            else:
                died = may_be_until(dead.get(last.wire, float("inf")), entered)
                came[DEATH if died else NEITHER] += 1
    return came


def outward_figures(
    case: Case, kind: str, change: Change, offer: Offer, found: Sequence[Arrival], hands: Counter[str]
) -> None:
    """Record, and judge, what the partner got."""
    name = slug(kind)
    order_kept(case, offer, found, row=change.row, lossless=change.lossless)
    none_dead(case, offer, found, row=change.row)
    times = {flow: [one.time for one in way] for flow, way in paths(found).items()}
    limit = change.limit(case)
    if limit is not None and change.slow:
        limit += DISTANCE
    interrupted, ways = gaps(times, OFTEN.every), moved(found)
    stayed = max((gap for flow, gap in interrupted.items() if flow not in ways), default=0.0)
    words = f"{kind}: longest interruption of a conversation that stayed (the tester's own lateness)"
    case.within(stayed, None, None, words, id=f"{name}-stayed")
    record_gaps(case, kind, [interrupted[flow] for flow in ways], limit, id=name, row=change.row)
    for came in (RESPONSE, DEATH):
        words = f"{kind}: conversations on a new link {came}"
        case.within(hands[came], None, None, words, "conversations", id=f"{name}-{slug(came)}")
    most = 0 if case.pics.moved_conversations == "marker" else None
    words = f"{kind}: conversations on a new link {NEITHER}"
    figure = f"{name}-{slug(NEITHER)}"
    case.within(hands[NEITHER], None, most, words, "conversations", id=figure, row=change.row)
    some_moved(case, found)


def slug(words: str) -> str:
    """For machines: "cut-one-way"."""
    return "-".join(words.replace(",", "").lower().split())


def inward_figures(case: Case, kind: str, row: str, link: Link, inward: Offer, since: float) -> None:
    """Record, and judge, what the client got on a link that nothing happened to."""
    numbers: dict[int, list[int]] = defaultdict(list)
    for frame in link.aggregate.client.received(since):
        if inward.data(frame):
            conversation, sequence = record(frame)
            numbers[conversation].append(sequence)
    came = sum(map(len, numbers.values()))
    copies = came - sum(len(set(seen)) for seen in numbers.values())
    late = sum(map(inversions, numbers.values()))
    for value, words in (
        (late, "delivered after one that was sent later"),
        (copies, "delivered twice"),
        (len(inward.sent) - (came - copies), "not delivered"),
    ):
        figure = f"{slug(kind)}-{slug(words)}"
        case.within(value, None, 0, f"{kind}: frames {words}", "frames", id=figure, row=row)


def marked(kind: str) -> object:
    """A kind of change with what it claims and needs."""
    change = CHANGES[kind]
    needs = ["moved_conversations"] + ["cut"] * (kind in ("cut", "brought back"))
    needs += ["short_timeout"] * (change.row == "FD-14")
    needs += ["control"] * kind.startswith(("added", "removed"))
    return pytest.param(kind, id=kind, marks=claims(change.row, wires=3, needs=needs, seconds=22))


@pytest.mark.parametrize("kind", [marked(kind) for kind in CHANGES])
def test_link(case: Case, kind: str) -> None:
    """A link comes or goes: order, copies, loss, and how long each conversation is interrupted"""
    change = CHANGES[kind]
    own, _ = case.own_timeout()
    lag = case.bundle(3, **own)
    first, stays, third = lag.stations
    link = Link(case, lag.aggregate, first if change.first else third)
    change.before(link)
    if change.slow:
        slow_down(case, first, queue=True)
    case.run_for(PROMPT)
    since = case.now()
    with (
        case.offering(lag.aggregate, FLOWS, pace=OFTEN) as outward,
        case.offering(stays.wire, INWARD, pace=OFTEN) as inward,
    ):
        case.run_for(STEADY)
        if change.slow:
            clog(case, first)
        fate = change.make(link)
        case.run_for(MOVING)
    come_out(case)
    found = [
        one
        for one in arrivals(lag.stations, outward, since)
        if one.wire != link.station.wire.name or one.time < fate.deaf
    ]
    hands = handed_over(lag.stations, link.station, fate, found)
    outward_figures(case, kind, change, outward, found, hands)
    inward_figures(case, kind, change.row, link, inward, since)
