"""What a run looks like in a log, and on a terminal."""

from __future__ import annotations

import io
import os
import pty
import re
from pathlib import Path

from harness.report.terminal import Terminal
from harness.verdict.result import Run


def play(terminal: Terminal, run: Run, reports: Path) -> None:
    terminal.start(len(run.results), [("lab", run.lab), ("under test", run.implementation)])
    for result in run.results:
        terminal.began(result.key, result.title, result.bench)
        terminal.finished(result)
    terminal.finish(run, reports)


def logged(run: Run, reports: Path) -> str:
    """What goes to a file or a pipe."""
    stream = io.StringIO()
    play(Terminal(stream), run, reports)
    return stream.getvalue()


def on_tty(run: Run, reports: Path) -> str:
    """What a terminal receives, control codes and all."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as stream:
        # A pty buffers a few kilobytes: small runs only, or writing would wait for us.
        play(Terminal(stream), run, reports)
        text = received(master)
    os.close(master)
    return text


def received(master: int) -> str:
    """What has been written to the other end so far."""
    os.set_blocking(master, False)
    data = b""
    while True:
        try:
            data += os.read(master, 65536)
        except BlockingIOError:
            return data.decode()


def plain(text: str) -> str:
    """Without control codes."""
    return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", text)
