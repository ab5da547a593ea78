"""A link goes, and comes back: what becomes of the conversations on it (43.2.4).

T1:  agr0 ===== tester                  T2:  agr0 ===== switch ----- tester's traffic port
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from harness.case import (
    Case,
    Conversation,
    claims,
    gaps,
    reason_to_lose,
    record,
    record_gaps,
    switch_lag,
)
from harness.case.offer import OFFER_PERIOD, Offer
from harness.case.premises import BRING_UP_TIME
from harness.case.switched import BUNDLED
from harness.dut.implementation import Aggregate
from harness.pdu import Frame
from harness.profile.constants import PROMPT
from harness.verdict import BenchError, Inconclusive
from harness.wire.wire import Tap, Wire

FLOWS = 24
"""Conversations, so many that each of a few links carries some."""

STEADY = 20 * OFFER_PERIOD
"""Seconds of traffic that show which link a conversation is on."""

RETURN_TIME = 10.0
"""Seconds within which FD-15 wants a link used again."""


def bridged(case: Case) -> list[Conversation]:
    """Conversations as of hosts behind a bridge: they differ in the source address, too."""
    flows = case.conversations(FLOWS, "02:00:5e:11:00:00")
    return [replace(flow, source=f"02:00:5e:11:00:{flow.number:02x}") for flow in flows]


def by_flow(frames: Sequence[Frame]) -> dict[int, list[Frame]]:
    """Test frames by conversation, in the order of the capture."""
    found: dict[int, list[Frame]] = {}
    for frame in frames:
        told = record(frame)
        if told is not None:
            found.setdefault(told[0], []).append(frame)
    return found


def merged(taps: Sequence[Tap], data: Callable[[Frame], bool], since: float) -> list[Frame]:
    """The offered frames that came out at any of the places, by time."""
    frames = [frame for tap in taps for frame in tap.received(since) if data(frame)]
    return sorted(frames, key=lambda frame: frame.time)


def carriers(wires: Sequence[Wire], offer: Offer, since: float) -> dict[str, set[int]]:
    """Which conversations each wire has carried."""
    return {wire.name: set(by_flow(merged([wire.tap], offer.data, since))) for wire in wires}


def lose_a_link(
    case: Case, kind: str, aggregate: Aggregate, wires: Sequence[Wire], outlets: Sequence[Tap]
) -> Wire:
    """Cut the link with the most conversations and judge FD-13 by what comes out; gives the link.

    ``kind`` of loss names the figures. Where a link had no conversation before, FD-15 has nothing to judge.
    """
    limit = case.longest_interruption
    with case.offering(aggregate, bridged(case)) as offer:
        begin = case.now()
        case.until(lambda: len(by_flow(merged(outlets, offer.data, begin))) == FLOWS, within=BRING_UP_TIME)
        begin, before = steady(case, wires, offer)
        spread = {name: len(flows) for name, flows in before.items()}
        case.report(f"conversations by link: {spread}")
        if sum(spread.values()) != FLOWS:
            case.unmet("FD-01", f"{FLOWS} conversations, each on a link", str(spread))
        if not all(before.values()):
            why = f"the implementation leaves a link without a conversation: {spread}"
            case.nothing_to_judge(why, row="FD-15")
        lost = max(wires, key=lambda wire: len(before[wire.name]))
        lost.cut()
        down = case.now()
        case.run_for(limit + STEADY)
    case.run_for(PROMPT)  # what is under way comes out
    others = [wire for wire in wires if wire is not lost]
    came = merged(outlets, offer.data, begin)
    reached = set(map(record, came))
    beyond = [f for f in merged([w.tap for w in others], offer.data, begin) if record(f) not in reached]
    if beyond and (reason := reason_to_lose(case, others, begin)):
        case.report(f"frames that left and did not come out count as lost: {reason}")
        beyond = []
    arrived = by_flow(sorted([*came, *beyond], key=lambda frame: frame.time))
    interruptions(case, kind, arrived, before[lost.name], limit)
    nothing_dead(case, offer, arrived)
    after = set().union(*carriers(others, offer, down).values())
    case.check(
        before[lost.name] <= after,
        f"the {len(before[lost.name])} conversations of {lost.name} on other links",
        f"conversations {sorted(before[lost.name] - after)} on none",
        row="FD-13",
    )
    if beyond and not case.broken("FD-13"):
        lost_beyond(case, offer, len(beyond), by_flow(came), before[lost.name], limit)
    return lost


def steady(case: Case, wires: Sequence[Wire], offer: Offer) -> tuple[float, dict[str, set[int]]]:
    """Which conversations each wire carries, and since when, once none changes its link any more.

    They may still move when they begin: to links that have just joined, as fast as Markers may be sent.
    """
    deadline = case.now() + BRING_UP_TIME
    while True:
        begin = case.now()
        case.run_for(STEADY)
        found = carriers(wires, offer, begin)
        if sum(map(len, found.values())) == FLOWS or case.now() >= deadline:
            return begin, found


def lost_beyond(
    case: Case, offer: Offer, number: int, came: dict[int, list[Frame]], moved: set[int], limit: float
) -> None:
    """Report frames that left the host on links that are up, and never came out: they were lost behind it.

    Raises Inconclusive where a conversation is too long interrupted, or dead, for want of these alone.
    """
    words = (
        f"{number:,} frames left the host on links that are up and were lost in the switch or on its cables"
    )
    found = gaps({flow: [frame.time for frame in came.get(flow, [])] for flow in moved}, OFFER_PERIOD)
    if max(found.values(), default=0.0) > limit or dead(offer, came):
        raise Inconclusive(words)
    case.report(words)


def interruptions(
    case: Case, kind: str, arrived: dict[int, list[Frame]], moved: set[int], limit: float
) -> None:
    """Measure the interruptions; FAIL where one of a conversation that moved exceeds the bench's limit."""

    found = gaps({flow: [frame.time for frame in frames] for flow, frames in arrived.items()}, OFFER_PERIOD)
    stayed = max((gap for flow, gap in found.items() if flow not in moved), default=0.0)
    words = "longest interruption of a conversation on another link"
    case.within(stayed, None, None, words, id="interruption-on-another-link")
    name = "-".join(kind.split())
    record_gaps(case, kind, [found[flow] for flow in moved], limit, id=name, row="FD-13")


def nothing_dead(case: Case, offer: Offer, arrived: dict[int, list[Frame]]) -> None:
    """FAIL where the last frame of a conversation did not come out."""
    numbers = {flow: [record(frame)[1] for frame in frames] for flow, frames in arrived.items()}
    lost = sum(max(seen) - min(seen) + 1 - len(set(seen)) for seen in numbers.values())
    case.within(lost, None, None, "lost frames of all conversations", "frames", id="lost-frames")
    without = dead(offer, arrived)
    case.check(
        not without, "every conversation alive in the end", f"no more frames of {without}", row="FD-13"
    )


def dead(offer: Offer, arrived: dict[int, list[Frame]]) -> list[int]:
    """The conversations whose last frame is not among these."""
    last = dict(offer.sent)  # the last number of each
    return [flow for flow, number in last.items() if (flow, number) not in map(record, arrived.get(flow, []))]


def comes_back(case: Case, aggregate: Aggregate, wire: Wire) -> None:
    """Give a link its carrier back; FAIL where it is not used again, if all links were before."""
    if "FD-15" in case.empty:
        return
    with case.offering(aggregate, bridged(case)) as offer:
        up = case.link_up(wire)
        within = up.done - up.ordered + RETURN_TIME
        case.check_frame(wire, offer.data, since=up.ordered, within=within, row="FD-15")


@claims("FD-13", "FD-15", wires=2, needs=["cut", "spreads"], seconds=12)
def test_link_to_the_tester(case: Case) -> None:
    """Conversations of a dead link move to others and none is dead; a link that is back is used again"""
    lag = case.bundle(len(case.wires[: case.pics.max_ports]))
    wires = [station.wire for station in lag.stations]
    lost = lose_a_link(case, "cut", lag.aggregate, wires, [wire.tap for wire in wires])
    comes_back(case, lag.aggregate, lost)


@claims(
    "FD-13", "FD-15", switch_wires=2, needs=["switch", "ssh", "console", "tester_port", "cut"], seconds=16
)
def test_port_shut_by_the_switch(case: Case) -> None:
    """Conversations through a switch survive `shutdown` of a port, and use it again after `no shutdown`"""
    wires = case.switch_wires[: case.pics.max_ports]
    with switch_lag(case, wires) as lag:
        aggregate = case.aggregate(wires)
        lag.all_bundled(BRING_UP_TIME)
        lag.agree()
        lost = lose_a_link(case, "shut by the switch", aggregate, wires, [case.bench.traffic])
        shown = lag.flags()
        shut = shown.pop(lost.name)
        if shut == BUNDLED:
            raise BenchError(f"{lag.ports[lost.name]} is shut, and the switch shows it as {shut}")
        words = "the other ports of the LAG, as the switch shows them:"
        case.equal(shown, dict.fromkeys(shown, BUNDLED), words, row="FD-13")
        lag.agree()
        comes_back(case, aggregate, lost)
