"""The clause's windows: whose each part of a time is, where nothing is added; rows that are judged singly."""

from __future__ import annotations

import pytest

from harness.case import Case, Match, any_lacpdu, lacpdu
from harness.case.premises import BRING_UP_TIME, step_late, step_missed
from harness.pdu import Frame, PortInfo, State, lacpdu_frame
from harness.profile.constants import (
    AGGREGATE_WAIT_TIME,
    FAST_PERIODIC_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
    TIMER_TOLERANCE,
    Duration,
    timers,
)
from harness.report.sentences import sentence
from harness.verdict import ConformanceFailure
from harness.verdict.failure import Failure, Kind, Limit
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import LATE, EchoTap, case_on, wire_and_tap

MAC = "02:aa:bb:cc:dd:02"
OWN = PortInfo(1, "02:aa:bb:cc:dd:01", 7, 1, 1, State(0x05))

SHORT = SHORT_TIMEOUT_TIME + TIMER_TOLERANCE + LATE
"""Seconds, with all that is added."""


def octets(*bits: State) -> bytes:
    state = OWN.state
    for bit in bits:
        state |= bit
    return lacpdu_frame(MAC, PortInfo(1, OWN.system, 7, 1, 1, state), PortInfo())


def case_with(*after: float, rows: tuple[str, ...] = ("RX-17",), data: bytes = octets()) -> tuple[Case, Wire]:
    """A case of these rows on a wire from which a frame comes, so many seconds from now each time."""
    wire, tap = wire_and_tap()
    for seconds in after:
        tap.loop.call_at(tap.loop.now() + seconds, lambda: tap.hear(data))
    return case_on([wire], *rows, tap=tap), wire


def failure_of(case: Case) -> Failure:
    (failure,) = case.failures
    return failure


def test_a_duration_counts_the_timers_in_it() -> None:
    assert [timers(time) for time in (SHORT_TIMEOUT_TIME, 2 * SHORT_TIMEOUT_TIME, PROMPT, 3.0)] == [
        1,
        2,
        0,
        0,
    ]
    both = SHORT_TIMEOUT_TIME + PROMPT + AGGREGATE_WAIT_TIME
    assert (both, timers(both)) == (6.0, 2)
    since = 100.0
    assert timers(since + SHORT_TIMEOUT_TIME - 101.0) == 1
    assert timers(FAST_PERIODIC_TIME / 2) == timers(1.5 * FAST_PERIODIC_TIME) == 0
    assert timers(200.0 - SHORT_TIMEOUT_TIME) == 0


@pytest.mark.parametrize("after", [0.0, SHORT - 0.01])
def test_a_timer_may_be_late_by_its_tolerance_and_the_bench_by_its_allowance(after: float) -> None:
    case, wire = case_with(after)
    assert case.expect(wire, any_lacpdu(), within=SHORT_TIMEOUT_TIME).time == pytest.approx(case.now())


def test_what_comes_later_fails_and_the_failure_says_whose_each_part_is() -> None:
    case, wire = case_with(SHORT + 0.01)
    with pytest.raises(ConformanceFailure):
        case.expect(wire, any_lacpdu(), within=SHORT_TIMEOUT_TIME)
    assert failure_of(case).limit == Limit("within", 3.0, TIMER_TOLERANCE, LATE)
    assert "within 3.000 s + 0.250 s tolerance + 0.100 s bench" in sentence(failure_of(case))


def test_two_timers_may_both_be_late_and_be_seen_late() -> None:
    case, wire = case_with()
    with pytest.raises(ConformanceFailure):
        case.expect(wire, any_lacpdu(), within=2 * SHORT_TIMEOUT_TIME)
    assert failure_of(case).limit == Limit("within", 6.0, 2 * TIMER_TOLERANCE, 2 * LATE)


@pytest.mark.parametrize(("after", "seen"), [(PROMPT + LATE - 0.01, True), (PROMPT + LATE + 0.01, False)])
def test_a_time_without_a_timer_has_no_tolerance(after: float, seen: bool) -> None:
    case, wire = case_with(after, rows=("RX-17", "RX-18"))
    assert (case.check_frame(wire, any_lacpdu(), within=PROMPT, row="RX-17") is not None) is seen
    if not seen:
        assert "within 1.000 s + 0.100 s bench" in sentence(failure_of(case))


@pytest.mark.parametrize(("after", "seen"), [(2.99, True), (3.01, False)])
def test_nothing_is_added_to_a_time_that_is_exact(after: float, seen: bool) -> None:
    case, wire = case_with(after, rows=("RX-17", "RX-18"))
    found = case.check_frame(wire, any_lacpdu(), within=SHORT_TIMEOUT_TIME, row="RX-17", exact=True)
    assert (found is not None) is seen
    if not seen:
        assert failure_of(case).limit == Limit("within", 3.0)


@pytest.mark.parametrize(("after", "right"), [(2.74, False), (2.76, True), (3.1, True)])
def test_a_timer_may_end_a_silence_early_by_its_tolerance(after: float, right: bool) -> None:
    case, wire = case_with(after, rows=("RX-17", "RX-18"))
    case.never(wire, any_lacpdu(), during=SHORT_TIMEOUT_TIME, row="RX-17")
    assert (not case.failures) is right
    if not right:
        assert "for 3.000 s - 0.250 s tolerance" in sentence(failure_of(case))


@pytest.mark.parametrize(("during", "exact"), [(SHORT_TIMEOUT_TIME, True), (3.0, False)])
def test_a_silence_that_no_timer_ends_is_judged_to_its_end(during: float, exact: bool) -> None:
    case, wire = case_with(2.99, rows=("RX-17", "RX-18"))
    case.never(wire, any_lacpdu(), during=during, row="RX-17", exact=exact)
    assert failure_of(case).limit == Limit("for", 3.0)


@pytest.mark.parametrize(
    ("after", "seen"), [(PROMPT + 0.5 + LATE - 0.01, True), (PROMPT + 0.5 + LATE + 0.01, False)]
)
def test_what_is_declared_to_come_later_has_so_much_longer(after: float, seen: bool) -> None:
    case, wire = case_with(after, rows=("RX-17", "RX-18"))
    what = Match("an LACPDU", any_lacpdu().test, later=0.5)
    found = case.check_frame(wire, what & lacpdu(), within=PROMPT, row="RX-17")
    assert ((found is not None), case.broken("RX-17")) == (seen, not seen)


def test_lacpdus_are_those_of_the_clause_s_time_or_the_first_that_is_late() -> None:
    case, wire = case_with(0.5, 1.0, 1.1)
    assert len(case.lacpdus([wire], during=FAST_PERIODIC_TIME)["t1"]) == 2
    late = FAST_PERIODIC_TIME + TIMER_TOLERANCE
    case, wire = case_with(late, late + 0.05)
    assert len(case.lacpdus([wire], during=FAST_PERIODIC_TIME)["t1"]) == 1
    case, wire = case_with(late + LATE + 0.01)
    with pytest.raises(ConformanceFailure):
        case.lacpdus([wire], during=FAST_PERIODIC_TIME)
    assert failure_of(case).limit == Limit("within", 1.0, TIMER_TOLERANCE, LATE)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2.7, "silence to Expired=1 at least 3.000 s - 0.250 s tolerance; seen 2.7 s"),
        (2.8, ""),
        (3.8, ""),
        (3.9, "silence to Expired=1 at most 3.500 s + 0.250 s tolerance + 0.100 s bench; seen 3.9 s"),
    ],
)
def test_a_figure_has_the_clause_s_limits_too(value: float, words: str) -> None:
    case, _ = case_with(rows=("RX-17", "RX-18"))
    upper = SHORT_TIMEOUT_TIME + 0.5
    case.within(value, SHORT_TIMEOUT_TIME, upper, "silence to Expired=1", id="silence", row="RX-17")
    (measurement,) = case.measurements
    assert (measurement.lower, measurement.upper) == pytest.approx((2.75, 3.85))
    assert [words in sentence(failure) for failure in case.failures] == [True] * bool(words)


def test_a_figure_that_is_no_time_has_its_own_limits() -> None:
    case, _ = case_with(rows=("RX-17", "RX-18"))
    case.within(4, None, 3, "LACPDUs in a second", "frames", id="busiest", row="RX-17")
    assert failure_of(case).expected == "LACPDUs in a second at most 3 frames"
    assert failure_of(case).limit is None
    assert failure_of(case).figure is not None


def test_figures_of_one_name_are_told_apart() -> None:
    case, _ = case_with()
    for _ in range(3):
        case.within(1, None, None, "answer", id="answer")
    case.within(1, None, None, "gap", id="gap")
    assert [one.id for one in case.measurements] == ["answer", "answer-2", "answer-3", "gap"]


@pytest.mark.parametrize("name", ["", "Answer", "to answer", "answer-", "the_answer"])
def test_a_name_for_machines_has_a_form(name: str) -> None:
    case, _ = case_with()
    with pytest.raises(ValueError, match="name for machines"):
        case.within(1, None, None, "answer", id=name)


def test_a_condition_is_waited_for_as_long_as_a_frame() -> None:
    case, _ = case_with()
    due = case.now() + SHORT - 0.01
    assert case.until(lambda: case.now() >= due, within=SHORT_TIMEOUT_TIME)
    assert case.latest(SHORT_TIMEOUT_TIME) == pytest.approx(SHORT)
    assert case.earliest(Duration(7.0, timers=2)) == pytest.approx(7.0 - 2 * TIMER_TOLERANCE)


def test_the_story_goes_on_while_another_row_is_left() -> None:
    case, wire = case_with(0.5, rows=("RX-15", "RX-39"))
    assert case.check_frame(wire, lacpdu(Synchronization=1), within=PROMPT, row="RX-15") is None
    assert case.broken("RX-15") and not case.broken("RX-39")
    with pytest.raises(ConformanceFailure):
        case.never(wire, any_lacpdu(), since=wire.frames[0].time, during=PROMPT, row="RX-39")
    assert [(one.row, one.kind) for one in case.failures] == [("RX-15", Kind.CHECK), ("RX-39", Kind.CHECK)]


def test_a_row_that_is_left_has_not_been_judged() -> None:
    case, _ = case_with(rows=("RX-14", "RX-16"))
    case.check(True, "this", "this", row="RX-14")
    case.leave("RX-14")
    assert "RX-14" not in case.checked


def test_a_premise_is_charged_to_its_own_row() -> None:
    case, wire = case_with(rows=("RX-15", "RX-39"))
    with pytest.raises(ConformanceFailure):
        case.expect(wire, any_lacpdu(), within=PROMPT, premise="RX-08")
    assert (failure_of(case).row, failure_of(case).kind) == ("RX-08", Kind.PREMISE)
    assert case.checks == 0


def test_a_premise_that_the_testcase_claims_is_a_check_of_it() -> None:
    case, _ = case_with(rows=("RX-08", "RX-39"))
    with pytest.raises(ConformanceFailure):
        case.unmet("RX-08", "Expired=1", "nothing")
    assert (failure_of(case).row, failure_of(case).kind) == ("RX-08", Kind.CHECK)


@pytest.mark.parametrize(
    ("bits", "row"),
    [
        (None, "PT-01"),
        ((State.Expired,), "RX-15"),
        ((State.Defaulted,), "RX-16"),
        ((), "MX-02"),
        ((State.Synchronization,), "MX-06"),
        ((State.Synchronization, State.Collecting), "MX-08"),
    ],
)
def test_the_first_step_that_was_missed(bits: tuple[State, ...] | None, row: str) -> None:
    case, wire = case_with() if bits is None else case_with(0.1, data=octets(*bits))
    with pytest.raises(ConformanceFailure):
        case.distributing([case.station(wire)])
    assert failure_of(case).row == row


def test_the_last_lacpdu_says_which_step_it_was() -> None:
    frames = [Frame(float(n), octets(*bits), False, "t1") for n, bits in enumerate([(State.Expired,), ()])]
    assert step_missed(frames) == "MX-02"


def test_what_comes_up_late_is_late_by_a_step_and_not_by_the_row_that_waits_for_it() -> None:
    case, wire = case_with(1.0, rows=("SL-17",))
    tap = wire.tap
    assert isinstance(tap, EchoTap)
    up = octets(State.Synchronization, State.Collecting, State.Distributing)
    tap.loop.call_at(tap.loop.now() + BRING_UP_TIME + 3.0, lambda: tap.hear(up))
    with pytest.raises(ConformanceFailure):
        case.expect(wire, lacpdu(Distributing=1), within=BRING_UP_TIME)
    assert (failure_of(case).row, failure_of(case).kind) == ("MX-02", Kind.PREMISE)


@pytest.mark.parametrize(("timeout", "row"), [(1, "PT-01"), (0, "PT-04")])
def test_silence_where_the_partner_wanted_the_slow_period_is_that_of_going_over(
    timeout: int, row: str
) -> None:
    said = lacpdu_frame(MAC, OWN.change(Timeout=timeout), PortInfo())
    frames = [Frame(1.0, said, True, "t1"), Frame(1.5, octets(), False, "t1")]
    assert step_late(frames, 2.0) == row
    assert step_late([*frames, Frame(2.5, octets(State.Expired), False, "t1")], 2.0) == "RX-15"


def test_what_never_comes_up_fails_the_row_that_waits_for_it() -> None:
    case, wire = case_with(1.0, rows=("SL-17",))
    with pytest.raises(ConformanceFailure):
        case.expect(wire, lacpdu(Distributing=1), within=BRING_UP_TIME)
    assert (failure_of(case).row, failure_of(case).kind) == ("SL-17", Kind.CHECK)
