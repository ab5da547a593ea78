"""Markers to a switch, which answers them or does not, while conversations move (43.2.5, 43A.3).

agr0 ===== re0 .. re3 ===== channel group of the switch ----- tester's traffic port
            T2, all there are                             one link
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

import pytest

from harness.case import Case, claims
from harness.case.busy import Traffic
from harness.pdu import Frame
from harness.profile.constants import PROMPT, Duration
from harness.verdict import NotJudged
from testcases.conformance.interop.changes import CHANGES
from testcases.conformance.interop.needs import THROUGH
from testcases.conformance.interop.test_failover import LOOKS, look, looks, slug

KINDS = [kind for kind, change in CHANGES.items() if change.alone]

BY_THE_HOST = "FD-12"
"""The row of a change by which the old link lives on: its conversations are handed over as well."""


def marked(kind: str) -> object:
    """A change with what it claims and needs."""
    change = CHANGES[kind]
    needs = [*THROUGH, "marker_generator", *change.needs]
    mark = claims(
        "MK-22", "MK-23", switch_wires=2, needs=needs, whole=change.whole, seconds=LOOKS, looks_at=looks(kind)
    )
    return pytest.param(kind, id=kind, marks=mark)


@pytest.mark.parametrize("kind", [marked(kind) for kind in KINDS])
def test_change(case: Case, kind: str) -> None:
    """Conversations leave a link that lives when the switch has answered a Marker, or the wait is over"""
    seen = look(case, kind)
    told = {name: Told(case, frames) for name, frames in seen.markers.items()}
    answers = {name: f"{one.answered} of {len(one.markers)}" for name, one in told.items()}
    case.report(f"Markers that the switch answered, by link: {answers}")
    alike(case, told)
    from_old = CHANGES[kind].row == BY_THE_HOST
    moves = [move for move in moved(seen.out) if move.left != seen.wire or from_old]
    if not moves:
        raise NotJudged("no conversation moved from a link that lives to another one")
    without = [move for move in moves if told[move.left].before(move) is None]
    links = sorted({move.left for move in moves})
    words = f"a Marker on {', '.join(links)} behind the last frame of each of {len(moves)} that moved"
    window = without[0].window if without else None
    case.check(not without, words, f"none behind {len(without)}: {without[:1]}", row="MK-22", window=window)
    waited(case, kind, told, [move for move in moves if move not in without])


class Move(NamedTuple):
    """A conversation that takes another link: its last frame on the old one, its first on the new one."""

    conversation: int
    left: str
    last: float
    entered: str
    first: float

    @property
    def window(self) -> tuple[float, float]:
        """The time in which it matters who was held up."""
        return self.last - PROMPT, self.first


def moved(traffic: Traffic) -> Iterator[Move]:
    """The moves of conversations from the host, by the order of their frames."""
    ways: dict[int, list[tuple[int, str, float]]] = {}
    for name, frames in traffic.ports.items():
        for time, (flow, number) in frames:
            ways.setdefault(flow, []).append((number, name, time))
    for flow, way in ways.items():
        for (_, left, last), (_, entered, first) in pairwise(sorted(way)):
            if left != entered:
                yield Move(flow, left, last, entered, first)


class Told:
    """The Markers of a link, and for how long each may hold conversations, from its own time on."""

    def __init__(self, case: Case, frames: Sequence[Frame]) -> None:
        self.markers = [frame for frame in frames if frame.is_marker and not frame.sent]
        responses = {
            frame.marker.transaction_id: frame.time
            for frame in frames
            if frame.is_marker_response and frame.sent
        }
        self.waits: dict[float, tuple[float, float]] = {}
        self.answered = in_a_row = 0
        pics = case.pics
        wait = Duration(pics.marker_wait)
        for frame in self.markers:
            came = responses.get(frame.marker.transaction_id)
            if came is not None and came - frame.time < case.latest(wait):
                self.answered += 1
                in_a_row = 0
                least = min(came - frame.time, case.earliest(wait))
                self.waits[frame.time] = least, came - frame.time + PROMPT
            elif pics.unanswered_markers is None or in_a_row < pics.unanswered_markers:
                in_a_row += 1
                self.waits[frame.time] = case.earliest(wait), case.latest(wait) + PROMPT
            else:
                self.waits[frame.time] = 0.0, case.latest(wait) + PROMPT

    def before(self, move: Move) -> Frame | None:
        """The first Marker between the last frame on the old link and the first on the new one."""
        return next((frame for frame in self.markers if move.last <= frame.time <= move.first), None)


def alike(case: Case, told: Mapping[str, Told]) -> None:
    """FAIL where two Markers that are out at a time have one transaction."""
    sent = sorted((frame for one in told.values() for frame in one.markers), key=lambda frame: frame.time)
    ends = {
        frame.time: frame.time + one.waits[frame.time][0] for one in told.values() for frame in one.markers
    }
    same = [
        other.text()
        for one, other in combinations(sent, 2)
        if other.time < ends[one.time] and one.marker.transaction_id == other.marker.transaction_id
    ]
    words = "another transaction for each Marker that is not answered yet"
    case.check(not same, words, "; ".join(same), row="MK-22")


def waited(case: Case, kind: str, told: Mapping[str, Told], moves: Sequence[Move]) -> None:
    """FAIL where a conversation goes on before the response has come, or the wait is over, or much later."""
    early, late, waits = [], [], []
    for move in moves:
        marker = told[move.left].before(move)
        assert marker is not None
        least, most = told[move.left].waits[marker.time]
        took = move.first - marker.time
        waits.append(took)
        early += [(move, f"{took:.3f} s, not {least:.3f} s")] if took < least else []
        late += [(move, f"{took:.3f} s, not {most:.3f} s")] if took > most else []
    words = f"{kind}: from the Marker until a conversation goes on, longest"
    name = slug(f"{kind} marker wait")
    case.within(max(waits, default=0.0), None, None, words, id=name, samples=waits)
    for found, words in (
        (early, "no conversation goes on before the response, or the end of the wait"),
        (late, "every conversation goes on when the response is there, or the wait is over"),
    ):
        seen = "; ".join(f"{move.conversation} after {took}" for move, took in found[:3])
        case.check(not found, words, seen, row="MK-23", window=found[0][0].window if found else None)
