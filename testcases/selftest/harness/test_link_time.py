"""The time that an implementation needs to see its links (`implementation.link_time`), in windows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.bench.opening import opened
from harness.bench.simulated import SimulatedBench
from harness.case import Case, any_lacpdu
from harness.lab import load
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, TIMER_TOLERANCE
from harness.verdict import ConformanceFailure
from harness.verdict.failure import Limit
from testcases.selftest.harness.stub import LATE, case_on, wire_and_tap
from testcases.selftest.harness.test_case_windows import octets
from testcases.selftest.runs.command import ROOT

LINK = 2.0
"""Seconds."""


@pytest.fixture
def bench() -> Iterator[SimulatedBench]:
    """The reference model, said to see its links after LINK."""
    lab = load(ROOT / "fixtures" / "labs" / "reference.yaml")
    slow = lab.implementation.model_copy(update={"link_time": LINK})
    with opened(lab.model_copy(update={"implementation": slow})) as (opened_bench, _):
        assert isinstance(opened_bench, SimulatedBench)
        opened_bench.begin()
        yield opened_bench


def test_it_runs_from_each_change_of_carrier_on_any_wire(bench: SimulatedBench) -> None:
    assert bench.unseen(bench.loop.now(), bench.loop.now()) == 0.0
    wire, begun = bench.wires[1], bench.loop.now()
    wire.cut()
    cut = wire.downs[0][0]
    assert bench.unseen(begun - 0.5, cut) == LINK, "it ends LINK after the change, and is never longer"
    assert bench.unseen(cut + 0.5, cut + 0.5) == pytest.approx(LINK - 0.5)
    assert bench.unseen(cut + LINK + 0.1, cut + LINK + 0.1) == 0.0
    bench.loop.run_for(10.0)
    wire.restore()
    back = bench.loop.now()
    assert bench.unseen(back, back) == pytest.approx(LINK)
    assert bench.unseen(cut + LINK + 0.1, back - 0.1) == 0.0, (
        "carrier that comes behind a window is none of its"
    )


def test_what_a_switch_takes_is_added_on_the_wires_through_it(bench: SimulatedBench) -> None:
    """On these alone; with no link time of the implementation's it is there too."""
    bench.wires[1].reaction = 0.5
    begun = bench.loop.now()
    bench.wires[0].cut()
    assert bench.unseen(begun, bench.loop.now()) == pytest.approx(LINK)
    bench.loop.run_for(2 * LINK)
    begun = bench.loop.now()
    bench.wires[1].cut()
    assert bench.unseen(begun, bench.loop.now()) == pytest.approx(LINK + 0.5)
    bench.lab = load(ROOT / "fixtures" / "labs" / "reference.yaml")
    assert bench.unseen(begun, bench.loop.now()) == pytest.approx(0.5)


def test_without_one_there_is_none(bench: SimulatedBench) -> None:
    quick = load(ROOT / "fixtures" / "labs" / "reference.yaml")
    bench.lab = quick
    bench.wires[0].cut()
    assert bench.unseen(bench.loop.now(), bench.loop.now()) == 0.0


def case_with(after: float) -> Case:
    """A case on a wire from which an LACPDU comes so much later, and whose carrier has just come."""
    wire, tap = wire_and_tap()
    begun = tap.loop.now()
    tap.loop.call_at(begun + after, lambda: tap.hear(octets()))
    return case_on([wire], "RX-17", tap=tap, unseen=lambda start, end: max(0.0, begun + LINK - start))


LONGEST = PROMPT + LATE + LINK


def test_a_window_is_so_much_longer() -> None:
    case = case_with(LONGEST - 0.01)
    tap = case.bench.wires[0]
    assert case.expect(tap, any_lacpdu(), within=PROMPT).time == case.now()


def test_what_comes_later_fails_and_the_failure_says_whose_each_part_is() -> None:
    case = case_with(LONGEST + 0.01)
    with pytest.raises(ConformanceFailure):
        case.expect(case.bench.wires[0], any_lacpdu(), within=PROMPT)
    (failure,) = case.failures
    assert failure.limit == Limit("within", PROMPT, 0.0, LATE, LINK)


@pytest.mark.parametrize(("after", "wrong"), [(LINK - 0.01, False), (LINK + 0.01, True)])
def test_what_comes_before_it_need_have_seen_is_not_held_against_it(after: float, wrong: bool) -> None:
    case = case_with(after)
    try:
        case.never(case.bench.wires[0], any_lacpdu(), during=2 * LINK)
    except ConformanceFailure:
        assert wrong
    else:
        assert not wrong


@pytest.mark.parametrize("begins_with_carrier", [True, False])
def test_a_figure_has_it_where_it_begins_so(begins_with_carrier: bool) -> None:
    case = case_with(0.0)
    since = case.now() if begins_with_carrier else None
    value = FAST_PERIODIC_TIME + TIMER_TOLERANCE + LATE + LINK - 0.01
    try:
        case.within(value, None, FAST_PERIODIC_TIME, "carrier to something", id="something", since=since)
    except ConformanceFailure:
        assert not begins_with_carrier
    else:
        assert begins_with_carrier


def test_an_outage_lasts_until_it_has_been_seen(bench: SimulatedBench) -> None:
    case = Case(bench, [])
    wire = bench.wires[0]
    wire.cut()
    case.link_up(wire)
    (down,) = wire.downs
    assert down[1] is not None and down[1] - down[0] >= LINK
