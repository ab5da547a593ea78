"""Whoever waits for the lock has it in turn, and one who gives up is not waited for."""

from __future__ import annotations

import threading

import pytest

from harness.verdict import BenchBroken
from harness.wire import fair_lock
from harness.wire.fair_lock import FairLock

PATIENCE = 60.0


def test_it_is_handed_over_in_the_order_of_asking() -> None:
    """A thread that lets go and asks again at once stands behind who waited."""
    lock, took, waiting = FairLock(), [], []

    def wait(name: int) -> None:
        with lock:
            took.append(name)

    lock.acquire()
    for name in range(5):
        thread = threading.Thread(target=wait, args=(name,))
        thread.start()
        while len(lock._waiting) <= name:
            thread.join(0.001)
        waiting.append(thread)
    lock.release()
    with lock:
        took.append("again")
    for thread in waiting:
        thread.join(PATIENCE)
    assert took == [0, 1, 2, 3, 4, "again"]


def test_who_holds_it_takes_it_again() -> None:
    lock = FairLock()
    with lock:
        with lock:
            assert lock.owned()
        assert lock.owned()
    assert not lock.owned()
    with pytest.raises(RuntimeError):
        lock.release()


def test_who_gives_up_is_not_waited_for_and_says_who_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_lock, "LOCK_TIME", 0.01)
    lock = FairLock()
    told: list[str] = []

    def give_up() -> None:
        with pytest.raises(BenchBroken) as raised, lock:
            pass
        told.append(str(raised.value))

    def holder() -> None:
        with lock:
            thread = threading.Thread(target=give_up)
            thread.start()
            thread.join(PATIENCE)

    holder()
    assert "is held for 0.01 s already" in told[0] and "test_fair_lock.py" in told[0]
    assert not lock.wanted
    thread = threading.Thread(target=lock.acquire)
    thread.start()
    thread.join(PATIENCE)
    assert lock._owner == thread.ident


def test_many_threads_exclude_each_other() -> None:
    lock, inside, rounds = FairLock(), [], 300
    most = []

    def work() -> None:
        for _ in range(rounds):
            with lock:
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(most) == 6 * rounds and max(most) == 1
