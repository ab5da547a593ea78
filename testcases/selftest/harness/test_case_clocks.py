"""Windows that compare two machines hold the error of their clocks, and the failure says so."""

from __future__ import annotations

import pytest

from harness.case import Case, any_lacpdu, gaps, lacpdu, record_gaps
from harness.pdu import PortInfo, State, lacpdu_frame
from harness.profile.constants import PROMPT, SHORT_TIMEOUT_TIME, TIMER_TOLERANCE
from harness.report.sentences import sentence
from harness.verdict.failure import Limit
from harness.wire.moment import Moment
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import LATE, EchoTap, StatedClock, case_on, wire_and_tap

ERROR = 0.02
JUST = 0.001
OWN = PortInfo(1, "02:aa:bb:cc:dd:01", 7, 1, 1, State(0x05))
DATA = lacpdu_frame("02:aa:bb:cc:dd:02", OWN, PortInfo())


def far_case(ahead: float, *after: float) -> tuple[Case, Wire, EchoTap]:
    """A wire that another machine captures; a frame comes so many seconds from now, each time."""
    wire, tap = wire_and_tap()
    tap.clock, tap.ahead = StatedClock("there", ERROR), ahead
    for seconds in after:
        tap.loop.call_at(tap.loop.now() + seconds, lambda: tap.hear(DATA))
    return case_on([wire], "RX-17", "RX-18", tap=tap), wire, tap


@pytest.mark.parametrize("ahead", [-ERROR, 0.0, ERROR])
@pytest.mark.parametrize("after", [0.0, PROMPT + LATE])
def test_what_comes_in_time_is_seen_in_time_however_wrong_the_clock_is(ahead: float, after: float) -> None:
    case, wire, _ = far_case(ahead, after)
    found = case.check_frame(wire, any_lacpdu(), within=PROMPT, row="RX-17")
    assert found is not None and isinstance(found.time, Moment)
    assert not case.failures


@pytest.mark.parametrize("ahead", [-ERROR, 0.0, ERROR])
def test_what_comes_later_than_the_clocks_may_be_wrong_fails_and_names_them(ahead: float) -> None:
    case, wire, _ = far_case(ahead, PROMPT + LATE + 2 * ERROR + JUST)
    case.check_frame(wire, any_lacpdu(), within=PROMPT, row="RX-17")
    (failure,) = case.failures
    assert failure.limit == Limit("within", PROMPT, 0.0, LATE, clocks=ERROR)
    assert "within 1.000 s + 0.100 s bench + 0.020 s clocks" in sentence(failure)


@pytest.mark.parametrize("exact", [True, False])
def test_a_time_that_is_exact_holds_the_clocks_too(exact: bool) -> None:
    case, wire, _ = far_case(ERROR, PROMPT)
    assert case.check_frame(wire, any_lacpdu(), within=PROMPT, row="RX-17", exact=exact) is not None


def test_what_was_heard_of_before_a_window_is_not_in_it() -> None:
    """By its time stamp it may be."""
    case, wire, tap = far_case(ERROR)
    tap.hear(DATA)
    case.run_for(JUST)
    case.check_frame(wire, any_lacpdu(), within=PROMPT, row="RX-17")
    assert len(case.failures) == 1


@pytest.mark.parametrize("ahead", [-ERROR, 0.0, ERROR])
@pytest.mark.parametrize(("after", "right"), [(-JUST, True), (0.5, False), (SHORT_TIMEOUT_TIME, True)])
def test_a_silence_is_judged_where_no_clock_can_be_wrong_about_it(
    ahead: float, after: float, right: bool
) -> None:
    case, wire, tap = far_case(ahead)
    tap.loop.call_at(tap.loop.now() + JUST + after, lambda: tap.hear(DATA))
    case.run_for(JUST)
    case.never(wire, any_lacpdu(), during=SHORT_TIMEOUT_TIME, row="RX-17")
    assert (not case.failures) is right
    if not right:
        assert case.failures[0].limit == Limit("for", 3.0, -TIMER_TOLERANCE, clocks=-ERROR)
        assert "for 3.000 s - 0.250 s tolerance - 0.020 s clocks" in sentence(case.failures[0])


def test_what_follows_at_once_by_one_clock_is_judged() -> None:
    """Nothing drifts in no time."""
    case, wire, tap = far_case(ERROR)
    tap.send(DATA)
    tap.hear(DATA)
    case.never(wire, any_lacpdu(), since=tap.frames[0].time, during=PROMPT, row="RX-17")
    assert len(case.failures) == 1


def test_times_of_one_clock_hold_its_drift_alone() -> None:
    case, wire, tap = far_case(ERROR, PROMPT + LATE + ERROR / 2)
    tap.send(DATA)
    case.check_frame(wire, any_lacpdu(), since=tap.frames[0].time, within=PROMPT, row="RX-17")
    (failure,) = case.failures
    assert failure.limit is not None and 0.0 < failure.limit.clocks < ERROR / 10


def test_a_time_of_another_machine_counts_at_a_capture_of_this_one() -> None:
    wire, tap = wire_and_tap()
    case = case_on([wire], "RX-17", tap=tap)
    since = Moment(case.now() + ERROR, "there", ERROR)
    tap.hear(DATA)
    assert case.expect(wire, any_lacpdu(), since=since, within=PROMPT).time == case.now()


@pytest.mark.parametrize(("seconds", "right"), [(1.115, True), (1.125, False)])
def test_a_figure_of_two_machines_holds_the_clocks(seconds: float, right: bool) -> None:
    case, _, tap = far_case(0.0)
    took = tap.told(case.now() + seconds) - case.now()
    case.within(took, None, PROMPT, "an answer", id="answer", row="RX-17")
    assert (not case.failures) is right
    if not right:
        assert "at most 1.000 s + 0.100 s bench + 0.020 s clocks" in sentence(case.failures[0])


@pytest.mark.parametrize(("seconds", "right"), [(0.985, True), (0.975, False)])
def test_the_least_of_a_figure_too(seconds: float, right: bool) -> None:
    case, _, tap = far_case(0.0)
    took = tap.told(case.now() + seconds) - case.now()
    case.within(took, PROMPT, None, "a silence", id="silence", row="RX-17", exact=True)
    assert (not case.failures) is right


@pytest.mark.parametrize(("end", "right"), [(2.015, True), (2.025, False)])
def test_an_interruption_until_a_time_of_this_machine_holds_the_clocks(end: float, right: bool) -> None:
    case, _, tap = far_case(0.0)
    begin = case.now()
    found = gaps({1: [tap.told(begin), tap.told(begin + 1.0), begin + end]}, 0.0)
    record_gaps(case, "cut", list(found.values()), PROMPT, id="cut", row="RX-17")
    assert (not case.failures) is right
    assert all(type(one.value) is float for one in case.measurements)
    if not right:
        assert "longest interruption of a conversation at most 1020 ms with 20 ms of clocks" in sentence(
            case.failures[0]
        )


def test_frames_of_a_time_are_all_that_may_be_of_it() -> None:
    for ahead in (-ERROR, ERROR):
        case, wire, _ = far_case(ahead, 0.0, PROMPT)
        assert len(case.frames(wire, lacpdu(), during=PROMPT)) == 2
