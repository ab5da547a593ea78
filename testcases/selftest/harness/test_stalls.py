"""What counts as held up in a window, and what of it an implementation may have caused."""

from __future__ import annotations

import pytest

from harness.host.stalls import BenchStall, Slot, Source, Stall, Stalls

AGR, TESTER, SWITCH = Source.IMPLEMENTATION, Source.TESTER, Source.SWITCH
CORES = 2


def line(*slots: tuple[Slot, list[tuple[Source, float]]]) -> Stalls:
    made = Stalls(CORES)
    for slot, waits in slots:
        made.add(slot, waits)
    return made


def slot(
    start: float, end: float, *, own: float = 0.0, others: float | None = None, waited: float = 0.0
) -> Slot:
    """A slot in which others have all the processors that the implementation has not."""
    return Slot(start, end, own, CORES * (end - start) - own if others is None else others, waited)


def test_of_a_window_counts_what_lies_in_it() -> None:
    made = line((slot(0, 1), [(AGR, 0.4)]), (slot(1, 2), []), (slot(2, 3), [(AGR, 0.2)]))
    assert made.between(0, 3).by[AGR] == pytest.approx(0.6)
    assert made.between(0.5, 2).by[AGR] == pytest.approx(0.2)
    assert made.between(1, 2).total == 0
    assert made.between(4, 5).total == made.between(-2, -1).total == made.between(2, 2).total == 0


def test_a_wait_that_is_told_when_it_ends_began_before() -> None:
    made = line((slot(0, 1), []), (slot(1, 2), [(AGR, 0.3)]), (slot(2, 3), [(AGR, 2.5)]))
    assert [made.between(at, at + 1).by[AGR] for at in range(3)] == pytest.approx([0.5, 1, 1])


def test_a_wait_from_before_the_first_look_is_cut() -> None:
    made = line((slot(1, 2), [(AGR, 5.0)]))
    assert made.between(0, 2).by[AGR] == pytest.approx(1)


def test_of_threads_the_one_that_waited_longest_counts() -> None:
    assert line((slot(0, 1), [(AGR, 0.2), (AGR, 0.5), (AGR, 0.3)])).between(0, 1).by[AGR] == pytest.approx(
        0.5
    )


def test_no_more_than_others_had_the_processors() -> None:
    """Its own threads keep each other waiting: that is nobody's fault but its own."""
    busy = slot(0, 1, own=1.9, others=0.1, waited=0.6)
    assert line((busy, [(AGR, 0.6)])).between(0, 1).by[AGR] <= 0.1


def test_of_many_that_want_to_run_at_once_only_what_there_are_processors_for() -> None:
    """Half of the time is others'; 200 threads would have waited nearly as long without them."""
    busy = slot(0, 1, own=1.0, others=1.0, waited=199.0)
    assert line((busy, [(AGR, 0.995)])).between(0, 1).by[AGR] == pytest.approx(0.995 * CORES / 200)


def test_one_thread_that_computes_is_held_up_by_others_alone() -> None:
    busy = slot(0, 1, own=0.4, others=1.6, waited=0.6)
    assert line((busy, [(AGR, 0.6)])).between(0, 1).by[AGR] == pytest.approx(0.6)


def test_who_makes_the_tester_late_is_not_excused_by_that() -> None:
    made = line((slot(0, 1, own=1.9, others=0.1), [(TESTER, 0.8), (SWITCH, 0.8)]))
    made.note(Source.LOOP, 0.1, 0.9)
    assert made.between(0, 1).total < 0.1
    assert line((slot(0, 1), [(TESTER, 0.8)])).between(0, 1).total == pytest.approx(0.8)


def test_a_machine_that_does_nothing() -> None:
    made = line((slot(0, 1, others=0.0), [(TESTER, 0.2)]))
    assert made.between(0, 1).by[TESTER] == pytest.approx(0.2)


def test_times_that_overlap_are_one() -> None:
    made = line((slot(0, 10), []))
    for start, end in ((1, 2), (1.5, 2.5), (4, 5)):
        made.note(Source.LOOP, start, end)
    assert made.between(0, 10).by[Source.LOOP] == pytest.approx(2.5)
    assert made.between(2, 4.5).by[Source.LOOP] == pytest.approx(1)
    assert made.between(6, 8).total == 0


def test_what_shows_that_the_tester_was_late_counts_once() -> None:
    by = {TESTER: 0.3, Source.LOOP: 0.5, Source.TIMERS: 0.2, AGR: 0.1}
    assert Stall(3.5, by).total == pytest.approx(0.6)
    assert Stall(0.4, by).total == pytest.approx(0.4)


def test_words() -> None:
    here = Stall(3.5, {AGR: 1.3, TESTER: 0.2, Source.DISK: 0.001})
    words = "the host did not run agr for 1.3 s, the host did not run the tester for 0.2 s"
    assert BenchStall(3.5, {"": here}).words("agr") == f"{words} of these 3.5 s"


def test_of_several_machines_each_is_named_and_all_count() -> None:
    there = Stall(3.5, {AGR: 1.3, Source.FAR_END: 0.2, Source.TIMERS: 0.1})
    quiet, here = Stall(3.5, {AGR: 0.001}), Stall(3.5, {Source.DISK: 0.5})
    found = BenchStall(3.5, {"": here, "ssh dut": there, "ssh tester": quiet})
    assert found.total == pytest.approx(1.3 + 0.2 + 0.501)
    assert found.words("agr") == (
        "the disk kept a write waiting for 0.5 s (the tester's machine); the host did not run agr for 1.3 s, "
        "the host did not run the tester's program there for 0.2 s, timers came late for 0.1 s (ssh dut) "
        "of these 3.5 s"
    )
    assert BenchStall(1.0, {"": here, "ssh dut": there}).total == 1.0


def test_a_wait_that_is_told_late_is_of_one_thread_all_the_same() -> None:
    made = line(*((slot(at, at + 1), []) for at in range(3)))
    made.add(slot(3, 4), [(AGR, 3.5)], [3.5])
    assert made.between(3, 4).by[AGR] == pytest.approx(1)


def test_a_turn_that_was_waited_for_is_nothing_of_the_processors() -> None:
    """It counts in full, however much of the processors the implementation had meanwhile."""
    made = line((slot(0, 2, own=2 * CORES, others=0.0), []))
    made.note(Source.TURN, 0.5, 1.5)
    assert made.between(0, 2).total == pytest.approx(1.0)
    assert "switch's command line" in made.between(0, 2).words("a switch")
