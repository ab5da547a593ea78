"""Where frames are lost, doubled or overtaken through a switch, and who answers for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.case import conversations
from harness.case.loss import Passing, reason_to_lose
from harness.case.offer import OFFER_PERIOD, Offer, left_the_tester
from harness.case.traffic import record
from harness.case.ways import IN, OUT
from harness.pdu import Frame, PortInfo, State
from harness.pdu.build import lacpdu_frame
from harness.profile.constants import FAST_PERIODIC_TIME, SHORT_TIMEOUT_TIME
from harness.verdict import ConformanceFailure, Inconclusive
from harness.wire.virtual_loop import VirtualLoop
from harness.wire.wire import Tap, Wire
from testcases.conformance.fd.test_through_switch import judge
from testcases.selftest.harness.stub import EchoTap, StatedClock, StillCarrier, case_on

FLOWS, INSTANTS = 4, 10
SOURCE = "02:00:5e:00:53:01"
USED = State.Aggregation | State.Synchronization | State.Collecting | State.Distributing

Hop = Callable[[int, bytes], list[bytes]]
"""What becomes of the count-th frame on its way to the next place."""


def all_of_it(count: int, frame: bytes) -> list[bytes]:
    return [frame]


class Road:
    """Client and tester's port with a switch between them: a tap at each place, and a hop between two."""

    def __init__(self, inward: bool, hops: dict[str, Hop], spread: bool = False) -> None:
        loop = VirtualLoop()
        self.loop, self.inward = loop, inward
        self.client, self.tester = EchoTap(loop, "client-agr0"), EchoTap(loop, "traffic")
        self.ports = [EchoTap(loop, "t2-0"), EchoTap(loop, "t2-1")]
        self.wires = [
            Wire(tap.name, f"re{n}", tap, StillCarrier(), capture="host", straight=False)
            for n, tap in enumerate(self.ports)
        ]
        self.case = case_on(self.wires, "FD-02", "FD-03", "FD-08", tap=self.client)
        self._hops, self._spread = hops, spread
        self._counts: dict[str, int] = {}
        self.begin = loop.now()
        source = SimpleNamespace(
            send=self._enter, mac=SOURCE, name=self.tester.name if inward else self.client.name
        )
        offer = Offer(loop, source, conversations(FLOWS, SOURCE), "data")  # type: ignore[arg-type]
        offer.start()
        loop.run_for((INSTANTS - 0.5) * OFFER_PERIOD)
        offer.stop()
        self.passing = Passing(
            self.case, offer, self.wires, self.client, self.tester, inward=inward, since=self.begin
        )

    def _hop(self, name: str, frame: bytes, onward: Callable[[bytes], None]) -> None:
        count = self._counts[name] = self._counts.get(name, -1) + 1
        for one in self._hops.get(name, all_of_it)(count, frame):
            onward(one)

    def _enter(self, frame: bytes) -> None:
        first = self._at_tester if self.inward else self._at_port
        self._hop("entry" if self.inward else "implementation", frame, first)

    def _at_tester(self, frame: bytes) -> None:
        if self.inward:
            self.tester.send(frame)
            self._hop("switch", frame, self._at_port)
        else:
            self.tester.hear(frame)

    def _at_port(self, frame: bytes) -> None:
        told = record(Frame(0.0, frame, True, "")) or (0, 0)
        port = self.ports[sum(told) % 2 if self._spread else told[0] % 2]
        if self.inward:
            port.send(frame)
            self._hop("implementation", frame, self.client.hear)
        else:
            port.hear(frame)
            self._hop("switch", frame, self._at_tester)

    def verdict(self, reason: str = "") -> None:
        """As the run has it: a failure of one row ends nothing, where another row is left."""
        judge(self.case, IN if self.inward else OUT, self.passing, reason)
        if self.case.failures:
            raise ConformanceFailure(self.case.failures[0])


def loses(count: int, frame: bytes) -> list[bytes]:
    return [] if count in (5, 9) else [frame]


def doubles(count: int, frame: bytes) -> list[bytes]:
    return [frame, frame] if count == 5 else [frame]


def swaps() -> Hop:
    """The 8th frame comes behind the next one of its conversation."""
    held: list[bytes] = []

    def hop(count: int, frame: bytes) -> list[bytes]:
        if count == 7:
            held.append(frame)
            return []
        return [frame, held.pop()] if count == 7 + FLOWS else [frame]

    return hop


KINDS: dict[str, Callable[[], Hop]] = {"lost": lambda: loses, "doubled": lambda: doubles, "late": swaps}
BOTH = pytest.mark.parametrize("inward", [False, True], ids=["from the host", "to the host"])


@BOTH
def test_all_frames_through(inward: bool) -> None:
    way = Road(inward, {})
    assert way.passing.own.clean and all(leg.clean for leg in way.passing.others)
    assert way.passing.own.number == FLOWS * INSTANTS
    way.verdict()


@BOTH
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_implementation_does_is_its_fail(inward: bool, kind: str) -> None:
    way = Road(inward, {"implementation": KINDS[kind]()})
    assert all(leg.clean for leg in way.passing.others)
    with pytest.raises(ConformanceFailure):
        way.verdict()


@BOTH
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_switch_does_is_the_bench_s(inward: bool, kind: str) -> None:
    way = Road(inward, {"switch": KINDS[kind]()})
    assert way.passing.own.clean
    with pytest.raises(Inconclusive, match="in the switch or on its cables, between"):
        way.verdict()


@BOTH
@pytest.mark.parametrize("kind", KINDS)
def test_both_lose_and_the_implementation_answers_for_its_own(inward: bool, kind: str) -> None:
    way = Road(
        inward, {"implementation": KINDS[kind](), "switch": lambda count, frame: [frame] * (count != 2)}
    )
    with pytest.raises(ConformanceFailure):
        way.verdict()


@pytest.mark.parametrize("kind", ["lost", "doubled"])
def test_the_tester_s_own_queue(kind: str) -> None:
    way = Road(True, {"entry": KINDS[kind]()})
    with pytest.raises(Inconclusive, match="in the tester's own queue"):
        way.verdict()


def test_place_and_counts_are_named() -> None:
    way = Road(True, {"switch": loses})
    with pytest.raises(Inconclusive) as caught:
        way.verdict()
    assert str(caught.value) == (
        "2 of 40 frames did not reach the host's ports (re0, re1): lost in the switch or on its cables, "
        "between the tester's port (traffic) and the host's ports (re0, re1)"
    )


@BOTH
def test_a_loss_for_which_the_implementation_gave_a_reason_is_its_own(inward: bool) -> None:
    way = Road(inward, {"switch": loses})
    with pytest.raises(ConformanceFailure, match="it fell out of sync"):
        way.verdict("it fell out of sync")


def test_a_capture_that_missed_a_frame_which_is_seen_further_on_is_no_loss() -> None:
    way = Road(True, {})
    way.ports[0].frames.pop(3)
    offer = SimpleNamespace(sent=[key for f in way.client.frames if (key := record(f))], data=record)
    again = Passing(way.case, offer, way.wires, way.client, way.tester, inward=True, since=way.begin)  # type: ignore[arg-type]
    assert again.own.clean and all(leg.clean for leg in again.others)


def held_back(by: int) -> Hop:
    """Frames of every other instant come `by` frames later: as on a longer link."""
    waiting: list[tuple[int, bytes]] = []

    def hop(count: int, frame: bytes) -> list[bytes]:
        ready = [one for at, one in waiting if at <= count]
        waiting[:] = [(at, one) for at, one in waiting if at > count]
        told = record(Frame(0.0, frame, True, "")) or (0, 0)
        if sum(told) % 2:
            waiting.append((count + by, frame))
            return ready
        return [frame, *ready]

    return hop


def test_a_conversation_on_two_links_that_overtakes_itself() -> None:
    """Nothing is late on either link: who spread the conversation answers for it."""
    out = Road(False, {"switch": held_back(2 * FLOWS)}, spread=True)
    assert out.passing.own.late > 0
    inward = Road(True, {"implementation": held_back(2 * FLOWS)}, spread=True)
    assert inward.passing.own.late == 0
    assert sum(leg.late for leg in inward.passing.others) > 0


@given(
    st.booleans(),
    st.sets(st.integers(0, FLOWS * INSTANTS - 1)),
    st.sets(st.integers(0, FLOWS * INSTANTS - 1)),
)
def test_every_lost_frame_is_counted_at_one_place(inward: bool, first: set[int], second: set[int]) -> None:
    names = ("switch", "implementation") if inward else ("implementation", "switch")

    def drops(which: set[int]) -> Hop:
        return lambda count, frame: [] if count in which else [frame]

    way = Road(inward, {names[0]: drops(first), names[1]: drops(second)})
    lost = sum(len(leg.missing) for leg in (way.passing.own, *way.passing.others))
    end = way.client if inward else way.tester
    assert lost == FLOWS * INSTANTS - len(end.received())
    own = first if not inward else {n for n in second if n < FLOWS * INSTANTS - len(first)}
    assert len(way.passing.own.missing) == len(own)


def said(wire_tap: EchoTap, state: State) -> None:
    wire_tap.hear(
        lacpdu_frame(SOURCE, PortInfo(1, SOURCE, 1, 1, 1, state), PortInfo(1, SOURCE, 1, 1, 1, USED))
    )


@contextmanager
def talking(states: list[State]) -> Iterator[tuple[Any, list[Wire], float]]:
    """A link on which the implementation has said these, a second apart."""
    loop = VirtualLoop()
    tap = EchoTap(loop, "t2-0")
    wire = Wire("t2-0", "re0", tap, StillCarrier(), capture="host", straight=False)
    case = case_on([wire], "FD-02", tap=tap)
    begin = loop.now()
    for state in states:
        said(tap, state)
        loop.run_for(FAST_PERIODIC_TIME)
    yield case, [wire], begin


def test_an_implementation_that_says_all_is_well_gave_no_reason() -> None:
    with talking([USED] * 5) as (case, wires, begin):
        assert reason_to_lose(case, wires, begin) == ""


@pytest.mark.parametrize(
    "states", [[USED, USED & ~State.Synchronization, USED], [USED, USED & ~State.Distributing, USED]]
)
def test_an_implementation_that_says_its_link_is_not_in_use(states: list[State]) -> None:
    with talking(states) as (case, wires, begin):
        assert "an LACPDU of the implementation on t2-0" in reason_to_lose(case, wires, begin)


@pytest.mark.parametrize(("short", "gave"), [(0.015, True), (0.03, False)])
def test_what_may_be_a_silence_by_another_machine_s_clock_is_one(short: float, gave: bool) -> None:
    """From its last LACPDU until now: it excuses the switch."""
    with talking([USED] * 2) as (case, wires, begin):
        wires[0].tap.clock = StatedClock("host", 0.02)
        said(wires[0].tap, USED)
        case.run_for(SHORT_TIMEOUT_TIME - short)
        assert bool(reason_to_lose(case, wires, begin)) is gave


def test_an_implementation_that_fell_silent() -> None:
    with talking([USED] * 2) as (case, wires, begin):
        case.run_for(SHORT_TIMEOUT_TIME)
        assert reason_to_lose(case, wires, begin) == "no LACPDU of the implementation on t2-0 for 3 s"


def test_what_left_the_tester_s_port_and_is_missing_stays_missing() -> None:
    loop = VirtualLoop()
    tap: Tap = EchoTap(loop, "t1-4")
    (flow,) = conversations(1, SOURCE)
    tap.send(flow.frame(0))
    left_the_tester([tap], [(0, 0)], [(0, 0)])
    with pytest.raises(Inconclusive, match=r"1 of 2 frames of the tester's were not seen leaving .*t1-4"):
        left_the_tester([tap], [(0, 0), (0, 1)], [(0, 1)])
