"""Times of other machines' clocks: what is known of them, of differences, and of what was before what."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.profile.constants import FAST_PERIODIC_TIME, SHORT_TIMEOUT_TIME, timers
from harness.wire.moment import DRIFT, Moment, apart, doubt, may_be_from, may_be_until

SECONDS = st.floats(0.0, 1000.0)
ERRORS = st.floats(0.0, 0.1)
THERE, ELSEWHERE = "there", "elsewhere"


def test_what_lies_between_two_machines_has_the_error_of_both() -> None:
    there, here = Moment(11.0, THERE, 0.02), 10.0
    for between in (there - here, here - there):
        assert abs(between) == pytest.approx(1.0) and doubt(between) == pytest.approx(0.02)
    assert doubt(there - Moment(10.0, ELSEWHERE, 0.03)) == pytest.approx(0.05)
    assert doubt(1000 * (there - here)) == pytest.approx(20.0)
    assert doubt(here) == apart(here, 12.0) == 0.0


def test_what_lies_between_two_times_of_one_clock_is_wrong_by_its_drift_alone() -> None:
    first, last = Moment(10.0, THERE, 0.02), Moment(12.0, THERE, 0.02)
    assert doubt(last - first) == pytest.approx(2 * DRIFT, rel=0.02)
    assert doubt((last + 1.0) - (first - 1.0)) == pytest.approx(4 * DRIFT, rel=0.02)
    assert apart(first, first + 1e6) == pytest.approx(0.04)  # no more than it is known


def test_timers_are_counted_as_in_other_times() -> None:
    since = Moment(100.0, THERE, 0.02)
    for both in (since + SHORT_TIMEOUT_TIME, SHORT_TIMEOUT_TIME + since):
        assert isinstance(both, Moment) and (both, timers(both), both.error) == (103.0, 1, 0.02)
        assert timers(both - 101.0) == timers(both - since) == 1
    assert timers(since) == timers(101.0 - since) == 0
    assert timers(2 * FAST_PERIODIC_TIME - since) == 2


@pytest.mark.parametrize(
    ("told", "since", "may_be"),
    [
        (9.99, 10.0, True),
        (9.97, 10.0, False),
        (9.97, Moment(10.0, ELSEWHERE, 0.02), True),
        (9.99, Moment(10.0, THERE, 0.02), False),
        (10.0, Moment(10.0, THERE, 0.02), True),
    ],
)
def test_what_may_have_been_later(told: float, since: float, may_be: bool) -> None:
    assert may_be_from(Moment(told, THERE, 0.02), since) is may_be
    assert may_be_until(since, Moment(told, THERE, 0.02)) is may_be


def test_what_was_heard_of_before_was_before() -> None:
    assert not may_be_from(Moment(10.01, THERE, 0.02, heard=9.995), 10.0)
    assert may_be_from(Moment(10.01, THERE, 0.02, heard=10.005), 10.0)
    assert not may_be_from(Moment(10.01, THERE, 0.02, heard=9.995) - 1.0, 9.0)
    assert may_be_from(Moment(10.01, THERE, 0.02, heard=9.995) + 1.0, 10.99)


def test_times_of_this_machine_are_compared_as_they_are() -> None:
    assert may_be_from(10.0, 10.0) and not may_be_from(math.nextafter(10.0, 0.0), 10.0)
    assert may_be_until(10.0, 10.0) and not may_be_until(math.nextafter(10.0, 11.0), 10.0)
    assert may_be_until(10.0, math.inf) and may_be_from(10.0, -math.inf)


@given(SECONDS, SECONDS, ERRORS, ERRORS, st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
def test_what_was_later_may_always_have_been_later(
    one: float, other: float, error: float, others: float, wrong: float, others_wrong: float
) -> None:
    """However their clocks are wrong, within what is known of them."""
    told = Moment(one + wrong * error, THERE, error + 1e-9, heard=one)
    since = Moment(other + others_wrong * others, ELSEWHERE, others + 1e-9)
    if one >= other:
        assert may_be_from(told, since) and may_be_from(told, other)
        assert may_be_until(since, told)
    assert abs((told - since) - (one - other)) <= doubt(told - since)


@given(SECONDS, SECONDS, st.sampled_from([-DRIFT, DRIFT]))
def test_a_clock_that_drifts_as_much_as_it_may_is_wrong_by_no_more(
    one: float, other: float, drift: float
) -> None:
    first, last = (Moment(time * (1.0 + drift), THERE, 1.0) for time in (one, other))
    assert abs((last - first) - (other - one)) <= apart(last, first) + 1e-9
