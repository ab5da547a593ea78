"""A process for each bench: the run's own process forks it once all testcases are collected.

It brings its bench up, runs what it is told to, one testcase at a time, and takes the bench down. What it
says comes through a pipe, by which the run's process also sees its end, however it comes.
"""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from harness.bench.slices import Held
from harness.catalogue.claims import Spec, spec_of
from harness.dut.fixed import FixedLag
from harness.dut.implementation import Variable
from harness.lab.schema import Lab
from harness.run.interrupt import follow_parent, undisturbed
from harness.run.watchdog import GRACE, Overrun, bounded, bring_up_time, grace, time_allowed
from harness.run.worker import Trouble, Worker
from harness.verdict import BenchError

HEARTBEAT = 1.0
"""Seconds from one word about its strain to the next."""

PATIENCE = 2.0
"""Times that grace for which the run's process waits beyond what a bench's process gives itself."""

IN_A_ROW = 3
"""Times that a bench may break, one after the other, before it is parked."""

END, RUN = "end", "run"
UP, DOWN, DONE, STRAIN, LEFT, UNFIT, WRONG = "up", "down", "done", "strain", "left", "unfit", "wrong"


@dataclass(frozen=True)
class SetByHand:
    """How LAGs are set that an operator has changed.

    ``unproven`` are the ports and the variables of a change that no wire has confirmed yet.
    """

    lags: list[FixedLag]
    unproven: tuple[Sequence[str], Mapping[str, Variable]] | None = None


@dataclass
class BenchProcess:
    """The run's end of a bench's process.

    ``running`` is the index of the testcase there, None between two; ``due`` when its time is over
    (time.monotonic), ``rested`` since when it has none; ``name`` is the bench's once it is up. It is
    ``arranged`` with so many wires through the switch, None before its first testcase. Of a slice ``number``
    is its own, ``wires`` are those that it was given last, ``beside`` the testcases that ran beside its own.
    """

    number: int
    process: multiprocessing.process.BaseProcess
    connection: Connection
    stacks: int  # file descriptor: what faulthandler wrote when the process ended
    lab: Lab
    due: float
    name: str = ""
    ready: bool = False
    running: int | None = None
    began: float = 0.0
    rested: float = 0.0
    arranged: int | None = None
    wires: tuple[str, ...] = ()
    beside: set[int] = field(default_factory=set)
    killed_for: str = ""
    ending: bool = False

    def order(self, *words: Any) -> None:
        """Tell it something; who has just ended hears nothing any more."""
        with contextlib.suppress(OSError):
            self.connection.send(words)

    def end(self) -> None:
        """Take the bench down and end; once is enough."""
        if not self.ending:
            self.ending, self.ready = True, False
            self.due = time.monotonic() + bring_up_time(self.lab) + PATIENCE * GRACE
            self.order(END)

    def kill(self, why: str) -> None:
        """End it at once; what it leaves behind the next bench of that name undoes."""
        self.killed_for = self.killed_for or why
        self.process.kill()

    def last_words(self) -> str:
        """The stacks that it wrote when it was ended, if it did."""
        return os.pread(self.stacks, 1 << 20, 0).decode(errors="replace")

    def how_it_ended(self) -> str:
        """Why its process is gone, in words."""
        code, words = self.process.exitcode, self.last_words()
        if self.killed_for:
            return self.killed_for
        if words:
            return "it did not return from a call" if "Timeout (" in words else "it crashed"
        return f"it was killed ({signal.Signals(-code).name})" if code and code < 0 else f"exit code {code}"

    def close(self) -> None:
        """It has ended."""
        self.process.join()
        self.connection.close()
        os.close(self.stacks)


def forked(lab: Lab, number: int, target: Callable[..., None], *arguments: object) -> BenchProcess:
    """Fork a process of a bench; it begins with its end of the pipe, our end, which is not its own, the
    descriptor for its last words, and these arguments."""
    ours, theirs = multiprocessing.Pipe()
    stacks = os.memfd_create(f"stacks-{number}")
    context = multiprocessing.get_context("fork")
    process = context.Process(
        target=target, args=(theirs, ours, stacks, *arguments), name=f"bench-{number}", daemon=False
    )
    process.start()
    theirs.close()
    due = time.monotonic() + IN_A_ROW * (bring_up_time(lab) + PATIENCE * GRACE)
    return BenchProcess(number, process, ours, stacks, lab, due)


def start(
    session: pytest.Session, worker: Worker, number: int, slice_: tuple[Held, int] | None = None
) -> BenchProcess:
    """Fork a process for one more bench, or a slice (`Worker.slice`), which begins to bring it up."""
    return forked(worker.lab, number, _main, session, worker, slice_)


def _main(
    connection: Connection,
    not_ours: Connection,
    stacks: int,
    session: pytest.Session,
    worker: Worker,
    slice_: tuple[Held, int] | None,
) -> None:
    not_ours.close()
    worker.slice = slice_
    faulthandler.enable(file=stacks)
    capture = session.config.pluginmanager.getplugin("capturemanager")
    if capture is not None:  # what testcases print goes to files of this process alone
        capture.stop_global_capturing()
        capture.start_global_capturing()
        capture.suspend_global_capture(in_=True)
    served = _Served(session, worker, connection, stacks)
    try:
        follow_parent()
        served.serve()
    except (KeyboardInterrupt, EOFError, OSError):
        pass  # told to end, or the run is gone
    finally:
        served.close()


def trouble_in(action: Callable[[], object], lab: Lab, stacks: int) -> Trouble | None:
    """Do something to a bench, within a bound; gives what went wrong. ``stacks`` is where last words go."""
    try:
        with bounded(bring_up_time(lab), GRACE, stacks):
            action()
    except BenchError as error:
        return Trouble(str(error))
    except Overrun as overrun:
        return Trouble(f"the bench was not done within {overrun.seconds:g} s", overrun.stacks)
    except Exception as error:
        words = f"{type(error).__name__}: {error}"
        return Trouble(words, "".join(traceback.format_exception(error)))
    return None


class _Served:
    """The bench's end of its process."""

    def __init__(self, session: pytest.Session, worker: Worker, connection: Connection, stacks: int) -> None:
        self._session = session
        self._worker = worker
        self._connection = connection
        self._stacks = stacks
        self._speaking = threading.Lock()
        self._ended = threading.Event()
        self._broken = 0  # times in a row
        self._trouble = Trouble("")

    def serve(self) -> None:
        """Do what it is told until that is to end."""
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        while self._is_up():
            self._say(UP, self._worker.name)
            word, *told = self._connection.recv()
            if word == END:
                return
            self._run(*told)
        self._say(DOWN, self._worker.name, self._trouble.cause, self._trouble.details)

    def close(self) -> None:
        """Take the bench down; say what keeps it from being left as it was found."""
        self._ended.set()
        with undisturbed(), contextlib.suppress(OSError):
            with contextlib.suppress(Exception):
                self._session._setupstate.teardown_exact(None)
            name = self._worker.name
            if left := trouble_in(self._worker.take_down, self._worker.lab, self._stacks):
                self._say(LEFT, name, left.cause)

    def _is_up(self) -> bool:
        """Whether there is a bench; where there is none it is made, some times in a row where that fails."""
        tries = IN_A_ROW if self._worker.was_up or self._worker.lab.kind == "emulated" else 1
        while not self._worker.is_up and self._broken < tries:
            if trouble := trouble_in(self._worker.bring_up, self._worker.lab, self._stacks):
                self._broken += 1
                self._trouble = trouble
        return self._worker.is_up

    def _run(
        self,
        index: int,
        attempt: int,
        set_by_hand: SetByHand | None = None,
        wires: tuple[str, ...] | None = None,
    ) -> None:
        """Run a testcase and say what became of it. A bench that broke is down when this returns, and a slice
        has left its ``wires``.

        Where the wires tell that the operator has set something otherwise, that is said, and it is not run.
        """
        if set_by_hand is not None:
            self._worker.believe(set_by_hand.lags)
            if wrong := self._told_otherwise(set_by_hand):
                self._say(WRONG, index, wrong)
                return
        item, config = self._session.items[index], self._session.config
        seconds = time_allowed(spec_of(item) or Spec(()), self._worker.lab, soak=config.getoption("--soak"))
        reports: list[pytest.TestReport] = []
        self._worker.attempt, self._worker.wires = attempt, wires
        try:
            with bounded(seconds, grace(self._worker.lab), self._stacks):
                reports = runtestprotocol(item, nextitem=None, log=False)
        except Overrun as overrun:  # between two phases of the testcase
            self._worker.broken = Trouble(str(overrun), overrun.stacks)
        told = [config.hook.pytest_report_to_serializable(config=config, report=report) for report in reports]
        if unfit := self._worker.unfit:
            self._say(UNFIT, self._worker.name, unfit)
        self._say(DONE, index, told)
        broken = self._worker.broken or trouble_in(self._worker.leave, self._worker.lab, self._stacks)
        if broken is None or broken.implementation:
            self._broken = 0
        else:
            self._broken += 1
        if broken is not None:
            self._trouble = broken
            trouble_in(
                self._worker.take_down, self._worker.lab, self._stacks
            )  # what is left of it the next one undoes

    def _told_otherwise(self, set_by_hand: SetByHand) -> str:
        """What the wires tell against it, in words. A bench that breaks here breaks in the testcase again."""
        told: list[str] = []
        if set_by_hand.unproven is not None:
            ports, values = set_by_hand.unproven
            look = partial(self._worker.told_otherwise, ports, values)
            trouble_in(lambda: told.append(look()), self._worker.lab, self._stacks)
        return "".join(told)

    def _beat(self) -> None:
        """Say from time to time how hard the machine makes it for this bench."""
        with contextlib.suppress(OSError):  # the run is gone
            while not self._ended.wait(HEARTBEAT):
                self._say(STRAIN, self._worker.strain())

    def _say(self, *words: Any) -> None:
        with self._speaking:
            self._connection.send(words)
