"""Runs the testcases on all labs of a run, side by side where these share nothing, and sees to its end.

It takes the place of pytest's own loop over the collected items.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from multiprocessing.connection import wait
from typing import Any

import pytest

from harness.lab.sharing import shared
from harness.report.text import duration
from harness.run.bench_process import BenchProcess
from harness.run.controller import Controller
from harness.run.interrupt import undisturbed
from harness.run.lab_run import LabRun, Order
from harness.run.operator import NoAnswer
from harness.run.slice_run import SliceRun
from harness.run.worker import Worker

LOOK = 0.25
"""Seconds after which it looks at deadlines and at the terminal, whatever comes from the benches."""


_ENDED = object()


class TimeOver(Exception):
    """The run as a whole has taken the time that it gets."""


class Dispatcher:
    """Plugin of the process that started the run; see the module."""

    def __init__(self, controller: Controller, worker: Worker, order: Order) -> None:
        self._controller = controller
        self._worker = worker
        self._order = order
        self._labs: list[LabRun] = []
        self._ended: set[LabRun] = set()  # their testcases have been run
        self._over_at = float("inf")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run everything; every testcase has a result then, or the run was told to end."""
        self._controller.here = None
        self._labs = [
            (SliceRun if results.lab.is_sliced else LabRun)(
                session, results, self._controller, self._worker, self._order, self._look
            )
            for results in self._controller.labs
        ]
        for lab in self._labs:
            lab.begin(len(self._labs))
        limit = self._order.time_limit or sum(lab.longest for lab in self._labs)
        self._over_at = time.monotonic() + limit
        try:
            self._drive(self._in_turn(lab) for lab in self._labs)
            for lab in self._labs:
                if lab.unconfirmed:
                    self._drive(other.close() for other in self._labs if other is not lab)
                    self._drive([lab.confirm()])
            self._drive(lab.close() for lab in self._labs)
        except NoAnswer as ended:
            self._over_at = float("inf")
            self._drive(lab.close() for lab in self._labs)
            self._tell_all()
            self._controller.give_up(str(ended))
        except TimeOver:
            self._interrupt()
            self._controller.give_up(f"the run's time limit of {duration(limit)} was over (--time-limit)")
        except BaseException:
            self._interrupt()
            raise
        finally:
            for lab in self._labs:
                if lab.asking is not None:
                    lab.asking.put_back(self._controller.say)
        return True

    def _in_turn(self, lab: LabRun) -> Iterator[None]:
        """Run a lab's testcases when the labs before it that share something with it have ended."""
        place = self._labs.index(lab)
        shares = [number for number, other in enumerate(self._labs) if shared(other.lab, lab.lab)]
        before = {self._labs[number] for number in shares if number < place}
        while not self._ended >= before:
            yield
        yield from lab.run()
        if any(number > place for number in shares):
            yield from lab.close()
        self._ended.add(lab)

    def _drive(self, steps: Iterable[Iterator[None]]) -> None:
        """Take all of these step by step, side by side, until each has ended."""
        left = list(steps)
        while left := [one for one in left if next(one, _ENDED) is not _ENDED]:
            self._look()

    def _look(self) -> None:
        """Hear what the benches say, see who has ended, end who is over time. Raises TimeOver."""
        places: dict[Any, tuple[LabRun, BenchProcess]] = {}
        for lab in self._labs:
            places |= {one.connection: (lab, one) for one in lab.everyone}
            places |= {one.process.sentinel: (lab, one) for one in lab.everyone}
        for lab, one in {id(places[it][1]): places[it] for it in wait(list(places), LOOK)}.values():
            lab.heard(one)
        now = time.monotonic()
        for lab in self._labs:
            lab.end_overdue(now)
        working, wanted = sum(lab.working for lab in self._labs), sum(lab.wanted for lab in self._labs)
        self._controller.look(working, wanted)
        asked = 0.0 if self._order.time_limit else sum(lab.asked for lab in self._labs)
        if now > self._over_at + asked:
            raise TimeOver

    def _tell_all(self) -> None:
        for lab in self._labs:
            lab.tell_all()

    def _interrupt(self) -> None:
        """The run ends before its time: so do all benches."""
        self._over_at = float("inf")
        with undisturbed():
            self._drive(lab.interrupt() for lab in self._labs)
        self._tell_all()
