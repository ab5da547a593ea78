"""Links that must notice nothing of what happens to another one: their LACPDUs, and the data on them.

Whether they distribute is the clause's. How long data on them may stand still meanwhile is nobody's but the
bench's (`limits.disturbance`), or what the implementation declares (PICS `change_pause`): some hold all that
they send while they set a link up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from harness.case import Case, Conversation, flowing, lacpdu, record, spread, where
from harness.case.offer import OFFER_PERIOD, Offer
from harness.case.traffic import Key
from harness.dut.implementation import Aggregate
from harness.pdu import Frame
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.verdict import NotJudged
from harness.wire.station import Station
from testcases.conformance.fd.moving import come_out

FLOWS = 12
"""Conversations of the client, some on each link."""

BEFORE = 4 * OFFER_PERIOD
"""Seconds in which it shows which link carries which conversation."""

DISTRIBUTING = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
DISTURBED = where(
    "an LACPDU of a link that does not distribute", lambda frame: frame.is_lacpdu and not DISTRIBUTING(frame)
)


@contextmanager
def undisturbed(
    case: Case, aggregate: Aggregate, others: Sequence[Station], row: str, changed: Station | None = None
) -> Iterator[Offer]:
    """FAIL where, while the block runs, one of these links does not distribute, or data on it stands still.

    Of the client's conversations, whose frames the block is given, those count that used one of these links
    before. Some use each of them, and the link that is to be ``changed`` where it distributes: where the
    implementation does not spread them so, the row is not judged. Towards the client, what the tester sends
    on these links.
    """
    links = [*others, *([changed] if changed else [])]
    flowing(case, aggregate, case.wires)
    with ExitStack() as offers:
        outward = offers.enter_context(case.offering(aggregate, flows_on_each(case, aggregate, links, row)))
        inward = [offers.enter_context(case.offering(station.wire)) for station in others]
        case.run_for(BEFORE)
        own = {told[0] for frame in _on(others) if outward.data(frame) and (told := record(frame))}
        since = case.now()
        yield outward
        during = max(case.now() - since, 2 * FAST_PERIODIC_TIME)
        for station in others:
            case.expect(station, DISTRIBUTING, since=since, within=during, row=row)
            case.never(station, DISTURBED, since=since, during=during, row=row)
    come_out(case)
    everywhere = [frame for wire in case.wires for frame in wire.received()]
    lost = [key for key in outward.missing(everywhere) if key[0] in own]
    stood_still(case, lost, "conversations on the other links", row, id="interruption-outward")
    delivered = aggregate.client.received()
    lost = [key for offer in inward for key in offer.lost(delivered)]
    stood_still(case, lost, "what came in on the other links", row, id="interruption-inward")


def flows_on_each(
    case: Case, aggregate: Aggregate, stations: Sequence[Station], row: str
) -> Sequence[Conversation]:
    """Conversations of which each of these links carries some.

    Where the implementation, which `spreads`, leaves one without any, the row is not judged.
    """
    if case.pics.spreads:
        try:
            return spread(case, aggregate, stations).some(FLOWS)
        except NotJudged as why:
            case.nothing_to_judge(str(why), row=row)
    return case.conversations(FLOWS, aggregate.mac)


def stood_still(case: Case, lost: Iterable[Key], what: str, row: str, *, id: str) -> None:
    """FAIL where frames were lost for longer than the bench's limit; there is one in each OFFER_PERIOD."""
    numbers: dict[int, list[int]] = defaultdict(list)
    for conversation, sequence in lost:
        numbers[conversation].append(sequence)
    longest = max(map(_longest_run, numbers.values()), default=0) * OFFER_PERIOD
    case.report(f"lost of {what}: {sum(map(len, numbers.values()))} frames")
    words = f"longest interruption of {what} (limits.disturbance)"
    case.within(longest, None, case.longest_disturbance, words, id=id, row=row, exact=True)


def _longest_run(numbers: Sequence[int]) -> int:
    """How many follow one another without a gap, at most."""
    known = set(numbers)
    begins = [number for number in known if number - 1 not in known]
    return max(
        next(end for end in range(begin, begin + len(known) + 1) if end not in known) - begin
        for begin in begins
    )


def _on(stations: Sequence[Station]) -> list[Frame]:
    return [frame for station in stations for frame in station.wire.received()]
