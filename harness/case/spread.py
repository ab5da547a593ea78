"""Which link a device puts each conversation on: measured, before a testcase relies on it.

No clause says how conversations are spread, and a hash may be any. What is to be seen on a certain link needs
conversations that the device does put there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.case.case import Case
from harness.case.passage import carry, flowing
from harness.case.traffic import Conversation, record
from harness.dut.implementation import Aggregate
from harness.verdict import NotJudged
from harness.wire.station import Station

DRAWN = 64
"""Conversations that are tried at a time."""

MOST = 8 * DRAWN
"""Conversations that are tried at most: a hash that leaves a link without one is no spread."""


@dataclass(frozen=True)
class Spread:
    """Conversations by the link that carries them, by the wire's name: each has some."""

    links: Mapping[str, Sequence[Conversation]]

    def some(self, count: int) -> list[Conversation]:
        """So many of them, the links taking turns while they have any."""
        links = list(self.links.values())
        turns = range(max(map(len, links)))
        each = [flows[place] for place in turns for flows in links if place < len(flows)]
        return each[:count]


def spread(case: Case, aggregate: Aggregate, stations: Sequence[Station], each: int = 2) -> Spread:
    """Send a frame of each of many conversations, until every one of these links has carried `each` of them.

    They are all that distribute. Raises NotJudged where a link does not get as many, and ends the testcase as
    `unmet` where no frame comes out.
    """
    flowing(case, aggregate, stations)
    links: dict[str, list[Conversation]] = defaultdict(list)
    links.update((station.wire.name, []) for station in stations)
    for _ in range(MOST // DRAWN):
        flows = case.conversations(DRAWN, aggregate.mac)
        by_number = {flow.number: flow for flow in flows}
        passage = carry(case, aggregate, [flow.frame(0) for flow in flows], stations)
        for wire, frames in passage.out().items():
            links[wire] += [by_number[told[0]] for frame in frames if (told := record(frame))]
        if all(len(found) >= each for found in links.values()):
            break
    said = Counter({wire: len(found) for wire, found in links.items()})
    case.report(f"conversations by link: {dict(said)}")
    short = [wire for wire, count in said.items() if count < each]
    if short:
        raise NotJudged(
            f"of {said.total()} conversations the implementation puts fewer than {each} on {', '.join(short)}"
        )
    return Spread(links)
