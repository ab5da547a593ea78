"""Virtual time: order, deadlines, and an implementation that never comes to rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.profile.constants import SHORT_TIMEOUT_TIME, timers
from harness.verdict import BenchError, ImplementationBroke
from harness.wire.virtual_loop import START, VirtualLoop


@given(st.lists(st.integers(0, 800).map(lambda n: n / 8), max_size=30))
def test_timers_fire_in_order_and_at_their_time(delays: list[float]) -> None:
    loop = VirtualLoop()
    fired: list[tuple[float, int]] = []
    for number, delay in enumerate(delays):
        due = START + delay
        loop.call_at(due, lambda due=due, number=number: fired.append((loop.now(), number)) or None)
    loop.run_for(100)
    assert [number for _, number in fired] == sorted(range(len(delays)), key=lambda n: (delays[n], n))
    assert [at for at, _ in fired] == sorted(START + delay for delay in delays)
    assert loop.now() == START + 100


def test_a_condition_ends_the_wait_at_its_event() -> None:
    loop = VirtualLoop()
    done: list[float] = []
    loop.call_at(START + 2, lambda: done.append(loop.now()))
    assert loop.run(lambda: done, START + 10) == [START + 2]
    assert loop.now() == START + 2


def test_a_moment_has_no_timers_whatever_was_waited_for() -> None:
    """Else a window that is told from a moment would get the tolerance of every timer since the beginning."""
    loop = VirtualLoop()
    loop.run_for(SHORT_TIMEOUT_TIME)
    loop.run(lambda: None, loop.now() + SHORT_TIMEOUT_TIME)
    due = [loop.now() + SHORT_TIMEOUT_TIME, None]
    loop.implementation_deadline = lambda: due[0]
    loop.advance_implementation = lambda now: due.pop(0) if len(due) > 1 and now >= due[0] else None
    fired = loop.call_at(loop.now() + 2 * SHORT_TIMEOUT_TIME, lambda: None)
    loop.run_for(3 * SHORT_TIMEOUT_TIME)
    assert (timers(loop.now()), timers(fired.when), loop.now()) == (0, 0, START + 15)


def test_the_deadline_itself_still_counts() -> None:
    loop = VirtualLoop()
    done: list[bool] = []
    loop.call_at(START + 5, lambda: done.append(True))
    assert loop.run(lambda: done, START + 5) == [True]


def test_a_cancelled_timer_never_fires() -> None:
    loop = VirtualLoop()
    done: list[bool] = []
    loop.call_at(START + 1, lambda: done.append(True)).cancel()
    loop.run_for(3)
    assert not done


def test_an_implementation_that_is_always_due_fails() -> None:
    loop = VirtualLoop()
    loop.implementation_deadline = loop.now
    with pytest.raises(ImplementationBroke, match="spins"):
        loop.run_for(1)


@pytest.mark.parametrize("later", [-1.0, 0.0, 1e-9])
def test_a_call_of_the_bench_that_is_always_due_is_the_bench_s_error(later: float) -> None:
    """Never a FAIL: the implementation had no part in it."""
    loop = VirtualLoop()

    def again() -> None:
        loop.call_at(loop.now() + later, again)

    again()
    with pytest.raises(BenchError, match=r"again and again: .*again$"):
        loop.run_for(1)


def test_an_implementation_that_keeps_the_bench_busy_fails() -> None:
    """It says something whenever it is answered, and is answered at once."""
    loop = VirtualLoop()

    def answer() -> None:
        loop.provoked()
        loop.call_at(loop.now(), answer)

    answer()
    with pytest.raises(ImplementationBroke, match="spins"):
        loop.run_for(1)


def test_the_implementation_is_advanced_to_each_of_its_deadlines() -> None:
    loop = VirtualLoop()
    due = [START + 1, START + 2.5]
    told: list[float] = []

    def advance(now: float) -> None:
        while due and due[0] <= now:
            told.append(now)
            due.pop(0)

    loop.implementation_deadline = lambda: due[0] if due else None
    loop.advance_implementation = advance
    loop.run_for(3)
    assert told == [START + 1, START + 2.5]
