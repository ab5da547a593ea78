"""Both ways through a switch: out of the aggregate's client, and into it from the tester's port there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from harness.case.case import Case
from harness.case.loss import passing, reason_to_lose
from harness.case.offer import Offer, Pace
from harness.case.premises import BRING_UP_TIME
from harness.case.traffic import Conversation
from harness.dut.implementation import Aggregate
from harness.pdu import Frame
from harness.verdict import BenchError
from harness.wire.moment import may_be_from
from harness.wire.wire import Tap, Wire

DENSE = Pace(every=0.02)
"""A frame of each conversation: close enough to be on their way together."""

SOURCE = "02:00:5e:12:{:02x}:{:02x}"
"""Of a conversation: by its direction and number."""


class Way(NamedTuple):
    """A direction: its row of order, its row of copies, in words."""

    order: str
    copies: str
    words: str


OUT = Way("FD-02", "FD-03", "from the host")
IN = Way("FD-08", "FD-08", "to the host")


def on_the_wire(wire: Wire, way: Way, since: float) -> list[Frame]:
    """The frames of a direction on a wire to a switch: those that the switch sends count as the tester's."""
    with wire.tap.loop.lock:
        return [f for f in wire.frames if f.sent == (way is IN) and may_be_from(f.time, since)]


def flows_of(case: Case, way: Way, count: int) -> list[Conversation]:
    """Conversations as of hosts behind bridges, since a switch may look at source addresses alone."""
    found = case.conversations(count, SOURCE.format(way is IN, 0))
    return [replace(flow, source=SOURCE.format(way is IN, flow.number)) for flow in found]


def source_of(case: Case, aggregate: Aggregate, way: Way) -> Aggregate | Tap:
    """Where the frames of a direction come from."""
    return aggregate if way is OUT else tester_of(case)


def tester_of(case: Case) -> Tap:
    """The tester's port at the switch. Raises BenchError where there is none: a testcase needs "traffic"."""
    if case.bench.traffic is None:
        raise BenchError(f"{case.bench.lab.file}: traffic: no tester's port at the switch")
    return case.bench.traffic


def passes(case: Case, aggregate: Aggregate, wires: Sequence[Wire]) -> None:
    """Wait until frames pass both ways: a premise, both ends may need a moment."""
    for way, place in ((OUT, tester_of(case)), (IN, aggregate.client)):
        since = case.now()
        with case.offering(source_of(case, aggregate, way)) as offer:
            came = case.until(partial(came_out, offer, place), within=BRING_UP_TIME)
        if not came:
            passed = passing(case, aggregate, wires, offer, inward=way is IN, since=since)
            if not passed.own.missing and not reason_to_lose(case, wires, since):
                passed.bench_lost_nothing()
            case.unmet("MX-08" if way is OUT else "MX-15", f"frames {way.words} through the switch", "none")


def came_out(offer: Offer, place: Tap) -> bool:
    """Whether a frame has come out."""
    return any(map(offer.data, place.received()))
