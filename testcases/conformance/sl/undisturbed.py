"""Links that must notice nothing of what happens to another one: their LACPDUs, and the data on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from harness.case import Case, flowing, lacpdu, record, where
from harness.case.offer import OFFER_PERIOD, Offer
from harness.dut.implementation import Aggregate
from harness.pdu import Frame
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.wire.station import Station
from testcases.conformance.fd.moving import come_out

FLOWS = 8
"""Conversations of the client, so many that some use the undisturbed links."""

BEFORE = 4 * OFFER_PERIOD
"""Seconds in which it shows which link carries which conversation."""

DISTRIBUTING = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
DISTURBED = where(
    "an LACPDU of a link that does not distribute", lambda frame: frame.is_lacpdu and not DISTRIBUTING(frame)
)


@contextmanager
def undisturbed(case: Case, aggregate: Aggregate, others: Sequence[Station], row: str) -> Iterator[Offer]:
    """FAIL where, while the block runs, one of these links does not distribute, or data on it is lost.

    Of the client's conversations, whose frames the block is given, those count that used one of these links
    before; there are some where the implementation `spreads` them. Towards the client, what the tester sends
    on these links.
    """
    flowing(case, aggregate, case.wires)
    with ExitStack() as offers:
        outward = offers.enter_context(case.offering(aggregate, FLOWS))
        inward = [offers.enter_context(case.offering(station.wire)) for station in others]
        case.run_for(BEFORE)
        own = {told[0] for frame in _on(others) if outward.data(frame) and (told := record(frame))}
        if not own:
            words = f"conversations of the client's on {', '.join(station.wire.name for station in others)}"
            if case.pics.spreads:
                case.unmet("MX-08", words, "none")
            case.report(f"no {words}: what becomes of those is not judged")
        since = case.now()
        yield outward
        during = max(case.now() - since, 2 * FAST_PERIODIC_TIME)
        for station in others:
            case.expect(station, DISTRIBUTING, since=since, within=during, row=row)
            case.never(station, DISTURBED, since=since, during=during, row=row)
    come_out(case)
    everywhere = [frame for wire in case.wires for frame in wire.received()]
    lost = [key for key in outward.missing(everywhere) if key[0] in own]
    case.equal(len(lost), 0, "frames of conversations on the other links that were lost:", row=row)
    delivered = aggregate.client.received()
    lost = [key for offer in inward for key in offer.lost(delivered)]
    case.equal(len(lost), 0, "frames from the other links that did not reach the client:", row=row)


def _on(stations: Sequence[Station]) -> list[Frame]:
    return [frame for station in stations for frame in station.wire.received()]
