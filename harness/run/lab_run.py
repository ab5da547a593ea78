"""One lab's part of a run: its testcases go to its benches, each in a process of its own.

What a process does not end by itself is ended from here; what a bench that died had in hand is an ERROR, and
a new bench goes on with the rest.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from harness.bench.arrangement import tunnels
from harness.catalogue.claims import Spec, spec_of
from harness.lab.schema import Lab
from harness.run.asking import Asking
from harness.run.attempts import Attempts
from harness.run.bench_process import (
    DONE,
    DOWN,
    END,
    IN_A_ROW,
    LEFT,
    PATIENCE,
    RUN,
    STRAIN,
    UNFIT,
    UP,
    WRONG,
    BenchProcess,
    start,
)
from harness.run.controller import Controller, result_of
from harness.run.lab_results import LabResults
from harness.run.operator import Operator
from harness.run.plan import arrangement, lacks
from harness.run.side_by_side import SideBySide
from harness.run.watchdog import GRACE, bring_up_time, grace, time_allowed
from harness.run.worker import Worker
from harness.verdict import Verdict
from harness.verdict.result import Result

REST_TIME = 15.0
"""Seconds that a bench stays up without work: it costs a little, and bringing it up again costs more."""

END_TIME = 60.0
"""Seconds that benches get to be taken down when the run is told to end."""


@dataclass(frozen=True)
class Order:
    """What is asked of a run.

    ``soak``: in full what else has a short form. ``time_limit``: seconds of the whole run, None: no more than
    its testcases one after the other may take. ``operator`` changes LAGs that have been set up by hand.
    """

    soak: bool = False
    time_limit: float | None = None
    operator: Operator | None = None


class LabRun:
    """The testcases of a lab that are left, the processes of its benches, and what the attempts come to.

    Who drives it calls `begin` once, then takes `run`, `confirm`, `close` or `interrupt` step by step: each
    yields where time is to pass. Meanwhile `heard` is called when one of `everyone` has said something or has
    ended. ``look`` lets others be heard while an operator is waited for.
    """

    def __init__(
        self,
        session: pytest.Session,
        results: LabResults,
        controller: Controller,
        worker: Worker,
        order: Order,
        look: Callable[[], None],
    ) -> None:
        self.results = results
        self._processes: list[BenchProcess] = []
        self.asking: Asking | None = None
        if order.operator is not None:
            self.asking = Asking(results.lab, order.operator, controller, look)
        self._lab = results.lab
        self._session = session
        self._controller = controller
        self._worker = worker
        self._order = order
        self._queue: deque[int] = deque()
        self._attempts = Attempts(session, results)
        self._arranged: dict[int, int] = {}  # how many wires through the switch a testcase is to have
        self._lookers: dict[str, BenchProcess] = {}  # who has seen what testcases only look at
        self._beside = 1  # labs that share the machine
        self._side_by_side = SideBySide.of(self._lab.benches, 1, self._lab.limits.late)
        self._started = 0
        self._was_up = False  # any bench
        self._deaths = 0  # of processes that had nothing in hand, in a row
        self._parked: list[str] = []  # why, of each bench that is
        self._interrupted = False
        self.asked = 0.0  # seconds that the operator was waited for

    def begin(self, beside: int) -> None:
        """What no bench can run is run here; the rest waits. So many labs share the machine."""
        self._beside = beside
        for index, item in enumerate(self._session.items):
            spec = spec_of(item)
            if not self.results.includes(item.nodeid):
                continue
            if spec is None or not self._may_run(spec):
                self._run_here(item)
            else:
                self._queue.append(index)
                self._arranged[index] = len(tunnels(arrangement(self._lab, spec)))
        self._side_by_side = SideBySide.of(
            self._lab.benches, len(self._queue) * self._repeat, self._lab.limits.late, beside
        )
        self._queue = deque(index for index in self._queue for _ in range(self._repeat))

    @property
    def _renewal_time(self) -> float:
        """Seconds that a bench may take until it says that it is up again."""
        return (IN_A_ROW + 1) * (bring_up_time(self._lab) + GRACE)

    @property
    def lab(self) -> Lab:
        """Which lab it is."""
        return self.results.lab

    @property
    def _repeat(self) -> int:
        return self.results.repeats

    def _may_run(self, spec: Spec) -> bool:
        """Whether a bench can run it, if perhaps not before the operator has set something."""
        return not lacks(self._lab, spec) or (self.asking is not None and self.asking.picture.may_run(spec))

    def _run_here(self, item: pytest.Item) -> None:
        """What needs no bench runs in this process."""
        self._worker.serve(self.results.lab, self.results.name)
        with self._controller.running_here(self.results):
            item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
            for report in runtestprotocol(item, nextitem=None, log=False):
                item.ihook.pytest_runtest_logreport(report=report)

    @property
    def longest(self) -> float:
        """Seconds that the testcases may take one after the other, with all that a run does besides."""
        times = [time_allowed(self._spec(index), self._lab, soak=self._order.soak) for index in self._queue]
        return 2 * sum(times) + 600.0

    def _spec(self, index: int) -> Spec:
        return spec_of(self._session.items[index]) or Spec(())

    # -- the run

    def run(self) -> Iterator[None]:
        """Run every testcase, as often as is asked for."""
        self.results.begin()
        yield from self._work()

    def _work(self) -> Iterator[None]:
        """Until nothing is left to run."""
        while self._queue or self.working:
            if not self._staff():
                return
            yield
            if self._session.shouldfail:  # as pytest's own loop, for -x and plugins
                raise self._session.Failed(self._session.shouldfail)

    @property
    def everyone(self) -> list[BenchProcess]:
        """Every process that belongs to it."""
        return list(self._processes)

    @property
    def working(self) -> int:
        """How many of its benches have a testcase in hand."""
        return sum(one.running is not None for one in self._processes)

    @property
    def wanted(self) -> int:
        """How many may."""
        return self._side_by_side.wanted

    def _staff(self) -> bool:
        """See to it that as many benches work as may. False where there is none, and will be none."""
        now = time.monotonic()
        working = [one for one in self._processes if one.running is not None]
        wanted = min(
            1 if self._attempts.alone else self._side_by_side.look(now, len(working)), self._benches_left
        )
        coming = [one for one in self._processes if not one.ending]
        while len(coming) < min(wanted, len(working) + len(self._queue)):
            self._worker.serve(self.lab, self.results.name)
            self._processes.append(self._start())
            coming.append(self._processes[-1])
        if not coming:
            self.results.give_up(f"no bench is left: {self._parked[-1]}")
            self._queue.clear()
            return False
        for one in coming:
            if one.ready and one.running is None:
                if self.asking is not None:
                    self._ask(self.asking)
                if one not in self._processes or not one.ready:
                    continue  # it ended while the operator was waited for
                if not self._queue:
                    if not self._is_last(one):
                        one.end()
                elif len(working) < wanted and (index := self._next_for(one)) is not None:
                    self._hand(one, index)
                    working.append(one)
                elif now > one.rested + REST_TIME and len(coming) > wanted:
                    one.end()
        return True

    def _start(self) -> BenchProcess:
        """One more bench."""
        self._started += 1
        return start(self._session, self._worker, self._started)

    def _ask(self, asking: Asking) -> None:
        """Until a testcase is ready, the operator sets what some need. His time is not the run's."""
        began = time.monotonic()
        for index, why in asking.until_ready({index: self._spec(index) for index in self._queue}):
            self._queue = deque(other for other in self._queue if other != index)
            self._worker.left_out[self._session.items[index].nodeid] = why
            self._run_here(self._session.items[index])
        self._lab = asking.picture.lab
        self.asked += time.monotonic() - began

    @property
    def _benches_left(self) -> int:
        """None where one was parked and none was ever up: so it will be with the others."""
        left = self._side_by_side.most - len(self._parked)
        return max(0, left) if self._was_up or not self._parked else 0

    def _is_last(self, one: BenchProcess) -> bool:
        """What is run once more needs a bench, and the last one is as good as a new one."""
        return self._lab.confirms and one is self._processes[-1]

    def _next_for(self, one: BenchProcess) -> int | None:
        """The next testcase that is not another bench's: those that look at the same stay together.

        One comes first that the bench is arranged for as it is.
        """
        found = None
        for index in self._queue:
            if not self._can_have(one, index):
                continue
            owner = self._lookers.get(self._spec(index).looks_at)
            if owner in (None, one) or owner not in self._processes or owner.ending:
                if one.arranged in (None, self._arranged[index]):
                    return index
                found = index if found is None else found
        return found

    def _can_have(self, _one: BenchProcess, index: int) -> bool:
        """Whether a bench can be given a testcase now."""
        return self.asking is None or self.asking.picture.is_ready(self._spec(index))

    def _terms(self, _one: BenchProcess) -> list[Any]:
        """What a bench is told with the testcase that it is given, as `RUN` has it."""
        return [self.asking.set_by_hand] if self.asking is not None else []

    def _hand(self, one: BenchProcess, index: int) -> None:
        """Give a bench a testcase."""
        self._queue.remove(index)
        if looks_at := self._spec(index).looks_at:
            self._lookers[looks_at] = one
        item = self._session.items[index]
        one.running, one.began, one.arranged = index, time.monotonic(), self._arranged[index]
        allowed = time_allowed(self._spec(index), self._lab, soak=self._order.soak)
        one.due = one.began + allowed + (1 + PATIENCE) * grace(self._lab)
        if self.asking is not None:
            one.due += bring_up_time(self._lab) + GRACE  # in which the last change is held against the wires
        self.results.began(item.nodeid, one.name)
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        one.order(RUN, index, self._attempts.made(index) + 1, *self._terms(one))

    def heard(self, one: BenchProcess) -> None:
        """It has said something, or ended."""
        self._hear(one)
        if not one.process.is_alive():
            self._hear(one)  # what it said last
            self._ended(one)

    def end_overdue(self, now: float) -> None:
        """End who is over his time."""
        for one in self.everyone:
            if now > one.due:
                one.kill("it did not come to an end when its time was over")

    def _hear(self, one: BenchProcess) -> None:
        with suppress(EOFError, OSError):
            while one.connection.poll():
                self._said(one, *one.connection.recv())

    def _said(self, one: BenchProcess, word: str, *told: Any) -> None:
        if word == UP:
            (one.name,) = told
            self._was_up = True
            if not one.ending:
                one.ready, one.due = True, float("inf")
        elif word == STRAIN:
            self._side_by_side.heard(told[0], time.monotonic())
        elif word == DONE:
            self._done(one, *told)
        elif word == LEFT:
            self.results.not_left_as_found(*told)
        elif word == WRONG:
            self._set_otherwise(one, *told)
        elif word == UNFIT:
            self.results.unfit(*told)
        elif word == DOWN:
            name, cause, details = told
            one.ending, one.ready = True, False
            one.due = time.monotonic() + END_TIME
            self._park(name, cause, details)

    def _park(self, name: str, cause: str, details: str) -> None:
        """A bench that broke some times in a row does no more."""
        self._parked.append(f"{name}: {cause}")
        self.results.parked(name, cause, details)

    def _ended(self, one: BenchProcess) -> None:
        """Its process is gone; what it had in hand has no other verdict than ERROR."""
        self._processes.remove(one)
        words, how = one.last_words(), one.how_it_ended()
        one.close()
        if one.running is not None:
            message = f"the bench's process ended in the middle of the testcase: {how}"
            self._finish(one, one.running, self._lost(one, message, words))
        elif not one.ending:  # another one is started in its place
            self._deaths += 1
            if self._deaths % IN_A_ROW == 0:
                self._park(one.name or f"bench {one.number}", f"its process ended: {how}", words)

    def _lost(self, one: BenchProcess, message: str, details: str) -> Result:
        seconds = time.monotonic() - one.began
        nodeid = self._session.items[one.running or 0].nodeid
        return self.results.without_result(nodeid, message, details, seconds, one.name)

    # -- results

    def _set_otherwise(self, one: BenchProcess, index: int, words: str) -> None:
        """The operator has not set what he was asked for: its testcase waits until he has."""
        one.running, one.ready, one.rested = None, False, time.monotonic()
        one.due = time.monotonic() + self._renewal_time
        self._queue.appendleft(index)
        if self.asking is not None:
            self.asking.told_otherwise(words)

    def _done(self, one: BenchProcess, index: int, told: list[dict[str, Any]]) -> None:
        config = self._session.config
        reports = [config.hook.pytest_report_from_serializable(config=config, data=data) for data in told]
        result = result_of(reports, self.results)
        if result is None:
            result = self._lost(one, "the testcase gave no result", "")
        if self._interrupted and result.verdict is Verdict.ERROR:
            return  # it was ended, and the controller says what ended it
        one.ready = False
        if not one.ending:
            one.due = time.monotonic() + self._renewal_time
        self._deaths = 0
        if self.asking is not None:
            self.asking.proven()
        self._finish(one, index, result)

    def _finish(self, one: BenchProcess, index: int, result: Result) -> None:
        """Keep a result."""
        one.running, one.rested = None, time.monotonic()
        if self._attempts.add(index, result):
            self._queue.append(index)

    @property
    def unconfirmed(self) -> list[int]:
        """What did not pass beside others, and is to be run once more with nothing beside it."""
        return self._attempts.unconfirmed

    def confirm(self) -> Iterator[None]:
        """That is run; of too many some have the verdict that they have. One bench is enough."""
        yield from self._end_all(but=1)
        left, left_out = self._attempts.begin_alone()
        self._queue.extend(left)
        self._controller.once_more(self.results, len(left), left_out)
        yield from self._work()
        self.tell_all()

    def tell_all(self) -> None:
        """What was run and waits for another run has the verdict that it has; there is no bench for more."""
        self._attempts.tell_all()

    # -- the end

    def close(self) -> Iterator[None]:
        """Take benches down, which are at rest."""
        yield from self._end_all()

    def _end_all(self, but: int = 0) -> Iterator[None]:
        """Take benches down that are at rest, all or all but some, until that is done."""
        staying = [one for one in self._processes if one.ready and not one.ending][:but]
        for one in self._processes:
            if one not in staying:
                one.end()
        while any(one not in staying for one in self._processes):
            yield

    def interrupt(self) -> Iterator[None]:
        """The run ends before its time: so do the benches, each in the middle of its testcase."""
        self._interrupted = True
        for one in self._processes:
            one.running, one.ending = None, True
            one.due = time.monotonic() + END_TIME
            with suppress(ProcessLookupError):
                os.kill(one.process.pid or 0, signal.SIGTERM)
            one.order(END)  # an exception can be lost on its way, as in a callback of C code
        while self._processes:
            yield
