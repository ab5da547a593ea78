"""Order and copies through a switch, with all links of a LAG busy, while something happens to it: both ways.

agr0 ===== re0 .. re3 ===== channel group of the switch ----- tester's traffic port
            T2, all there are                             one link
"""

from __future__ import annotations

import pytest

from harness.case import Case, claims
from harness.case.busy import Traffic
from harness.case.ways import IN, OUT, Way
from testcases.conformance.interop.changes import CHANGES, Change
from testcases.conformance.interop.needs import THROUGH
from testcases.conformance.interop.test_failover import look, looks, slug


def marked(kind: str) -> object:
    """A change with what it claims and needs."""
    change = CHANGES[kind]
    mark = claims(
        "FD-02", "FD-03", "FD-08", switch_wires=2, needs=[*THROUGH, *change.needs], whole=change.whole,
        seconds=change.seconds, looks_at=looks(kind),
    )  # fmt: skip
    return pytest.param(kind, id=kind, marks=mark)


@pytest.mark.parametrize("kind", [marked(kind) for kind in CHANGES])
def test_change(case: Case, kind: str) -> None:
    """Conversations keep their order, no frame is doubled, while something happens to a LAG with a switch"""
    seen = look(case, kind)
    for way, traffic in ((OUT, seen.out), (IN, seen.into)):
        order_kept(case, kind, CHANGES[kind], way, traffic)


def order_kept(case: Case, kind: str, change: Change, way: Way, traffic: Traffic) -> None:
    """FAIL where the implementation put a frame behind a later one, or doubled one.

    From the host, where frames on the old link come through, it also answers for those on another link that
    overtake them.
    """
    name = slug(f"{kind} {way.words}")
    late = traffic.late()
    words = f"{kind}, {way.words}: frames behind one that was sent later"
    case.within(late, None, 0, words, "frames", id=f"{name}-late", row=way.order)
    if way is OUT:
        overtaken = traffic.overtaken()
        answers = change.alive and not any(leg.late for leg in traffic.passing.others)
        words = f"{kind}, {way.words}: frames that others on another link overtook"
        most = 0 if answers else None
        case.within(overtaken - late, None, most, words, "frames", id=f"{name}-overtaken", row=way.order)
    words = f"{kind}, {way.words}: copies of frames"
    case.within(traffic.copies(), None, 0, words, "frames", id=f"{name}-copied", row=way.copies)
    others = "; ".join(leg.text() for leg in traffic.passing.others if not leg.clean)
    if others:
        case.report(f"{way.words}, beyond the implementation: {others}")
