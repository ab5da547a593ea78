"""Bounds what runs in a bench's process: first by an exception, then by its end.

A Python call that takes too long is interrupted by a signal (SIGALRM, setitimer(2)), wherever it waits or
spins; what holds the interpreter itself, in C, is ended by faulthandler, whose thread needs no interpreter.
"""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from harness.catalogue.claims import Spec
from harness.lab.schema import Lab
from harness.run.plan import capabilities

ROOM = 3
"""Times its claim that a testcase may take: the machine may be slower than the one where it was measured."""

GRACE = 10.0
"""Seconds after the exception in which a bench that is well comes to its end."""

SOAK_TIME = 24 * 3600.0
"""Seconds of a testcase whose full form was asked for: its claim is about the short one."""

BRING_UP_TIME = 180.0
"""Seconds that bringing up a bench, or taking it down, may take, without a switch that boots."""

RELOADS = frozenset({"switch:reload", "reload"})
"""What a testcase needs that reloads the switch; the second where that is what is under test."""


class Overrun(BaseException):
    """What was to be done took too long; no `except Exception` may pass over it.

    ``stacks`` are those of all threads when its time was over.
    """

    def __init__(self, seconds: float, stacks: str) -> None:
        super().__init__(seconds, stacks)
        self.seconds = seconds
        self.stacks = stacks

    def __str__(self) -> str:
        return f"it was ended after {self.seconds:g} s"


def time_allowed(spec: Spec, lab: Lab, *, soak: bool = False) -> float:
    """Seconds a testcase may take on a bench: `ROOM` times its claim, and `limits.overrun` besides.

    One that reloads the switch has claimed what a short boot takes, and gets the time of that one's.
    """
    claimed = spec.time(short="short_timeout" in capabilities(lab))
    if RELOADS.intersection(spec.all_needs):
        claimed += boot_time(lab)
    return (SOAK_TIME if soak else ROOM * claimed) + lab.limits.overrun


def bring_up_time(lab: Lab) -> float:
    """Seconds that bringing up a bench, or taking it down, may take: a killed run may have left its switch
    booting."""
    return BRING_UP_TIME + boot_time(lab)


def boot_time(lab: Lab) -> float:
    """Seconds that a reload of the switch takes at most; 0 where it is not reloaded."""
    return lab.switch.boot_time if lab.switch is not None and "reload" in lab.switch.may else 0.0


def grace(lab: Lab) -> float:
    """Seconds from the exception to the end of the process."""
    return min(GRACE, lab.limits.overrun)


@contextmanager
def bounded(seconds: float, more: float, stacks: int) -> Iterator[None]:
    """Raise Overrun in what takes longer than ``seconds``; for main threads only.

    What goes on for ``more`` seconds ends the process with exit code 1, the stacks of all threads written to
    the file descriptor ``stacks``.
    """
    armed = True

    def overrun(_number: int, _frame: FrameType | None) -> None:
        if armed:
            raise Overrun(seconds, all_stacks())

    before = signal.signal(signal.SIGALRM, overrun)
    faulthandler.dump_traceback_later(seconds + more, exit=True, file=stacks)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)


def all_stacks() -> str:
    """Where every thread of this process is now."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    texts = []
    for ident, frame in sys._current_frames().items():
        lines = "".join(traceback.format_stack(frame))
        texts.append(f"thread {names.get(ident, ident)}:\n{lines}")
    return "\n".join(texts)
