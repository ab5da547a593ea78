"""Hands testcases to benches, each in a process of its own, and sees to it that every one of them ends.

It takes the place of pytest's own loop over the collected items. What a process does not end by itself is
ended from here; what a bench that died had in hand is an ERROR, and a new bench goes on with the rest.
"""

from __future__ import annotations

import os
import signal
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from harness.bench.arrangement import tunnels
from harness.catalogue.claims import Spec, spec_of
from harness.lab.schema import Lab
from harness.report.text import duration
from harness.run import attempts
from harness.run.asking import Asking
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
from harness.run.controller import Controller, report_of
from harness.run.interrupt import undisturbed
from harness.run.operator import NoAnswer, Operator
from harness.run.plan import arrangement, lacks
from harness.run.side_by_side import SideBySide
from harness.run.watchdog import BRING_UP_TIME, GRACE, grace, time_allowed
from harness.run.worker import Worker
from harness.verdict import Verdict
from harness.verdict.result import Result

LOOK = 0.25
"""Seconds after which it looks at deadlines and at the terminal, whatever comes from the benches."""

REST_TIME = 15.0
"""Seconds that a bench stays up without work: it costs a little, and bringing it up again costs more."""

END_TIME = 60.0
"""Seconds that benches get to be taken down when the run is told to end."""

RENEWAL_TIME = (IN_A_ROW + 1) * (BRING_UP_TIME + GRACE)
"""Seconds that a bench may take until it says that it is up again."""


class TimeOver(Exception):
    """The run as a whole has taken the time that it gets."""


class BenchGone(Exception):
    """What all testcases need is not there, or not any more; says why."""


class Dispatcher:
    """Plugin of the process that started the run; see the module.

    ``repeat``: how often each testcase is run. ``time_limit``: seconds of the whole run, None: no more than
    its testcases one after the other may take. ``operator`` changes LAGs that have been set up by hand.
    """

    def __init__(
        self,
        lab: Lab,
        controller: Controller,
        worker: Worker,
        *,
        soak: bool = False,
        repeat: int = 1,
        time_limit: float | None = None,
        operator: Operator | None = None,
    ) -> None:
        self._lab = lab
        self._controller = controller
        self._worker = worker
        self._soak = soak
        self._repeat = repeat
        self._time_limit = time_limit
        self._asking = Asking(lab, operator, controller, self._look) if operator else None
        self._session: pytest.Session
        self._queue: deque[int] = deque()
        self._runs: dict[int, list[tuple[Result, bool]]] = defaultdict(list)
        self._processes: list[BenchProcess] = []
        self._arranged: dict[int, int] = {}  # how many wires through the switch a testcase is to have
        self._lookers: dict[str, BenchProcess] = {}  # who has seen what testcases only look at
        self._side_by_side = SideBySide.of(lab.benches, 1, lab.limits.late)
        self._alone = False
        self._over_at = float("inf")
        self._started = 0
        self._was_up = False  # any bench
        self._deaths = 0  # of processes that had nothing in hand, in a row
        self._parked: list[str] = []  # why, of each bench that is
        self._interrupted = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run everything; every testcase has a result then, or the run was told to end."""
        self._session = session
        for index, item in enumerate(session.items):
            spec = spec_of(item)
            if spec is None or not self._may_run(spec):
                self._run_here(item)
            else:
                self._queue.append(index)
                self._arranged[index] = len(tunnels(arrangement(self._lab, spec)))
        limit = self._time_limit or self._longest()
        self._over_at = time.monotonic() + limit
        self._side_by_side = SideBySide.of(
            self._lab.benches, len(self._queue) * self._repeat, self._lab.limits.late
        )
        self._queue = deque(index for index in self._queue for _ in range(self._repeat))
        try:
            self._run_all()
            self._confirm()
            self._close()
        except NoAnswer as ended:
            self._over_at = float("inf")
            self._end_all()
            self._tell_all()
            self._controller.give_up(str(ended))
        except TimeOver:
            self._interrupt()
            self._controller.give_up(f"the run's time limit of {duration(limit)} was over (--time-limit)")
        except BenchGone as gone:
            self._interrupt()
            self._controller.give_up(f"no bench is left: {gone}")
        except BaseException:
            self._interrupt()
            raise
        finally:
            if self._asking is not None:
                self._asking.put_back(self._controller.say)
        return True

    def _run_all(self) -> None:
        """Run every testcase, once or as often as is asked for."""
        self._work()

    def _close(self) -> None:
        """All is run; no bench is needed any more."""
        self._end_all()

    def _may_run(self, spec: Spec) -> bool:
        """Whether a bench can run it, if perhaps not before the operator has set something."""
        return not lacks(self._lab, spec) or (self._asking is not None and self._asking.picture.may_run(spec))

    def _run_here(self, item: pytest.Item) -> None:
        for report in self._here(item):
            item.ihook.pytest_runtest_logreport(report=report)

    def _here(self, item: pytest.Item) -> list[pytest.TestReport]:
        """What needs no bench runs in this process."""
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        reports: list[pytest.TestReport] = runtestprotocol(item, nextitem=None, log=False)
        return reports

    def _longest(self) -> float:
        """Seconds that the testcases may take one after the other, with all that a run does besides."""
        times = [time_allowed(self._spec(index), self._lab, soak=self._soak) for index in self._queue]
        return 2 * sum(times) * self._repeat + 600.0

    def _spec(self, index: int) -> Spec:
        return spec_of(self._session.items[index]) or Spec(())

    # -- the run

    def _work(self) -> None:
        """Until nothing is left to run."""
        while self._queue or any(one.running is not None for one in self._processes):
            if not self._staff():
                return
            self._look()
            if self._session.shouldfail:  # as pytest's own loop, for -x and plugins
                raise self._session.Failed(self._session.shouldfail)

    def _staff(self) -> bool:
        """See to it that as many benches work as may. False where there is none, and will be none."""
        now = time.monotonic()
        working = [one for one in self._processes if one.running is not None]
        wanted = min(1 if self._alone else self._side_by_side.look(now, len(working)), self._benches_left)
        coming = [one for one in self._processes if not one.ending]
        while len(coming) < min(wanted, len(working) + len(self._queue)):
            self._processes.append(self._start())
            coming.append(self._processes[-1])
        if not coming:
            self._controller.give_up(f"no bench is left: {self._parked[-1]}")
            return False
        for one in coming:
            if one.ready and one.running is None:
                if self._asking is not None:
                    self._ask(self._asking)
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
        if self._time_limit is None:
            self._over_at += time.monotonic() - began

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
        return self._asking is None or self._asking.picture.is_ready(self._spec(index))

    def _terms(self, _one: BenchProcess) -> list[Any]:
        """What a bench is told with the testcase that it is given, as `RUN` has it."""
        return [self._asking.set_by_hand] if self._asking is not None else []

    def _hand(self, one: BenchProcess, index: int) -> None:
        """Give a bench a testcase."""
        self._queue.remove(index)
        if looks_at := self._spec(index).looks_at:
            self._lookers[looks_at] = one
        item = self._session.items[index]
        one.running, one.began, one.arranged = index, time.monotonic(), self._arranged[index]
        self._controller.benches[item.nodeid] = one.name
        allowed = time_allowed(self._spec(index), self._lab, soak=self._soak)
        one.due = one.began + allowed + (1 + PATIENCE) * grace(self._lab)
        if self._asking is not None:
            one.due += BRING_UP_TIME + GRACE  # in which the last change is held against the wires
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        one.order(RUN, index, len(self._runs.get(index, ())) + 1, *self._terms(one))

    @property
    def _everyone(self) -> list[BenchProcess]:
        """Every process that belongs to the run."""
        return list(self._processes)

    def _look(self) -> None:
        """Hear what the benches say, see who has ended, end who is over time. Raises TimeOver."""
        everyone = self._everyone
        places: dict[Any, BenchProcess] = {one.connection: one for one in everyone}
        places |= {one.process.sentinel: one for one in everyone}
        for one in {id(places[it]): places[it] for it in wait(list(places), LOOK)}.values():
            self._hear(one)
            if not one.process.is_alive():
                self._hear(one)  # what it said last
                self._ended(one)
        now = time.monotonic()
        for one in self._everyone:
            if now > one.due:
                one.kill("it did not come to an end when its time was over")
        self._controller.look(
            sum(one.running is not None for one in self._processes), self._side_by_side.wanted
        )
        if now > self._over_at:
            raise TimeOver

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
            self._controller.not_left_as_found(*told)
        elif word == WRONG:
            self._set_otherwise(one, *told)
        elif word == UNFIT:
            self._controller.unfit(*told)
        elif word == DOWN:
            name, cause, details = told
            one.ending, one.ready = True, False
            one.due = time.monotonic() + END_TIME
            self._park(name, cause, details)

    def _park(self, name: str, cause: str, details: str) -> None:
        """A bench that broke some times in a row does no more."""
        self._parked.append(f"{name}: {cause}")
        self._controller.parked(name, cause, details)

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
        return self._controller.without_result(nodeid, message, details, seconds, one.name)

    # -- results

    def _set_otherwise(self, one: BenchProcess, index: int, words: str) -> None:
        """The operator has not set what he was asked for: its testcase waits until he has."""
        one.running, one.ready, one.rested = None, False, time.monotonic()
        one.due = time.monotonic() + RENEWAL_TIME
        self._queue.appendleft(index)
        if self._asking is not None:
            self._asking.told_otherwise(words)

    def _done(self, one: BenchProcess, index: int, told: list[dict[str, Any]]) -> None:
        config = self._session.config
        reports = [config.hook.pytest_report_from_serializable(config=config, data=data) for data in told]
        result = self._controller.result_of(reports)
        if result is None:
            result = self._lost(one, "the testcase gave no result", "")
        if self._interrupted and result.verdict is Verdict.ERROR:
            return  # it was ended, and the controller says what ended it
        one.ready = False
        if not one.ending:
            one.due = time.monotonic() + RENEWAL_TIME
        self._deaths = 0
        if self._asking is not None:
            self._asking.proven()
        self._finish(one, index, result)

    def _finish(self, one: BenchProcess, index: int, result: Result) -> None:
        """Keep a result, and tell it where no other run of that testcase is to come."""
        one.running, one.rested = None, time.monotonic()
        runs = self._runs[index]
        runs.append((result, self._alone))
        if self._repeat > 1:
            if len(runs) == self._repeat:
                self._tell(index, attempts.repeated([run for run, _ in runs]))
            return
        if self._alone or not self._lab.confirms or not self._controller.is_troubled(result):
            self._tell(index, attempts.settled(runs))
            return
        again = result.verdict is Verdict.INCONCLUSIVE and len(runs) <= attempts.AGAIN
        if again:
            self._queue.append(index)
        self._controller.provisional(result, again=again)

    def _tell(self, index: int, result: Result) -> None:
        """The result is final."""
        item = self._session.items[index]
        self._controller.final(result)
        item.ihook.pytest_runtest_logreport(report=report_of(item, result))
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)

    def _confirm(self) -> None:
        """What did not pass beside other benches is run once more with nothing beside it."""
        final = self._controller.recorded
        items = self._session.items
        left = [index for index in self._runs if items[index].nodeid not in final]
        if self._repeat > 1 or not left:
            return
        left_out = len(left[attempts.MOST :])
        for index in left[attempts.MOST :]:
            self._tell(index, attempts.settled(self._runs[index]))
        left = left[: attempts.MOST]
        self._end_all(but=1)
        self._alone = True
        self._queue.extend(left)
        self._controller.once_more(len(left), left_out)
        self._work()
        self._tell_all()

    def _tell_all(self) -> None:
        """What was run and waits for another run has the verdict that it has; there is no bench for more."""
        for index, runs in self._runs.items():
            if self._session.items[index].nodeid not in self._controller.recorded:
                told = attempts.repeated([run for run, _ in runs]) if self._repeat > 1 else None
                self._tell(index, told or attempts.settled(runs))

    # -- the end

    def _end_all(self, but: int = 0) -> None:
        """Take benches down that are at rest, all or all but some, and wait until that is done."""
        staying = [one for one in self._processes if one.ready and not one.ending][:but]
        for one in self._others(staying):
            one.end()
        while self._others(staying):
            self._look()

    def _others(self, staying: Sequence[BenchProcess]) -> list[BenchProcess]:
        return [one for one in self._processes if one not in staying]

    def _interrupt(self) -> None:
        """The run ends before its time: so do the benches, each in the middle of its testcase."""
        self._over_at, self._interrupted = float("inf"), True
        with undisturbed():
            for one in self._processes:
                one.running, one.ending = None, True
                one.due = time.monotonic() + END_TIME
                with suppress(ProcessLookupError):
                    os.kill(one.process.pid or 0, signal.SIGTERM)
                one.order(END)  # an exception can be lost on its way, as in a callback of C code
            while self._processes:
                self._look()
        self._tell_all()
