"""While nothing changes each conversation keeps its order, no frame is doubled or lost (43.2.3, 43.2.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from scapy.layers.inet import IP, UDP

from harness.case import (
    Case,
    Conversation,
    Passage,
    carry,
    claims,
    generated,
    generated_by_client,
    interleaved,
    inversions,
    record,
)
from harness.case.passage import BATCH
from harness.pdu import Frame
from harness.profile.constants import PROMPT
from harness.traffic.outcome import Outcome
from testcases.conformance.fd.moving import MOVING
from testcases.conformance.fd.test_distribution import lag_of_all, none_lost

FRAMES = 20_000
"""In all: one in 10,000 that is doubled or late is among them."""

COLLECTED = 2_000
"""Frames of one conversation, sent on the links in turn."""

PACED_FLOWS, PACE, PACED_SECONDS = 84, 5_000.0, 2.0
"""Conversations, so many that a mix has all of its forms; frames a second; seconds."""

FLOWS = 32
"""Conversations of which some are on each link."""


def together(flows: Sequence[Conversation]) -> list[bytes]:
    """Frames of all conversations; each has several among those that are on their way at one time."""
    count = -(-FRAMES // len(flows))
    number = max(1, BATCH // count)
    groups = [flows[first : first + number] for first in range(0, len(flows), number)]
    return [frame for group in groups for frame in interleaved(group, count)]


def late(frames: Sequence[Frame]) -> int:
    """Frames that came after one of their conversation that was sent later."""
    numbers: dict[int, list[int]] = defaultdict(list)
    for frame in sorted(frames, key=lambda frame: frame.time):
        conversation, sequence = record(frame)
        numbers[conversation].append(sequence)
    return sum(map(inversions, numbers.values()))


def no_copies(case: Case, passage: Passage, row: str) -> None:
    """FAIL where a frame came out twice, some time later too."""
    case.run_for(PROMPT)
    copies = passage.copies()
    more = sum(copies.values()) - len(copies)
    case.within(more, None, 0, "copies of frames", "frames", id="frames-copied", row=row)


@claims("FD-02", "FD-03", wires=2, seconds=17)
def test_steady(case: Case) -> None:
    """While nothing changes each of many conversations keeps its order, no frame is sent twice or changed"""
    lag = lag_of_all(case)
    case.run_for(MOVING)  # to links that came up later
    flows = case.mix(case.bench.lab.limits.conversations, lag.aggregate.mac)
    frames = together(flows)
    passage = carry(case, lag.aggregate, frames, lag.stations)
    out = [frame for found in passage.out().values() for frame in found]
    words = "frames that left after one that was sent later"
    case.within(late(out), None, 0, words, "frames", id="frames-late", row="FD-02")
    no_copies(case, passage, "FD-03")
    words = "frames that left otherwise than the client sent them"
    case.within(len(passage.changed()), None, 0, words, "frames", id="frames-changed", row="FD-02")
    none_lost(case, passage, frames, "FD-02")


@claims("FD-08", wires=2, seconds=10)
def test_alternating_links(case: Case) -> None:
    """A conversation that arrives on all links in turn is delivered, what each link brings in its order"""
    lag = lag_of_all(case)
    wires = [station.wire for station in lag.stations]
    (flow,) = case.conversations(1, wires[0].tap.mac)
    frames = flow.frames(COLLECTED)
    passage = carry(case, wires, frames, [lag.aggregate.client])
    numbers = [record(frame)[1] for found in passage.out().values() for frame in found]
    for place, wire in enumerate(wires):
        # A batch begins with the first wire: which one brought a frame shows in its number.
        brought = [number for number in numbers if number % passage.batch % len(wires) == place]
        words = f"frames of {wire.name} that were delivered after a later one"
        case.within(inversions(brought), None, 0, words, "frames", id=f"frames-late-link-{place + 1}")
    no_copies(case, passage, "FD-08")
    missing = len(passage.missing())
    case.check(not missing, f"all {COLLECTED} frames delivered", f"{missing} of {len(passage.sent)} missing")


@claims("FD-08", wires=2, needs=["kernel", "tagged_frames"], whole=["load"], seconds=11)
def test_at_a_pace(case: Case) -> None:
    """What the bench's generator sends on one link at a pace is delivered in order, once and unchanged"""
    lag = lag_of_all(case)
    outcome = generated(
        case, lag.station.wire, lag.aggregate, flows=PACED_FLOWS, rate=PACE, count=round(PACED_SECONDS * PACE)
    )
    came_well(case, outcome, "FD-08", "FD-08")


@claims("FD-02", "FD-03", wires=2, needs=["kernel", "tagged_frames"], whole=["load"], seconds=14)
def test_client_at_a_pace(case: Case) -> None:
    """What the client sends at a pace leaves in order, once and unchanged, while all links distribute"""
    lag = lag_of_all(case)
    case.run_for(MOVING)  # to links that came up later
    wires, count = [station.wire for station in lag.stations], round(PACED_SECONDS * PACE)
    outcome = generated_by_client(case, lag.aggregate, wires, flows=PACED_FLOWS, rate=PACE, count=count)
    came_well(case, outcome, "FD-02", "FD-03")


def came_well(case: Case, outcome: Outcome, order: str, copies: str) -> None:
    """FAIL, in these rows, where frames of a generator came late, twice or changed, or hardly any came."""
    came = outcome.sent - outcome.lost
    case.check(came > outcome.sent / 2, f"{outcome.sent} frames at the other end", f"{came}", row=order)
    for value, words, name, row in (
        (outcome.reordered, "that came after one that was sent later", "frames-late", order),
        (outcome.duplicated, "that came twice", "frames-copied", copies),
        (outcome.corrupted, "that came otherwise than they were sent", "frames-changed", order),
    ):
        case.within(value, None, 0, f"frames {words}", "frames", id=name, row=row)
    # Queues of a busy host may be short: that none is lost is shown by frames that are acknowledged.
    case.within(
        outcome.lost, None, None, "frames that did not come", "frames", id="frames-missing", row=order
    )


def answers(flow: Conversation) -> Conversation:
    """The other direction of a conversation."""
    packet = IP(flow.frame(0)[14:])
    ports = packet[UDP]
    back = IP(src=packet.dst, dst=packet.src) / UDP(sport=ports.dport, dport=ports.sport, chksum=0)
    return replace(flow, source=flow.destination, destination=flow.source, network=back)


@claims("FD-09", wires=2, seconds=9)
def test_answers_on_another_link(case: Case) -> None:
    """What answers a conversation is delivered whichever link it arrives on, also one that it does not use"""
    lag = lag_of_all(case)
    flows = case.conversations(FLOWS, lag.aggregate.mac)
    passage = carry(case, lag.aggregate, [flow.frame(0) for flow in flows], lag.stations)
    used = {record(frame)[0]: wire for wire, found in passage.out().items() for frame in found}
    case.equal(len(used), FLOWS, "conversations on the links:")
    back = [answers(flow) for flow in flows]
    for number, station in enumerate(lag.stations, start=1):
        others = [flow for flow in back if used[flow.number] != station.wire.name]
        passage = carry(case, station.wire, [flow.frame(number) for flow in others], [lag.aggregate.client])
        missing = passage.missing()
        case.check(
            not missing,
            f"answers to all {len(others)} conversations that other links carry, sent on {station.wire.name}",
            f"{len(missing)} were not delivered",
        )
