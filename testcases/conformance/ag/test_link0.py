"""link0: round robin, which agr(4) itself warns of, and -link0 back to the hash."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from harness.case import Case, Lag, carry, claims, flowing, inversions, record

FRAMES = 1_000
MEMBERS = 3


def links_taken(case: Case, lag: Lag) -> tuple[list[str], int]:
    """The link of each frame of one conversation, in the order they were sent; and how many came late.

    Late is a frame that was seen after one that was sent after it.
    """
    (flow,) = case.conversations(1, lag.aggregate.mac)
    passage = carry(case, lag.aggregate, flow.frames(FRAMES), lag.stations)
    frames = sorted((f for found in passage.out().values() for f in found), key=lambda frame: frame.time)
    took = {record(frame): frame.wire for frame in frames}
    if len(took) != FRAMES:
        case.unmet("MX-08", f"{FRAMES} frames of the client's on the links", f"{len(took)}")
    return [took[key] for key in passage.sent], inversions([record(frame)[1] for frame in frames])


@claims("AG-10", "FD-16", wires=MEMBERS, needs=["round_robin", "while_running:round-robin"], seconds=8)
def test_round_robin(case: Case) -> None:
    """With link0 consecutive frames alternate, at the cost of their order; -link0 brings the hash back"""
    lag = case.bundle(MEMBERS)
    flowing(case, lag.aggregate, lag.stations)
    lag.aggregate.set("round-robin", True)
    since = case.now()
    took, late = links_taken(case, lag)
    data = sum(frame.is_data for station in lag.stations for frame in station.wire.received(since))
    repeated = sum(one == other for one, other in pairwise(took))
    case.check(
        repeated <= data - FRAMES,  # the host's own frames take their turns too
        "consecutive frames on different links",
        f"{repeated} of {FRAMES} on the link of the one before, {data - FRAMES} other frames meanwhile",
        row="AG-10",
    )
    used = Counter(took)
    case.check(len(used) == MEMBERS, f"frames on all {MEMBERS} links", dict(used), row="AG-10")
    case.report(f"FD-16, expected deviation: with link0 a conversation takes {len(used)} links")
    words = "FD-16, frames of the conversation that came late with link0"
    case.within(late, None, None, words, "frames", id="frames-late")
    lag.aggregate.set("round-robin", False)
    took, _ = links_taken(case, lag)
    case.equal(len(set(took)), 1, "links that a conversation takes, -link0:", row="AG-10")
