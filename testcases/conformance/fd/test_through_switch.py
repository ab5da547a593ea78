"""Order, copies and loss through a managed switch, out of the host, into it, and both ways at once.

agr0 ===== re0 .. re3 ===== channel group of the switch ----- tester's traffic port
            T2, all there are                             one link
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import pytest

from harness.case import Case, Conversation, claims, passing, reason_to_lose, switch_lag
from harness.case.loss import Passing
from harness.case.offer import Offer, Pace
from harness.case.premises import BRING_UP_TIME
from harness.dut.implementation import Aggregate
from harness.pdu import Frame
from harness.profile.constants import PROMPT
from harness.wire.wire import Tap, Wire
from testcases.conformance.fd.moving import MOVING

FLOWS = 64
"""Conversations of each direction, enough for both ends to use every link."""

DENSE = Pace(every=0.02)
"""A frame of each conversation: close enough to be on their way together."""

SOURCE = "02:00:5e:12:{:02x}:{:02x}"
"""Of a conversation: by its direction and number."""

STEADY = 4 * PROMPT
"""Seconds of traffic."""


class Way(NamedTuple):
    """A direction: its row of order, its row of copies, in words."""

    order: str
    copies: str
    words: str


OUT = Way("FD-02", "FD-03", "from the host")
IN = Way("FD-08", "FD-08", "to the host")
DIRECTIONS = {OUT.words: (OUT,), IN.words: (IN,), "both ways": (OUT, IN)}


def marked(name: str) -> object:
    """A direction with the rows that it claims."""
    rows = dict.fromkeys(row for way in DIRECTIONS[name] for row in (way.order, way.copies))
    needs = ["switch", "ssh", "console", "tester_port"]
    return pytest.param(name, id=name, marks=claims(*rows, switch_wires=2, needs=needs, seconds=20))


def used(case: Case, wires: Sequence[Wire], offer: Offer, way: Way, since: float) -> None:
    """Report how many frames each link carried."""
    spread = {wire.name: sum(map(offer.data, _passed(wire, way, since))) for wire in wires}
    case.report(f"{way.words}, frames by link: {spread}")


def _passed(wire: Wire, way: Way, since: float) -> list[Frame]:
    """On a wire to a switch the frames that the switch sends count as the tester's."""
    with wire.tap.loop.lock:
        return [frame for frame in wire.frames if frame.time >= since and frame.sent == (way is IN)]


def judge(case: Case, way: Way, passed: Passing, reason: str) -> None:
    """FAIL where the implementation put a frame behind a later one, doubled or lost it.

    What became of frames elsewhere is the bench's, but where the implementation gave the switch a `reason`.
    """
    own = passed.own
    words, name = f"{way.words}: frames after one that was sent later", "-".join(way.words.split())
    case.within(own.late, None, 0, words, "frames", id=f"{name}-late", row=way.order)
    words = f"{way.words}: copies of frames"
    case.within(own.copies, None, 0, words, "frames", id=f"{name}-copied", row=way.copies)
    case.check(
        bool(own.number) and not own.missing,
        f"{way.words}: all {own.number:,} frames that came to it passed by the implementation",
        own.text() or "none was offered",
        row=way.order,
    )
    elsewhere = "; ".join(leg.text() for leg in passed.others if not leg.clean)
    if elsewhere and reason:
        words = f"{way.words}: no reason for a loss in the switch"
        case.check(False, words, f"{reason}; {elsewhere}", row=way.order)
    if not case.failures:
        passed.bench_lost_nothing()


@pytest.mark.parametrize("direction", [marked(name) for name in DIRECTIONS])
def test_steady(case: Case, direction: str) -> None:
    """Through a switch each of many conversations keeps its order, and no frame is doubled or lost"""
    ways = DIRECTIONS[direction]
    wires = case.switch_wires[: case.pics.max_ports]
    with switch_lag(case, wires) as lag:
        aggregate = case.aggregate(wires)
        lag.all_bundled(BRING_UP_TIME)
        passes(case, aggregate, wires)
        case.run_for(MOVING)  # to links that came up later
        since = case.now()
        with ExitStack() as stack:
            offers = [
                stack.enter_context(case.offering(source(case, aggregate, way), flows(case, way), pace=DENSE))
                for way in ways
            ]
            case.run_for(STEADY)
        case.run_for(PROMPT)  # what is under way comes out, a copy some time later too
        for way, offer in zip(ways, offers, strict=True):
            used(case, wires, offer, way, since)
            passed = passing(case, aggregate, wires, offer, inward=way is IN, since=since)
            judge(case, way, passed, reason_to_lose(case, wires, since))


def flows(case: Case, way: Way) -> list[Conversation]:
    """Conversations as of hosts behind bridges, since a switch may look at source addresses alone."""
    found = case.conversations(FLOWS, SOURCE.format(way is IN, 0))
    return [replace(flow, source=SOURCE.format(way is IN, flow.number)) for flow in found]


def source(case: Case, aggregate: Aggregate, way: Way) -> Aggregate | Tap:
    """Where the frames of a direction come from."""
    return aggregate if way is OUT else case.bench.traffic


def passes(case: Case, aggregate: Aggregate, wires: Sequence[Wire]) -> None:
    """Wait until frames pass both ways: a premise, both ends may need a moment."""
    for way, place in ((OUT, case.bench.traffic), (IN, aggregate.client)):
        since = case.now()
        with case.offering(source(case, aggregate, way)) as offer:
            came = case.until(partial(came_out, offer, place), within=BRING_UP_TIME)
        if not came:
            passed = passing(case, aggregate, wires, offer, inward=way is IN, since=since)
            if not passed.own.missing and not reason_to_lose(case, wires, since):
                passed.bench_lost_nothing()
            case.unmet("MX-08" if way is OUT else "MX-15", f"frames {way.words} through the switch", "none")


def came_out(offer: Offer, place: Tap) -> bool:
    """Whether a frame has come out."""
    return any(map(offer.data, place.received()))
