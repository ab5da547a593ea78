"""Whatever its frames are, a conversation is on one link (43.2.4): fragments, options, what is not IP."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from harness.case import Case, carry, claims, record
from testcases.conformance.fd.kinds import KINDS, TAGS, frames
from testcases.conformance.fd.test_distribution import lag_of_all

FLOWS = 12
"""Conversations, so many that of those whose frames are spread one by one some are on two links."""

FRAMES = 6
"""Of each: two datagrams of three fragments."""


@claims("FD-01", wires=2, seconds=9)
@pytest.mark.parametrize("kind", KINDS)
def test_kind(case: Case, kind: str) -> None:
    """All frames of a conversation go to one link, whatever is where another has ports, tagged or not"""
    lag = lag_of_all(case)
    judged, spread = 0, Counter[str]()
    for tag in TAGS:
        flows = case.conversations(FLOWS, lag.aggregate.mac)
        sent = [frame for flow in flows for frame in frames(flow, kind, tag, FRAMES)]
        passage = carry(case, lag.aggregate, sent, lag.stations)
        took: dict[int, list[str]] = defaultdict(list)
        for wire, found in passage.out().items():
            for frame in found:
                took[record(frame)[0]].append(wire)
        split = {number: dict(Counter(wires)) for number, wires in took.items() if len(set(wires)) > 1}
        words = f"each conversation on one link: {kind}, {tag}"
        case.check(
            not split, words, f"{len(split)} of {len(took)} on several, as {next(iter(split.values()), '')}"
        )
        judged += sum(len(wires) > 1 for wires in took.values())
        spread.update(wires[0] for wires in took.values())
        if missing := passage.missing():
            case.report(f"{kind}, {tag}: {len(missing)} of {len(sent)} frames did not come out")
    case.report(f"conversations by link: {dict(spread)}")
    if not judged:
        case.nothing_to_judge(f"no conversation with two frames that came out: {kind}")
    elif case.pics.spreads and len(spread) < 2:
        case.nothing_to_judge(f"all conversations are on one link: {kind}")
