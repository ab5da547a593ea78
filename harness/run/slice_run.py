"""The part of a run of a lab that is sliced: its testcases go to slices of one bench, on wires of their own.

What needs all of the bench comes at the end.

A process holds the bench (`harness.run.holder`) from before the first slice until after the last testcase
that has the bench to itself. What did not pass in a slice is run once more, alone, as what did not pass on
one of several benches.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import count
from typing import Any

from harness.bench.slices import Held
from harness.report.summary import short_id
from harness.run.bench_process import UP, BenchProcess, start
from harness.run.holder import hold
from harness.run.lab_run import LabRun
from harness.run.side_by_side import SideBySide
from harness.run.slices import NAMES, Wires, why_alone
from harness.verdict import Verdict
from harness.verdict.result import Result

MANY = 3
"""Wires of one testcase that are many: there is seldom room for them later, so it goes first."""


class BenchGone(Exception):
    """What all testcases need is not there, or not any more; says why."""


class SliceRun(LabRun):
    """Of a lab that is sliced; see the module."""

    _holder: BenchProcess | None = None
    _held: Held | None = None
    _wires: Wires | None = None  # of slices; None: there are none, and one testcase at a time has all
    _gone = ""  # why there is no bench any more

    def run(self) -> Iterator[None]:
        self.results.begin()
        yield from self._while_there(self._run())

    def confirm(self) -> Iterator[None]:
        yield from self._while_there(self._confirm())

    def _while_there(self, steps: Iterator[None]) -> Iterator[None]:
        """Take these; where the bench is gone the slices end, and what is left is an ERROR."""
        try:
            yield from steps
        except BenchGone as gone:
            self._queue.clear()
            yield from self.interrupt()
            self.tell_all()
            self.results.give_up(f"no bench is left: {gone}")

    def _run(self) -> Iterator[None]:
        yield from self._hold()
        left = [index for index in self._queue if why_alone(self._lab, self._spec(index))]
        self._queue = deque(sorted((index for index in self._queue if index not in left), key=self._place))
        if self._queue:
            self._wires = Wires(self._lab)
            most = min(len(self._queue), self._wires.most)
            self._side_by_side = SideBySide.of(self._lab.slices, most, self._lab.limits.late, self._beside)
            yield from self._work()
            yield from self._end_all()
            if len(self._parked) < most:  # else there is no bench
                self._parked.clear()
        self._wires = None
        self._side_by_side = SideBySide.of(1, 1, self._lab.limits.late)
        self._queue.extend(left)
        yield from self._work()

    def _confirm(self) -> Iterator[None]:
        if self._held is None:
            yield from self._hold()
        yield from super().confirm()

    def _place(self, index: int) -> tuple[int, bool, bool, str]:
        """Where a testcase stands among the others: what one slice alone can run before what all can, and
        those that look at the same one behind the other."""
        spec = self._spec(index)
        wires = max(spec.wires, spec.most_wires)
        return -wires if wires >= MANY else 0, NAMES not in spec.whole, not spec.looks_at, spec.looks_at

    def _hold(self) -> Iterator[None]:
        """Bring the bench up, and hold it. BenchGone where it does not come up."""
        self._worker.serve(self.lab, self.results.name)
        self._holder = hold(self._lab, self._worker.transcripts)
        while self._held is None:
            yield
            if self._gone:
                raise BenchGone(self._gone)

    def close(self) -> Iterator[None]:
        yield from super().close()
        yield from self._let_go()

    def interrupt(self) -> Iterator[None]:
        yield from super().interrupt()
        yield from self._let_go()

    def _let_go(self) -> Iterator[None]:
        """Take the bench down; nobody is on it any more."""
        if self._holder is not None:
            self._holder.end()
        while self._holder is not None:
            yield
        self._held = None

    # -- slices

    def _start(self) -> BenchProcess:
        """One more slice, or where there are none all of the bench."""
        assert self._held is not None
        taken = {one.number for one in self._processes}
        number = 0 if self._wires is None else next(n for n in count(1) if n not in taken)
        return start(self._session, self._worker, number, (self._held, number))

    def _staff(self) -> bool:
        """Where a slice that is gone keeps its wires, what does not fit on the others is run alone. Raises
        BenchGone."""
        if self._gone:
            raise BenchGone(self._gone)
        staffed = super()._staff()
        there = [one for one in self._processes if not one.ending]
        idle = all(one.ready and one.running is None for one in there)
        if self._wires is not None and self._queue and idle:
            staffed &= any(self._can_have(one, index) for one in there for index in self._queue)
        return staffed

    def _can_have(self, one: BenchProcess, index: int) -> bool:
        spec = self._spec(index)
        if self._wires is None:
            return True
        return (NAMES not in spec.whole or one.number == 1) and self._wires.free_for(
            spec, one.wires
        ) is not None

    def _terms(self, one: BenchProcess) -> list[Any]:
        assert one.running is not None
        others = [other for other in self._processes if other is not one and other.running is not None]
        one.beside = {other.running for other in others if other.running is not None}
        if self._wires is None:
            return []
        for other in others:
            other.beside.add(one.running)
        one.wires = self._wires.free_for(self._spec(one.running), one.wires) or ()
        self._wires.take(one.number, one.wires)
        return [None, one.wires]

    def _finish(self, one: BenchProcess, index: int, result: Result) -> None:
        if result.verdict is Verdict.FAIL and one.beside:
            names = sorted(short_id(self._session.items[other].nodeid) for other in one.beside)
            result.notes.append(f"beside it on the same implementation ran {', '.join(names)}")
        super()._finish(one, index, result)

    # -- who holds the bench

    @property
    def everyone(self) -> list[BenchProcess]:
        return [*super().everyone, *([self._holder] if self._holder is not None else [])]

    def _said(self, one: BenchProcess, word: str, *told: Any) -> None:
        if one is self._holder and word == UP:
            (self._held,) = told
            one.due = float("inf")
            return
        if word == UP and self._wires is not None:
            self._wires.give_back(one.number)
        super()._said(one, word, *told)

    def _ended(self, one: BenchProcess) -> None:
        if one is not self._holder:
            super()._ended(one)
            return
        self._holder = None
        how, words = one.how_it_ended(), one.last_words()
        one.close()
        if not one.ending:
            name = self._held.name if self._held else self._lab.name
            self._park(name, f"the process that holds the bench ended: {how}", words)
        if self._parked and not self._interrupted and (self._held is None or not one.ending):
            self._gone = self._parked[-1]
