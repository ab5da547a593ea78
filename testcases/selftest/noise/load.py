"""Load that comes and goes at random from a seed, beside a run of the suite; or that stays.

It begins and ends its own processes alone, and does to the run's processes only what a busy machine does to
them: they wait.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from harness.bench.locks import STATE
from harness.run.interrupt import children
from harness.traffic.resource import Resource

LOWEST = 19
"""nice(2): what is so patient runs when nobody else wants to."""

BUSY = ["sh", "-c", "while kill -0 $PPID 2>/dev/null; do :; done"]
"""Does nothing, all the time; ends with who has started it, also where that is killed."""

WRITTEN = 256
"""Mebioctets of one burst of disk writes."""


@dataclass(frozen=True)
class Episode:
    """A kind of load, after ``quiet`` seconds, for ``seconds``; ``number`` of what it is about."""

    kind: str
    quiet: float
    seconds: float
    number: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.number or ''} for {self.seconds:.1f} s".replace("  ", " ")


def episodes(seed: int) -> Iterator[Episode]:
    """Without end, the same for the same seed."""
    drawn = random.Random(seed)
    while True:
        kind = drawn.choice(["busy", "busy", "busy", "disk", "stopped", "patient"])
        quiet = drawn.uniform(1, 10)
        if kind == "busy":
            yield Episode(kind, quiet, drawn.uniform(5, 60), drawn.randint(2, 8))
        elif kind == "disk":
            yield Episode(kind, quiet, 0.0, drawn.randint(1, 4))
        elif kind == "stopped":
            yield Episode(kind, quiet, drawn.uniform(0.1, 3.0), drawn.randint(0, 63))
        else:
            yield Episode(kind, quiet, drawn.uniform(5, 30), drawn.randint(0, 63))


class Load(Resource):
    """While it is open, loads the machine beside the run of process ``run``.

    ``busy``: so many processes all the time; None: the episodes of ``seed``. ``told`` has what was done.
    """

    def __init__(self, run: int, seed: int, busy: int | None) -> None:
        self.told: list[str] = []
        self._run = run
        self._seed = seed
        self._stack = ExitStack()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        if busy is None:
            self._thread = threading.Thread(target=self._play, name="load", daemon=True)
            self._thread.start()
        elif busy:
            self._stack.enter_context(_busy(busy))
            self.told.append(f"{busy} busy processes all the time")

    def close(self) -> None:
        """End it, and let everything run again."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self._stack.close()

    def _play(self) -> None:
        kinds: dict[str, Callable[[Episode], None]] = {
            "busy": self._busy,
            "disk": self._disk,
            "stopped": self._stopped,
            "patient": self._patient,
        }
        for episode in episodes(self._seed):
            if self._ended.wait(episode.quiet):
                return
            with suppress(ProcessLookupError):  # it has just ended
                kinds[episode.kind](episode)
                self.told.append(str(episode))

    def _busy(self, episode: Episode) -> None:
        with _busy(episode.number):
            self._ended.wait(episode.seconds)

    def _disk(self, episode: Episode) -> None:
        with tempfile.NamedTemporaryFile(prefix="agr-noise-") as file:
            size = f"count={WRITTEN * episode.number}"
            words = ["dd", "if=/dev/zero", f"of={file.name}", "bs=1M", size, "conv=fsync", "status=none"]
            subprocess.run(words, check=True, timeout=600)

    def _stopped(self, episode: Episode) -> None:
        """One of the run's processes is stopped and goes on."""
        if benches := sorted(children(self._run)):
            pid = benches[episode.number % len(benches)]
            os.kill(pid, signal.SIGSTOP)
            try:
                self._ended.wait(episode.seconds)
            finally:
                os.kill(pid, signal.SIGCONT)

    def _patient(self, episode: Episode) -> None:
        """One agrd has the lowest priority among as many busy processes as there are processors, and one."""
        daemons = sorted(_daemons(set(children(self._run))))
        if not daemons:
            return
        pid = daemons[episode.number % len(daemons)]
        with _busy((os.cpu_count() or 1) + 1):
            _renice(pid, LOWEST)
            try:
                self._ended.wait(episode.seconds)
            finally:
                _renice(pid, 0)


@contextmanager
def _busy(number: int) -> Iterator[None]:
    started = [subprocess.Popen(BUSY) for _ in range(number)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def _renice(pid: int, nice: int) -> None:
    """Each thread has its own priority (sched(7))."""
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, int(task.name), nice)


def _daemons(owners: set[int]) -> Iterator[int]:
    """The agrd of each bench that is one of these processes' now."""
    for note in STATE.glob("agr-lab*/in-use"):
        with suppress(OSError, ValueError):
            if int(note.read_text()) in owners:
                yield from _in_namespace(f"{note.parent.name}-host")


def _in_namespace(name: str) -> Iterator[int]:
    """Processes of agr's daemon in a network namespace."""
    wanted = Path("/run/netns", name).stat().st_ino
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "ns" / "net").stat().st_ino == wanted and b"agr" in (entry / "cmdline").read_bytes():
                yield int(entry.name)
