"""What a benchmark is doing, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class Progress:
    """A bar a benchmark while it runs; nothing where the output is no terminal."""

    def __init__(self, console: Console) -> None:
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Progress:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def rounds(self, what: str, count: int) -> Iterator[int]:
        """0 .. count - 1."""
        task = self._bars.add_task(what, total=count)
        try:
            for number in range(count):
                yield number
                self._bars.advance(task)
        finally:
            self._bars.remove_task(task)
