"""Order, copies and loss through a managed switch, out of the host, into it, and both ways at once.

agr0 ===== re0 .. re3 ===== channel group of the switch ----- tester's traffic port
            T2, all there are                             one link
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import pytest

from harness.case import Case, claims, passing, reason_to_lose, switch_lag
from harness.case.loss import Passing
from harness.case.offer import Offer
from harness.case.premises import BRING_UP_TIME
from harness.case.ways import DENSE, IN, OUT, Way, flows_of, on_the_wire, passes, source_of
from harness.profile.constants import PROMPT
from harness.wire.wire import Wire
from testcases.conformance.fd.moving import MOVING

FLOWS = 64
"""Conversations of each direction, enough for both ends to use every link."""

STEADY = 4 * PROMPT
"""Seconds of traffic."""


DIRECTIONS = {OUT.words: (OUT,), IN.words: (IN,), "both ways": (OUT, IN)}


def marked(name: str) -> object:
    """A direction with the rows that it claims."""
    rows = dict.fromkeys(row for way in DIRECTIONS[name] for row in (way.order, way.copies))
    needs = ["switch", "ssh", "console", "traffic"]
    return pytest.param(name, id=name, marks=claims(*rows, switch_wires=2, needs=needs, seconds=20))


def used(case: Case, wires: Sequence[Wire], offer: Offer, way: Way, since: float) -> None:
    """Report how many frames each link carried."""
    spread = {wire.name: sum(map(offer.data, on_the_wire(wire, way, since))) for wire in wires}
    case.report(f"{way.words}, frames by link: {spread}")


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
                stack.enter_context(
                    case.offering(source_of(case, aggregate, way), flows_of(case, way, FLOWS), pace=DENSE)
                )
                for way in ways
            ]
            case.run_for(STEADY)
        case.run_for(PROMPT)  # what is under way comes out, a copy some time later too
        for way, offer in zip(ways, offers, strict=True):
            used(case, wires, offer, way, since)
            passed = passing(case, aggregate, wires, offer, inward=way is IN, since=since)
            judge(case, way, passed, reason_to_lose(case, wires, since))
