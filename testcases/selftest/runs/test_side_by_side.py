"""How many benches work: up while they are fresh, down when they are late, never none, in any history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.run.side_by_side import FRESH, STEP_DOWN, STEP_UP, TIRED, SideBySide, cores

ALLOWANCE = 0.15


def hours(side: SideBySide, strain: float, begin: float, seconds: float) -> float:
    """All that may work do, each second; the time afterwards."""
    now = begin
    while now < begin + seconds:
        side.heard(strain, now)
        side.look(now, side.wanted)
        now += 1.0
    return now


def test_a_machine_that_carries_more_gets_more() -> None:
    side = SideBySide(2, 16, ALLOWANCE)
    hours(side, 0.0, 100.0, 16 * STEP_UP)
    assert side.wanted == 16


def test_one_that_is_late_gets_less_but_never_none() -> None:
    side = SideBySide(16, 16, ALLOWANCE)
    now = hours(side, ALLOWANCE, 100.0, 3 * STEP_DOWN)
    assert 12 <= side.wanted <= 13
    hours(side, ALLOWANCE, now, 20 * STEP_DOWN)
    assert side.wanted == 1


def test_between_the_two_it_stays() -> None:
    side = SideBySide(5, 16, ALLOWANCE)
    hours(side, (TIRED + FRESH) / 2 * ALLOWANCE, 100.0, 100.0)
    assert side.wanted == 5


def test_it_does_not_go_up_on_what_nobody_carries() -> None:
    """Benches that are still being brought up say nothing of what the machine carries."""
    side = SideBySide(2, 16, ALLOWANCE)
    for second in range(100):
        side.heard(0.0, float(second))
        side.look(float(second), 1)
    assert side.wanted == 2


def test_a_number_is_obeyed() -> None:
    side = SideBySide.of(10, 350, ALLOWANCE)
    hours(side, 10.0, 100.0, 100.0)
    assert side.wanted == 10
    assert SideBySide.of(10, 3, ALLOWANCE).wanted == 3


def test_auto_begins_with_one_a_core() -> None:
    assert SideBySide.of("auto", 350, ALLOWANCE).wanted == cores()
    assert SideBySide.of("auto", 1, ALLOWANCE).wanted == 1


def test_labs_of_one_run_share_the_machine() -> None:
    alone = SideBySide.of("auto", 350, ALLOWANCE)
    for labs in (2, 3, 100):
        each = SideBySide.of("auto", 350, ALLOWANCE, labs)
        assert each.wanted >= 1 and (each.most * labs <= alone.most or each.most == 1)
    assert SideBySide.of(4, 350, ALLOWANCE, 2).wanted == 4


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 5), st.integers(0, 20)), max_size=200))
def test_any_history(history: list[tuple[float, float, int]]) -> None:
    side, now = SideBySide(2, 16, ALLOWANCE), 0.0
    for strain, later, working in history:
        now += later
        before = side.wanted
        side.heard(strain, now)
        assert 1 <= side.look(now, working) <= 16
        assert side.wanted <= before + 1
