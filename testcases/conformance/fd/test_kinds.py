"""Whatever its frames are, a conversation is on one link (43.2.4): fragments, options, what is not IP."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from harness.case import Case, carry, claims, record
from harness.profile.constants import PROMPT
from testcases.conformance.fd.kinds import KINDS, SHORTEST, TAGS, cut, frames
from testcases.conformance.fd.test_distribution import lag_of_all

FLOWS = 12
"""Conversations, so many that of those whose frames are spread one by one some are on two links."""

FRAMES = 6
"""Of each: two datagrams of three fragments."""


@claims("FD-01", wires=2, needs=["tagged_frames"], seconds=9)
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


@claims("FD-01", wires=2, seconds=10)
@pytest.mark.parametrize("kind", ["short IPv4", "short IPv6"])
def test_shortest(case: Case, kind: str) -> None:
    """A frame that ends with its IP header goes to the link of its conversation's longer frames"""
    lag = lag_of_all(case)
    judged, split, spread = 0, [], Counter[str]()
    for tag in TAGS:
        flows = case.conversations(FLOWS, lag.aggregate.mac)
        whole = [frame for flow in flows for frame in frames(flow, kind, tag, 1)]
        since = case.now()
        for frame in whole:
            lag.aggregate.client.send(frame)
            lag.aggregate.client.send(cut(frame, tag))
        case.run_for(PROMPT)
        out = {station.wire.name: [f.data for f in station.wire.received(since)] for station in lag.stations}
        for frame in whole:
            longer = [name for name, seen in out.items() if frame in seen]
            shorter = [name for name, seen in out.items() if any(is_cut(one, frame, tag) for one in seen)]
            spread.update(longer)
            judged += bool(longer and shorter)
            split += [f"{longer} and {shorter}"] * (len({*longer, *shorter}) > 1)
    words = f"{kind}, and the same without what follows its header, on one link"
    case.check(not split, words, f"{len(split)} conversations on several, as {next(iter(split), '')}")
    case.report(f"{judged} conversations; by link: {dict(spread)}")
    if not judged or (case.pics.spreads and len(spread) < 2):
        case.nothing_to_judge(f"no conversation with both frames, or all of them on one link: {kind}")


def is_cut(seen: bytes, frame: bytes, tag: str) -> bool:
    """Whether it is what `cut` makes of a frame, padded or not."""
    return len(seen) <= SHORTEST and seen.startswith(cut(frame, tag))
