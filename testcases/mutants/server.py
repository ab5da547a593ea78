"""Runs mutants side by side: everything but agr is imported here once, each mutant is a fork of that."""

from __future__ import annotations

import json
import os
import resource
import selectors
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, NoReturn

from harness.bench.opening import opened
from harness.lab.schema import Lab
from testcases.in_process import ROWS, Testcase, fit_for, run, seconds_of, whole_suite
from testcases.mutants.child import Found, Trial, try_mutant, try_self_tests
from testcases.mutants.mutant import Mutant
from testcases.mutants.reach import AT_IMPORT, Lines, Reach, may_notice
from testcases.mutants.scope import claimed_by, clauses, own_choice

MOST_SECONDS = 600.0
"""Of the processor, for the whole suite without any mutation; more is a fault of the bench."""

LEAST_LIMIT = 3.0
TIMES_LONGER = 10.0
"""A testcase may take so many times longer on a mutant than without, and so many seconds in any case."""

WHOLE_LIMIT = 90
"""Seconds of the processor for all testcases of one mutant; the kernel ends what does not stop itself."""

MEMORY = 2 << 30

MANY = 100
"""With so many mutants it is worth the time to see first which testcases run which code."""

TROUBLE = 2
ENDED_BY_THE_KERNEL = (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGSEGV)
"""Of a process: too much of the processor, of memory or of the stack. All else is trouble of the bench."""


@dataclass
class _Child:
    mutant: Mutant
    pid: int
    pipe: int
    begun: float = field(default_factory=time.monotonic)
    said: bytes = b""


class Server:
    """Tries mutants of agr on a simulated bench, ``jobs`` at a time."""

    def __init__(self, lab: Lab, jobs: int) -> None:
        self._lab = lab
        self._jobs = jobs
        suite = whole_suite()
        self._taken: dict[str, float] = _in_a_child(lambda: self._without_mutation(suite))
        self._testcases = [testcase for testcase in suite if testcase.nodeid in self._taken]
        self._testcases.sort(key=lambda testcase: self._taken[testcase.nodeid])
        self._reach: Reach | None = None
        self._catches: Counter[tuple[str, str]] = Counter()  # by code and testcase

    @property
    def count(self) -> int:
        """How many testcases there are."""
        return len(self._testcases)

    @property
    def seconds(self) -> float:
        """What the whole suite takes of the processor."""
        return sum(self._taken.values())

    def run(self, mutants: Sequence[Mutant]) -> Iterator[Found]:
        """Each mutant's outcome, as it comes."""
        if len(mutants) >= MANY:
            self._reach = _in_a_child(self._lines_of_each)
        waiting = list(reversed(mutants))
        selector = selectors.DefaultSelector()
        try:
            while waiting or selector.get_map():
                while waiting and len(selector.get_map()) < self._jobs:
                    child = self._start(waiting.pop())
                    selector.register(child.pipe, selectors.EVENT_READ, child)
                for key, _ in selector.select():
                    child = key.data
                    octets = os.read(child.pipe, 1 << 16)
                    child.said += octets
                    if not octets:
                        selector.unregister(child.pipe)
                        found = self._end(child)
                        self.learn(child.mutant, found)
                        yield found
        finally:
            for key in list(selector.get_map().values()):
                os.kill(key.data.pid, signal.SIGKILL)
                self._end(key.data)

    def learn(self, mutant: Mutant, found: Found) -> None:
        """What has noticed one mutant may notice others of the same code."""
        for code in (mutant.file, f"{mutant.file}:{mutant.qualname}"):
            self._catches[code, found.by] += 1

    def _trial(self, mutant: Mutant, say: Callable[[str], None]) -> Trial:
        """The testcases that claim a clause of the broken code, and the others; the likeliest first, then the
        quickest. Those that do not run the broken code are left out.
        """
        wanted = clauses(mutant.file, mutant.qualname)
        reach = self._reach
        testcases = [one for one in self._testcases if reach is None or may_notice(mutant, one.nodeid, reach)]

        def likely(one: Testcase) -> tuple[int, int]:
            own = self._catches[f"{mutant.file}:{mutant.qualname}", one.nodeid]
            return -own, -self._catches[mutant.file, one.nodeid]

        testcases.sort(key=likely)

        def claims(row: str) -> bool:
            return claimed_by(wanted, ROWS.row(row))

        claiming = [one for one in testcases if any(map(claims, one.spec.rows))]
        others = [one for one in testcases if one not in claiming]
        return Trial(self._lab, claiming, others, self._limit, claims, say)

    def _limit(self, testcase: Testcase) -> float:
        return max(LEAST_LIMIT, TIMES_LONGER * self._taken[testcase.nodeid])

    def _start(self, mutant: Mutant) -> _Child:
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(reading)
            self._become(mutant, writing)
        os.close(writing)
        return _Child(mutant, pid, reading)

    def _become(self, mutant: Mutant, pipe: int) -> NoReturn:
        """The child; it ends here."""
        _bounds()

        def say(words: str) -> None:
            os.write(pipe, words.encode() + b"\n")

        try:
            own = own_choice(mutant.id)
            if own is None:
                found = try_mutant(mutant, self._trial(mutant, say))
            else:
                found = try_self_tests(mutant, own.judge)
            say(json.dumps(found.as_json()))
        except BaseException as error:
            print(f"{mutant.id}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(TROUBLE)
        os._exit(0)

    def _end(self, child: _Child) -> Found:
        os.close(child.pipe)
        _, status = os.waitpid(child.pid, 0)
        lines = child.said.decode().splitlines()
        if lines and lines[-1].startswith("{"):
            found = Found(**json.loads(lines[-1]))
        elif os.waitstatus_to_exitcode(status) not in ENDED_BY_THE_KERNEL:
            raise RuntimeError(f"{child.mutant.id}: the bench broke down (status {status:#x})")
        else:
            by = lines[-1] if lines else ""
            claims = by in [testcase.nodeid for testcase in self._trial(child.mutant, str).claiming]
            said = f"the process did not come to its end (status {status:#x})"
            found = Found(child.mutant.id)
            found.catch(by, said, claims)
        found.seconds = round(time.monotonic() - child.begun, 2)
        return found

    def _without_mutation(self, suite: Sequence[Testcase]) -> dict[str, float]:
        """What each testcase that the bench can run takes."""
        with opened(self._lab) as (bench, _):
            return seconds_of(fit_for(self._lab, suite), bench, MOST_SECONDS)

    def _lines_of_each(self) -> dict[str, dict[str, list[int]]]:
        """The lines of agr's core that each testcase runs."""
        lines = Lines()
        with ExitStack() as stack:
            with lines.noted() as at_import:
                bench, _ = stack.enter_context(opened(self._lab))
            found = {AT_IMPORT: at_import}
            for testcase in self._testcases:
                with lines.noted() as found[testcase.nodeid]:
                    run(testcase, bench, MOST_SECONDS)
        return found


def _in_a_child(work: Callable[[], Any]) -> Any:
    """What a function gives, called in a child: agr must not be imported here. JSON-ready.

    Raises RuntimeError with what the child raised.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            said = {"gives": work()}
        except BaseException as error:
            said = {"raises": str(error)}
        with os.fdopen(writing, "w") as pipe:
            json.dump(said, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = json.loads(pipe.read() or '{"raises": "the bench did not come up"}')
    os.waitpid(pid, 0)
    if "raises" in told:
        raise RuntimeError(told["raises"])
    return told["gives"]


def _bounds() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (WHOLE_LIMIT, WHOLE_LIMIT))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
