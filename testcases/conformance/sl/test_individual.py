"""Links that do not aggregate: Individual ones, and those that end where they began (43.3.6, 43.4.14)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harness.case import Case, claims, data_frame, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.pdu import Frame
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.wire.wire import Wire
from testcases.conformance.sl.apart import never_joined

LOOPED = 10 * FAST_PERIODIC_TIME
"""Seconds, as the row's time."""

SYSTEM = "02:00:5e:00:53:77"


@claims("SL-06", wires=2, seconds=20)
def test_individual_partner(case: Case) -> None:
    """A link whose partner says Aggregation=0 shares no LAG with another link"""
    never_joined(case, "Aggregation", 0)


@contextmanager
def patched(one: Wire, other: Wire) -> Iterator[None]:
    """The tester's ends of two wires joined to one cable while the block runs; of one wire: a loopback plug.

    What it passes on, and how often, is what the implementation sends: such testcases are marked `floods`.
    """

    def onto(wire: Wire, frame: Frame) -> None:
        if not frame.sent and wire.up:
            wire.send(frame.data)

    ends = [one.tap.listen(lambda frame: onto(other, frame))]
    if other is not one:
        ends.append(other.tap.listen(lambda frame: onto(one, frame)))
    try:
        yield
    finally:
        for end in ends:
            end()


@claims("SL-10", wires=2, needs=["short_timeout"], seconds=14, floods=True)
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
    if case.reading("looped_ports") == "apart":
        said = "; ".join(f.text() for f in both)
        case.check(len(alike) < 2, "not both ports distributing to each other", said)
    else:
        case.report(f"ports that distribute to each other: {len(alike)} of two")
    case.report(f"data frames by link: { {wire.name: len(carried(wire, since)) for wire in (one, other)} }")
    for wire in (one, other):
        case.expect(wire, lacpdu(), since=since, within=LOOPED + PROMPT)


@claims("SL-10", wires=1, needs=["short_timeout"], seconds=14, floods=True)
def test_loopback_plug(case: Case) -> None:
    """A port that hears itself is in no LAG with itself, and its client does not get its own frames back"""
    wire = case.wires[0]
    with patched(wire, wire):
        aggregate = case.aggregate([wire], timeout="short")
        since = case.now()
        with case.offering(aggregate, 4) as offer:
            case.run_for(LOOPED)
    own = [
        f for f in wire.received(since) if lacpdu(Distributing=1)(f) and f.actor.system == f.partner.system
    ]
    back = sum(map(offer.data, aggregate.client.received(since)))
    if case.reading("looped_ports") == "apart":
        case.check(not own, "not distributing to itself", own[0].text() if own else "")
        case.check(
            not back, "none of the client's own frames back at the client", f"{back} of {len(offer.sent)}"
        )
    else:
        case.report(f"frames of the client's that came back to it: {back} of {len(offer.sent)}")
    case.expect(wire, lacpdu(), since=since, within=LOOPED + PROMPT)


def carried(wire: Wire, since: float) -> list[Frame]:
    """Data of the implementation on a wire."""
    return [frame for frame in wire.received(since) if data_frame()(frame)]


@claims("SL-10", wires=2, needs=["several_aggregates", "shared_system", "set_key", "short_timeout"],
        whole=["system-id"],
        seconds=7, floods=True)  # fmt: skip
def test_two_aggregates_joined(case: Case) -> None:
    """A link between two aggregates of one System is no loop to itself: they are each other's partners"""
    wires = case.wires[:2]
    with patched(*wires):
        one, other = (
            case.aggregate([wire], f"agr{number}", system_id=SYSTEM, key=1 + number, timeout="short")
            for number, wire in enumerate(wires)
        )
        for wire in wires:
            case.expect(wire, lacpdu(Distributing=1), within=BRING_UP_TIME)
        for source, target in ((one, other), (other, one)):
            with case.offering(source) as offer:
                case.expect(target.client, offer.data, within=PROMPT)
