"""A port that hears itself (43.4.14.1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from harness.case import Case, Lag, any_lacpdu, carry, claims, flowing, lacpdu
from harness.case.offer import Offer
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame
from harness.profile.constants import FAST_PERIODIC_TIME, MAX_LACPDUS_PER_FAST_PERIODIC_TIME
from harness.wire.wire import Wire
from testcases.conformance.sp.test_rate import busiest
from testcases.conformance.tx.test_limit import limited_time

FLOWS = 16
"""Conversations, enough for a distribution over two links to use both."""

CONTROL = 1 << 20
"""A sequence number that the offer does not come to."""

LOOPED = 10 * FAST_PERIODIC_TIME
"""Seconds, as the row's time."""


@contextmanager
def reflecting(wire: Wire) -> Iterator[None]:
    """The tester's end sends every LACPDU back while the block runs, but never more than it may (43.4.16).

    So a flood is the implementation's alone.
    """
    sent: deque[float] = deque(maxlen=MAX_LACPDUS_PER_FAST_PERIODIC_TIME)

    def back(frame: Frame) -> None:
        if frame.sent or not frame.is_lacpdu or not wire.up:
            return
        now = wire.tap.loop.now()
        if len(sent) < MAX_LACPDUS_PER_FAST_PERIODIC_TIME or now - sent[0] >= FAST_PERIODIC_TIME:
            sent.append(now)
            wire.send(frame.data)

    end = wire.tap.listen(back)
    try:
        yield
    finally:
        end()


@claims("RX-34", wires=2, needs=["active", "control"], seconds=20)
def test_own_pdus(case: Case) -> None:
    """Own LACPDUs that come back do no harm: few are sent, and the port shares no LAG with another one"""
    lag = case.bundle()
    loop = case.wires[1]
    with reflecting(loop), case.offering(lag.aggregate, FLOWS) as offer:
        since = case.now()
        lag.aggregate.add(loop.port)
        case.run_for(max(LOOPED, BRING_UP_TIME))
    watched = case.now() - since
    seen = case.lacpdus([loop], since=since, during=watched)[loop.name]
    shortest = limited_time(case)
    case.within(
        busiest(seen, shortest),
        None,
        MAX_LACPDUS_PER_FAST_PERIODIC_TIME,
        f"LACPDUs within {shortest:g} s on the looped port",
        "frames",
        id="busiest-period-looped-port",
    )
    case.never(lag.station, lacpdu(Synchronization=0), since=since, during=watched)
    astray = sum(map(offer.data, loop.received(since)))
    case.check(astray == 0, "the client's frames on the other port alone", f"{astray} on the looped one")
    alone = any(map(lacpdu(Distributing=1), seen))
    case.report(f"the looped port is {'an Individual link' if alone else 'not bundled at all'}")
    case.expect(lag.station, any_lacpdu(), within=2 * FAST_PERIODIC_TIME)
    would_use(case, lag, loop, offer)


def would_use(case: Case, lag: Lag, wire: Wire, offer: Offer) -> None:
    """The control run: with a partner on the other link, too, these conversations use both."""
    partner = case.station(wire)
    partner.start()
    case.distributing([partner])
    flowing(case, lag.aggregate, [lag.station, partner])
    frames = [flow.frame(CONTROL) for flow in offer.flows]
    passage = carry(case, lag.aggregate, frames, [lag.station, partner])
    if not all(passage.out().values()):
        used = {name: len(found) for name, found in passage.out().items()}
        case.nothing_to_judge(f"control run: the conversations would not use both links in one LAG: {used}")
