"""The real loop starves nobody: whatever its calls do, waits end, timers are served, and its lock is had."""

from __future__ import annotations

import math
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.verdict import BenchError
from harness.wire import real_loop
from harness.wire.fair_lock import FairLock
from harness.wire.loop import Timer
from harness.wire.real_loop import GIVE_WAY_TIME, RealLoop

PATIENCE = 60.0
"""Seconds that a correct loop never needs."""

GENEROUS = 100 * GIVE_WAY_TIME
"""Seconds that nobody waits for the lock of a correct loop, on any machine."""


@contextmanager
def loop_up() -> Iterator[RealLoop]:
    loop = RealLoop()
    try:
        yield loop
    finally:
        loop.close()


def in_time(action: Callable[[], None]) -> None:
    """It ends; what it raises is raised here."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "it does not end"
    if raised:
        raise raised[0]


def block(seconds: float) -> None:
    """A call takes its time, and lets other threads run meanwhile."""
    select.select([], [], [], seconds)


def test_a_call_that_asks_for_a_time_that_has_passed_stops_no_wait() -> None:
    with loop_up() as loop:
        begun, served = loop.now(), []

        def again() -> None:
            served.append(loop.now())
            loop.call_at(begun, again)

        loop.call_at(begun, again)
        in_time(lambda: loop.run(lambda: None, begun + 0.2))
        assert len(served) > 1
        assert loop.measured()[0] < PATIENCE


# -- any calls at all

DO = ("past", "future", "for ever", "raise", "block", "cancel")
SPAN = 0.03
"""Seconds in which they happen."""

deeds = st.lists(st.tuples(st.sampled_from(DO), st.floats(0, SPAN)), max_size=4)
stories = st.lists(st.tuples(st.floats(-SPAN, SPAN), st.lists(deeds, max_size=3)), min_size=1, max_size=8)


@dataclass
class Story:
    """Calls that do what they are told: the nth time that one is served it does its nth deeds."""

    loop: RealLoop
    timers: list[Timer] = field(default_factory=list)
    served: list[Timer] = field(default_factory=list)
    cancelled: list[Timer] = field(default_factory=list)

    def tell(self, when: float, chapters: list[list[tuple[str, float]]]) -> None:
        def act() -> None:
            self.served.append(timer)
            for what, seconds in chapters[0] if chapters else ():
                self.do(what, seconds, chapters[1:])

        with self.loop.lock:
            timer = self.loop.call_at(when, act)
            self.timers.append(timer)

    def do(self, what: str, seconds: float, rest: list[list[tuple[str, float]]]) -> None:
        if what == "past":
            self.tell(self.loop.now() - seconds, rest)
        elif what == "future":
            self.tell(self.loop.now() + seconds, rest)
        elif what == "for ever":
            self.loop.call_at(0.0, lambda: self.do("for ever", seconds, rest))
        elif what == "block":
            block(seconds / 10)
        elif what == "cancel":
            timer = self.timers[int(seconds * 1e6) % len(self.timers)]
            if timer not in self.served:
                self.cancelled.append(timer)
            timer.cancel()
        else:
            raise ArithmeticError("as the story has it")


def pass_time(loop: RealLoop, until: float) -> list[BenchError]:
    """Wait, and take what broke meanwhile."""
    told = []
    while loop.now() < until:
        try:
            loop.run(lambda: None, until)
        except BenchError as error:
            told.append(error)
            loop.take_failure()
    return told


@settings(max_examples=40)
@given(stories)
def test_whatever_calls_do_all_are_served_and_the_lock_is_had(
    told: list[tuple[float, list[list[tuple[str, float]]]]],
) -> None:
    with loop_up() as loop:
        story = Story(loop)
        for offset, chapters in told:
            story.tell(loop.now() + offset, chapters)
        waits = []

        def testcase() -> None:
            end = loop.now() + SPAN
            while loop.now() < end:
                before = time.monotonic()
                with loop.lock:
                    waits.append(time.monotonic() - before)
                pass_time(loop, min(end, loop.now() + SPAN / 10))
            all_due = max(timer.when for timer in story.timers)
            while pending(story) and loop.now() < end + PATIENCE:
                pass_time(loop, max(all_due, loop.now()) + SPAN / 10)

        in_time(testcase)
        with loop.lock:
            assert not pending(story)
            once = [timer for timer in story.timers if timer not in story.cancelled]
            assert [story.served.count(timer) for timer in once] == [1] * len(once)
            assert not set(story.served) & set(story.cancelled)
        assert max(waits) < GENEROUS


def pending(story: Story) -> list[Timer]:
    """Neither served nor cancelled."""
    with story.loop.lock:
        done = {id(timer) for timer in story.served + story.cancelled}
        return [timer for timer in story.timers if id(timer) not in done]


# -- the lock, beside busy processes


@contextmanager
def busy(count: int) -> Iterator[None]:
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.mark.parametrize("processes", [0, 2])
def test_who_waits_for_the_lock_has_it_after_the_call_that_runs(processes: int) -> None:
    """The loop has always several calls due, and hands the lock over before the next of them."""
    with busy(processes), loop_up() as loop:
        lock = loop.lock
        assert isinstance(lock, FairLock)
        had, passed_over, worst = 0, (0, 0), 0

        def again() -> None:
            nonlocal passed_over, worst
            loop.call_at(0.0, again)
            if lock.wanted:  # it came after the loop had looked, or the loop has passed it over
                passed_over = (had, passed_over[1] + 1) if passed_over[0] == had else (had, 1)
                worst = max(worst, passed_over[1])
            else:
                passed_over = (had, 0)
            block(1e-4)

        for _ in range(4):
            loop.call_at(0.0, again)
        waits = []

        def testcase() -> None:
            nonlocal had
            for _ in range(300):
                before = time.monotonic()
                with lock:
                    waits.append(time.monotonic() - before)
                    had += 1

        in_time(testcase)
        assert worst <= 1
        assert max(waits) < GENEROUS


# -- descriptors


@pytest.mark.parametrize("reads_on", [False, True])
def test_a_descriptor_that_never_ends_leaves_turns_to_others(
    monkeypatch: pytest.MonkeyPatch, reads_on: bool
) -> None:
    """A wait ends when what came before its deadline is read, though more comes; else the bench is late."""
    monkeypatch.setattr(real_loop, "SETTLE_TIME", PATIENCE * 10 if reads_on else 0.05)
    read, write = os.pipe()
    try:
        os.write(write, b"x")  # and nobody takes it
        with loop_up() as loop:
            done: list[float] = []
            loop.watch(read, loop.now if reads_on else lambda: -math.inf)
            loop.measured()

            def testcase() -> None:
                loop.call_at(loop.now(), lambda: done.append(1.0))
                loop.run(lambda: done, loop.now() + PATIENCE)
                loop.run(lambda: None, loop.now())

            in_time(testcase)
            assert done
            if not reads_on:
                assert loop.measured()[0] >= 0.05
            loop.unwatch(read)
    finally:
        os.close(read)
        os.close(write)


def test_a_descriptor_that_is_watched_no_longer_is_not_read() -> None:
    """Of two that have something the one that is read first takes the other away."""
    pipes = [os.pipe() for _ in range(2)]
    with loop_up() as loop:
        reads: list[int] = []

        def reader(mine: int, other: int) -> Callable[[], float]:
            def read() -> float:
                reads.append(os.read(mine, 1)[0])
                loop.unwatch(other)
                return math.inf

            return read

        (first, _), (second, _) = pipes
        with loop.lock:
            for _, write in pipes:
                os.write(write, b"x")
            loop.watch(first, reader(first, second))
            loop.watch(second, reader(second, first))
        loop.run(lambda: reads, loop.now() + PATIENCE)
        loop.run_for(0.0)
        assert len(reads) == 1
        loop.take_failure()
    for pipe in pipes:
        for end in pipe:
            os.close(end)


def test_time_does_not_pass_for_who_holds_the_lock() -> None:
    with loop_up() as loop, loop.lock, pytest.raises(RuntimeError, match="holds the loop's lock"):
        loop.run_for(0.0)


def test_a_slow_condition_keeps_no_timer_waiting() -> None:
    """What is waited for is looked at without the loop's lock."""
    with loop_up() as loop:
        done: list[bool] = []

        def slow() -> bool:
            loop.call_at(loop.now(), lambda: done.append(True))
            end = time.monotonic() + PATIENCE
            while not done and time.monotonic() < end:
                continue
            return bool(done)

        assert loop.run(slow, loop.now() + PATIENCE)


def test_a_loop_whose_lock_nobody_lets_go_of_ends_all_the_same() -> None:
    """As when a testcase was interrupted in a bad moment."""
    loop = RealLoop()
    with loop.lock:
        in_time(loop.close)
    assert not loop._thread.is_alive()


def test_a_loop_that_hangs_is_told_when_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no wait lasts for that."""
    monkeypatch.setattr(real_loop, "CLOSE_TIME", 0.05)
    monkeypatch.setattr(real_loop, "SETTLE_TIME", 0.05)
    loop, go_on, reached = RealLoop(), threading.Event(), threading.Event()

    def hang() -> None:
        reached.set()
        go_on.wait(PATIENCE)

    loop.call_at(0.0, hang)
    assert reached.wait(PATIENCE)
    in_time(lambda: loop.run(lambda: None, loop.now() + 0.01))
    with pytest.raises(BenchError, match=r"does not end within 0\.05 s: it is in .*hang \(test_giving_way"):
        loop.close()
    loop.close()  # once is enough
    go_on.set()
