"""Lines on a terminal or in a log: what `agr-lab run` says, and benchmarks too, is put out here.

A verdict is always a word, colour only helps; NO_COLOR is obeyed.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.report.text import cut, one_line
from harness.verdict import Verdict

STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.UNSTEADY: "bold bright_blue",
    Verdict.ERROR: "bold magenta",
    Verdict.DEVIATION: "cyan",
    Verdict.NOT_JUDGED: "dim yellow",
    Verdict.NOT_APPLICABLE: "dim",
}

_FIELD = 1000
"""Characters of a text behind a label: a few lines."""


class Screen:
    """One stream, standard output where none is given. ``live``: somebody may watch."""

    def __init__(self, file: TextIO | None = None) -> None:
        stream = sys.stdout if file is None else file
        _never_fail_on_letters(stream)
        file = cast(TextIO, _Closable(stream)) if stream.isatty() else stream
        self.console = Console(file=file, highlight=False, markup=False, emoji=False)
        self.live = stream.isatty() and self.console.is_interactive

    def line(self, text: Text, indent: int = 0) -> None:
        """One line; on a terminal it is folded where it is too long."""
        if self.console.is_terminal:
            self.console.print(Padding(text, (0, 0, 0, indent)) if indent else text)
        else:  # a log is searched by line, so nothing is folded there
            self.console.print(Text(" " * indent) + text, soft_wrap=True)

    def question(self, text: Text) -> None:
        """A text whose answer is typed behind it."""
        self.console.print(text, end=" ")

    def heading(self, words: str, style: str) -> None:
        """A line after an empty one."""
        self.line(Text())
        self.line(Text(one_line(words), style))

    def fields(self, fields: Iterable[tuple[str, str]], whole: str) -> None:
        """Labelled texts of a few lines, further lines set below the first; on one line where nobody watches.

        ``whole`` is the file that has all of what is cut.
        """
        shown = [(label, one_line(cut(value, _FIELD, whole))) for label, value in fields]
        if not self.console.is_terminal:
            for label, value in shown:
                self.line(Text(f"    {label + ':' if label else '':<9} {value}"))
            return
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=14, no_wrap=True)  # "+123.456 s", the time of a frame
        grid.add_column(overflow="fold", ratio=1)
        for label, value in shown:
            grid.add_row(Text(f"    {label}", "dim"), Text(value))
        self.console.print(grid)

    def ended(self, head: Text, words: str, tail: Text) -> Text:
        """A line of a log as it is, of a terminal so that it fits."""
        return self.fitted(head, words, tail) if self.console.is_terminal else head + Text(words) + tail

    def fitted(self, head: Text, words: str, tail: Text) -> Text:
        """On one line of the terminal, the tail at its end; words that are too long end in an ellipsis."""
        room = self.console.width - head.cell_len - tail.cell_len
        middle = Text(words)
        middle.truncate(max(room, 12), overflow="ellipsis", pad=room > 12)
        return head + middle + tail


class _Closable:
    """A terminal that may be closed: what is written then goes nowhere, and the run comes to its end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """As the stream's."""
        with self._may_be_closed():
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """As the stream's."""
        with self._may_be_closed():
            self._stream.flush()

    @contextmanager
    def _may_be_closed(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno != errno.EIO:  # termios(3): the terminal was hung up
                raise
            nobody = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nobody, self._stream.fileno())  # what the stream still holds goes there
            os.close(nobody)


def _never_fail_on_letters(stream: TextIO) -> None:
    """A terminal that is not UTF-8 shows "?" for what it lacks: no report ends in UnicodeEncodeError."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
