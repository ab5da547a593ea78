"""Frames of conversations that leave a link with its carrier, and come back to it.

agr0 ===== the link with the most conversations, which goes and comes
     ===== the other one, which stays
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.case import Case, claims, inversions
from harness.case.offer import Offer, Pace
from harness.case.passage import flowing
from harness.profile.constants import PROMPT
from harness.wire.station import Station
from testcases.conformance.fd.moving import Arrival, arrivals, come_out, paths

FLOWS = 16
"""Conversations, so many that each of two links carries some."""

OFTEN = Pace(every=0.02)
"""A frame of each conversation: what is sent twice, or overtakes another one, shows within a few of these."""


@claims("FD-02", "FD-03", wires=2, needs=["cut"], seconds=15)
def test_carrier_goes_and_comes(case: Case) -> None:
    """A link goes and comes under traffic: no frame is doubled, on each link none overtakes another one"""
    lag = case.bundle(2)
    flowing(case, lag.aggregate, lag.stations)
    since = case.now()
    with case.offering(lag.aggregate, FLOWS, pace=OFTEN) as offer:
        case.run_for(PROMPT)
        goes = busiest(lag.stations, offer, since)
        case.report(f"the link that goes and comes: {goes.wire.name}")
        goes.wire.cut()
        case.run_for(2 * PROMPT)
        back = case.link_up(goes.wire)
        case.distributing([goes])
        case.run_for(2 * PROMPT)
    come_out(case)
    found = arrivals(lag.stations, offer, since)
    copies = Counter((one.conversation, one.sequence) for one in found)
    more = copies.total() - len(copies)
    case.within(more, None, 0, "copies of frames", "frames", id="frames-copied", row="FD-03")
    late = sum(overtaken(found, station.wire.name) for station in lag.stations)
    words = "frames behind a later one of their conversation on the same link"
    case.within(late, None, 0, words, "frames", id="frames-overtaken-on-a-link", row="FD-02")
    if not any(one.wire == goes.wire.name and one.time >= back.done for one in found):
        case.report(f"no conversation came back to {goes.wire.name}")


def busiest(stations: Sequence[Station], offer: Offer, since: float) -> Station:
    """The partner on the link that has carried the most frames of an offer."""
    return max(stations, key=lambda station: sum(map(offer.data, station.wire.received(since))))


def overtaken(found: Sequence[Arrival], wire: str) -> int:
    """Frames on one link that came behind a later one of their conversation there."""
    ways = paths([one for one in found if one.wire == wire]).values()
    return sum(inversions([one.sequence for one in way]) for way in ways)
