"""How long a Marker generator waits for Responses, as conversations show that move off a link (43A.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from harness.case import Case
from harness.case.offer import OFFER_PERIOD
from harness.pdu import Frame
from harness.profile.constants import COLLECTOR_MAX_DELAY_UNIT, Duration
from harness.wire.station import Station
from testcases.conformance.fd.moving import Arrival, moved


class Wait(NamedTuple):
    """For the Response to a Marker: which one of its link, from 1, and the seconds it may take."""

    number: int
    least: float
    most: float


def declared(case: Case, station: Station, markers: Sequence[Frame]) -> list[Wait]:
    """What is declared for each of a station's Markers, by which of them the station has answered."""
    waits = []
    unanswered = 0
    answers = {
        frame.marker.transaction_id: frame.time
        for frame in station.wire.frames
        if frame.sent and frame.is_marker_response
    }
    for number, frame in enumerate(markers, start=1):
        answered = answers.get(frame.marker.transaction_id)
        if answered is not None:
            unanswered = 0
            least = most = answered - frame.time
        elif unanswered < case.pics.unanswered_markers:
            unanswered += 1
            least = most = Duration(case.pics.marker_wait)
        else:
            least = station.max_delay * COLLECTOR_MAX_DELAY_UNIT
            most = short_wait(case, station)
        waits.append(Wait(number, least - case.late, most + OFFER_PERIOD))
    return waits


def short_wait(case: Case, station: Station) -> float:
    """The longest that a partner is waited for that is known not to answer."""
    delay = station.max_delay * COLLECTOR_MAX_DELAY_UNIT
    return Duration(max(case.pics.silent_marker_wait, delay))


def as_declared(case: Case, station: Station, found: Sequence[Arrival], needed: int) -> None:
    """FAIL unless conversations leave this link as long after their Markers as declared.

    Premise: of the first ``needed`` Markers each has conversations behind it.
    """
    markers = [frame for frame in station.wire.received() if frame.is_marker]
    released = releases(station, found, markers)
    alone = [number for number in range(1, needed + 1) if not released[number]]
    if alone:
        case.unmet(
            "FD-05",
            f"conversations behind each of {needed} Markers on {station.wire.name}",
            f"none behind {alone} of {len(markers)}",
        )
    for wait in declared(case, station, markers):
        for seconds in released[wait.number][:1] + released[wait.number][-1:]:
            words, name = f"from Marker {wait.number} until a conversation goes on", f"wait-{wait.number}"
            case.within(seconds, wait.least, wait.most, words, id=name, row="MK-23")


def releases(
    station: Station, found: Sequence[Arrival], markers: Sequence[Frame]
) -> defaultdict[int, list[float]]:
    """For each Marker of a link: how long after it the conversations go on that it is for, shortest first.

    It is for those that have their last frame on the link between the Marker before and itself.
    """
    seconds: defaultdict[int, list[float]] = defaultdict(list)
    for way in moved(found).values():
        for last, first in pairwise(way):
            if last.wire != station.wire.name or first.wire == last.wire:
                continue
            before = sum(frame.time < last.time for frame in markers)
            if before < len(markers):
                seconds[before + 1].append(first.time - markers[before].time)
    for each in seconds.values():
        each.sort()
    return seconds
