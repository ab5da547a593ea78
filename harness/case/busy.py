"""What became of conversations on all links of a LAG with a switch while something happened to it, both ways.

    from the host:  the client | the host's ports | switch | the tester's port
    to the host:    the tester's port | switch | the host's ports | the client

The implementation answers for what happens between the host's ports and its client, and for the choice of the
link that a frame takes from the host. The rest is the switch's: it is measured, and shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from harness.case.case import Case
from harness.case.gaps import gaps
from harness.case.loss import Passing, passing
from harness.case.offer import Offer, Pace
from harness.case.traffic import Key, inversions, record
from harness.case.ways import IN, OUT, Way, on_the_wire, tester_of
from harness.dut.implementation import Aggregate
from harness.pdu import Frame
from harness.wire.wire import Wire

FLOWS = 32
"""Conversations of each direction, enough for both ends to use every link."""

CLOSE = Pace(period=4, every=0.005)
"""A frame of each conversation every 20 ms, a quarter of them at a time: they are on their way together."""

APART = CLOSE.period * CLOSE.every
"""Seconds between two frames of a conversation."""

Seen = Sequence[tuple[float, Key]]
"""Test frames that were seen at a place, by time."""


@dataclass(frozen=True)
class Traffic:
    """What became of the conversations of one direction.

    ``ports`` has the frames on each link, by the wire's name, ``came`` those at the far end, ``passing``
    where some were lost. ``changed`` names the links that something happened to.
    """

    way: Way
    offered: Sequence[Key]
    ports: Mapping[str, Seen]
    came: Seen
    passing: Passing
    changed: Collection[str]

    def interrupted(self, begin: float, end: float) -> dict[int, float]:
        """The longest interruption of each conversation from end to end in this time, in seconds."""
        return _longest(self.came, begin, end)

    def interrupted_by_own(self, begin: float, end: float) -> dict[int, float]:
        """The same as far as the implementation is its cause: from the host, between the frames that came
        through, or left on a link that nothing happened to."""
        through = {key for _, key in self.came}
        left = [
            one for name, seen in self.ports.items() for one in seen
            if name not in self.changed or one[1] in through
        ]  # fmt: skip
        return _longest(sorted(left), begin, end)

    def late(self) -> int:
        """Frames that the implementation put behind a later one of their conversation."""
        if self.way is IN:
            return self.passing.own.late
        return _late(sorted(chain.from_iterable(self.ports.values())))

    def overtaken(self) -> int:
        """Frames from the host that came through behind a later one."""
        return _late(self.came)

    def copies(self) -> int:
        """Frames that the implementation doubled."""
        return self.passing.own.copies

    def undelivered(self) -> list[Key]:
        """Frames to the host that came on a link that nothing happened to, and not to the client."""
        delivered = {key for _, key in self.came}
        there = {key for name, seen in self.ports.items() if name not in self.changed for _, key in seen}
        return sorted(there - delivered)

    def dead(self) -> list[int]:
        """Conversations whose last frame did not come through."""
        through = {key for _, key in self.came}
        return [flow for flow, number in dict(self.offered).items() if (flow, number) not in through]

    def spread(self, until: float) -> dict[str, int]:
        """Frames by link up to a time."""
        return {name: sum(time <= until for time, _ in seen) for name, seen in self.ports.items()}

    def lost(self) -> int:
        """Frames that came nowhere."""
        return len(set(self.offered) - {key for _, key in self.came})


def traffic_of(
    case: Case,
    aggregate: Aggregate,
    wires: Sequence[Wire],
    way: Way,
    offer: Offer,
    since: float,
    changed: Collection[str],
) -> Traffic:
    """What became of an offer since a time; see `Traffic`. All that was under way has come out."""
    passed = passing(case, aggregate, wires, offer, inward=way is IN, since=since)
    end = tester_of(case) if way is OUT else aggregate.client
    ports = {wire.name: _keys(on_the_wire(wire, way, since), offer) for wire in wires}
    with case.loop.lock:
        offered = list(offer.sent)
    return Traffic(way, offered, ports, _keys(end.received(since), offer), passed, changed)


def _keys(frames: Sequence[Frame], offer: Offer) -> list[tuple[float, Key]]:
    return [(f.time, key) for f in frames if offer.data(f) and (key := record(f))]


def _longest(seen: Seen, begin: float, end: float) -> dict[int, float]:
    times: dict[int, list[float]] = {}
    for time, (flow, _) in seen:
        if begin <= time < end:
            times.setdefault(flow, []).append(time)
    return gaps({flow: [*found, end] for flow, found in times.items()}, APART)


def _late(seen: Seen) -> int:
    """Frames behind one of their conversation with a higher number; a copy is no such frame."""
    order: dict[int, list[int]] = {}
    known: Counter[Key] = Counter()
    for _, key in seen:
        known[key] += 1
        if known[key] == 1:
            order.setdefault(key[0], []).append(key[1])
    return sum(map(inversions, order.values()))
