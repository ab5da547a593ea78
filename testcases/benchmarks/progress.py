"""What a benchmark is doing, on a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from harness.report.text import duration


class Progress:
    """A bar a benchmark while it runs; where the output is no terminal, lines as each begins and ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[live]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Progress:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    @contextmanager
    def benchmark(self, name: str, number: int, count: int) -> Iterator[None]:
        """One of so many; it says how long it took, whatever came of it."""
        begun = time.monotonic()
        self._say(f"{name} begins, {number} of {count}")
        try:
            yield
        finally:
            self._say(f"{name} ended after {duration(time.monotonic() - begun)}")

    def _say(self, words: str) -> None:
        if not self._console.is_terminal:
            self._console.print(words, highlight=False, soft_wrap=True)
            self._console.file.flush()

    def live(self, words: str) -> None:
        """Show a rate, or what else is of the moment, beside the bar of the rounds at work."""
        if self._task is not None:
            self._bars.update(self._task, live=words)

    def rounds(self, what: str, count: int) -> Iterator[int]:
        """0 .. count - 1."""
        self._say(f"  {what}: {count} round{'' if count == 1 else 's'}")
        task = self._task = self._bars.add_task(what, total=count, live="")
        try:
            for number in range(count):
                yield number
                self._bars.advance(task)
        finally:
            self._task = None
            self._bars.remove_task(task)


class Rate:
    """Frames a second between two looks."""

    def __init__(self) -> None:
        self._frames, self._time = 0, time.monotonic()

    def words(self, frames: int) -> str:
        """Of all frames so far: the rate since the last look, "0.47 million frames/s"."""
        now = time.monotonic()
        rate = (frames - self._frames) / max(now - self._time, 1e-6)
        self._frames, self._time = frames, now
        return f"{rate / 1e6:.2f} million frames/s"
