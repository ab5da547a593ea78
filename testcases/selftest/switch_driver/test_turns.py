"""A command line that several processes speak to: one at a time, and nobody keeps it who has ended."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from harness.switch import Switch
from harness.switch.turns import in_turns

TURNS = 20
SPOKEN = "spoken"


class Spoken:
    """A switch whose calls write to a file when they begin and when they end."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def shut(self, port: str) -> None:
        self._write(f"{port} begins")
        self._write(f"{port} ends")

    @contextmanager
    def together(self) -> Iterator[None]:
        yield
        self.shut("together")

    def close(self) -> None:
        self._write("closed")

    def _write(self, words: str) -> None:
        with self._file.open("a") as file:
            file.write(f"{words}\n")


def speaker(folder: Path, waited: list[float] | None = None) -> Switch:
    switch: Any = Spoken(folder / SPOKEN)
    waits = [] if waited is None else waited
    return in_turns(cast(Switch, switch), folder / "turns", waits.append)


def speaks(folder: Path, name: str) -> None:
    switch = speaker(folder)
    for _ in range(TURNS):
        with switch.together():
            switch.shut(name)


def test_one_at_a_time(tmp_path: Path) -> None:
    """Whoever begins ends before another one begins, and so does what is done together."""
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=speaks, args=(tmp_path, name)) for name in "abc"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    lines = (tmp_path / SPOKEN).read_text().splitlines()
    assert len(lines) == len(processes) * TURNS * 4
    for turn in zip(*[iter(lines)] * 4, strict=True):
        name = turn[0].partition(" ")[0]
        assert turn == (f"{name} begins", f"{name} ends", "together begins", "together ends")


def keeps(folder: Path, connection: Connection) -> None:
    with speaker(folder).together():
        connection.send("in its turn")
        signal.pause()


def test_who_is_killed_keeps_no_turn_and_who_waited_says_so(tmp_path: Path) -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=keeps, args=(tmp_path, theirs))
    process.start()
    assert ours.poll(60) and ours.recv() == "in its turn"
    waited: list[float] = []
    switch = speaker(tmp_path, waited)

    def overdue(number: int, frame: object) -> None:
        os.kill(process.pid or 0, signal.SIGKILL)

    before = signal.signal(signal.SIGALRM, overdue)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        switch.shut("late")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        process.join()
    (seconds,) = waited
    assert seconds > 0.04
    switch.close()
    switch.close()
