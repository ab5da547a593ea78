"""Links that do not aggregate: Individual ones, and those that end where they began (43.3.6, 43.4.14)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harness.case import Case, Match, claims, data_frame, lacpdu
from harness.case.case import BRING_UP_TIME
from harness.pdu import Frame
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT
from harness.wire.wire import Tap, Wire

FLOWS = 24
"""Conversations, enough for a distribution over two links to use both."""

LOOPED = 10 * FAST_PERIODIC_TIME
"""Seconds, as the row's time."""

SYSTEM = "02:00:5e:00:53:77"


def never_both(case: Case, first: Tap, second: Tap, offered: Match, since: float) -> None:
    """FAIL where the client's frames left on both links; one of them alone may carry all."""
    used = [tap.name for tap in (first, second) if any(offered(frame) for frame in tap.received(since))]
    case.check(len(used) < 2, "the client's frames on no more than one of the two links", ", ".join(used))


@claims("SL-06", wires=2, seconds=12)
def test_individual_partner(case: Case) -> None:
    """A link whose partner says Aggregation=0 shares no LAG with another link"""
    wires = case.wires[:2]
    stations = [case.station(wires[0]), case.station(wires[1], Aggregation=0)]
    for station in stations:
        station.start()
    aggregate = case.aggregate(wires)
    with case.offering(aggregate, FLOWS) as offer:
        since = case.now()
        first, second = (wire.tap for wire in wires)
        case.until(lambda: any(map(offer.data, first.received() + second.received())), within=BRING_UP_TIME)
        case.run_for(AGGREGATE_WAIT_TIME + 2 * FAST_PERIODIC_TIME)
    never_both(case, first, second, offer.data, since)
    case.expect(stations[1], lacpdu(), within=2 * FAST_PERIODIC_TIME)


@contextmanager
def patched(one: Wire, other: Wire) -> Iterator[None]:
    """The tester's ends of two wires joined to one cable while the block runs."""

    def onto(wire: Wire, frame: Frame) -> None:
        if not frame.sent and wire.up:
            wire.send(frame.data)

    ends = [
        one.tap.listen(lambda frame: onto(other, frame)),
        other.tap.listen(lambda frame: onto(one, frame)),
    ]
    try:
        yield
    finally:
        for end in ends:
            end()


@claims("SL-10", wires=2, needs=["short_timeout"], seconds=14)
def test_looped_ports(case: Case) -> None:
    """Two ports of one aggregate that are joined by a cable do not become a LAG with each other"""
    one, other = case.wires[:2]
    with patched(one, other):
        aggregate = case.aggregate([one, other], timeout="short")  # so that each state is told
        since = case.now()
        with case.offering(aggregate, 4):
            case.run_for(LOOPED)
    both = [
        frame
        for wire in (one, other)
        for frame in wire.received(since)
        if lacpdu(Distributing=1)(frame) and frame.actor.system == frame.partner.system
    ]
    alike = {frame.wire for frame in both if frame.actor.key == frame.partner.key}
    case.check(len(alike) < 2, "not both ports distributing to each other", "; ".join(f.text() for f in both))
    case.report(f"data frames by link: { {wire.name: len(carried(wire, since)) for wire in (one, other)} }")
    for wire in (one, other):
        case.expect(wire, lacpdu(), since=since, within=LOOPED + PROMPT)


def carried(wire: Wire, since: float) -> list[Frame]:
    """Data of the implementation on a wire."""
    return [frame for frame in wire.received(since) if data_frame()(frame)]


@claims("SL-10", wires=2, needs=["several_aggregates", "shared_system", "set_key", "short_timeout"],
        seconds=7)  # fmt: skip
def test_two_aggregates_joined(case: Case) -> None:
    """A link between two aggregates of one System is no loop to itself: they are each other's partners"""
    wires = case.wires[:2]
    with patched(*wires):
        for number, wire in enumerate(wires):
            case.aggregate([wire], f"agr{number}", system_id=SYSTEM, key=1 + number, timeout="short")
        for wire in wires:
            case.expect(wire, lacpdu(Distributing=1), within=BRING_UP_TIME)
