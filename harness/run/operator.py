"""The operator at the terminal of a run: he is asked, and what he changed by hand is kept on the disk."""

from __future__ import annotations

import json
import os
import select
import sys
import termios
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol, Self

from harness.lab.schema import Lab
from harness.report.text import duration, write_atomically
from harness.run.questions import Values, order
from harness.verdict import BenchError, UsageError

LOOK = 0.25
"""Seconds after which whoever waits for an answer looks at something else, at most."""

SKIP, QUIT, DONE = "s", "q", ""
"""The operator's answers."""


class NoAnswer(Exception):
    """The operator does not answer, or wants the run to end; the message says what happened."""


class Asked(Protocol):
    """Where questions are shown."""

    def ask(self, text: str) -> None:
        """Show a question; nothing is drawn over it until it is `answered`."""

    def answered(self) -> None:
        """Go on to draw."""


def rest() -> None:
    """Nothing else is to be done while the operator is waited for."""
    time.sleep(0.02)


class Operator:
    """Who answers on a terminal within so many ``seconds``; ``terminal`` is a file descriptor of it."""

    def __init__(self, terminal: int, seconds: float) -> None:
        self._terminal = terminal
        self._seconds = seconds

    @classmethod
    def here(cls, seconds: float) -> Self | None:
        """At standard input and output; None where one of them is no terminal.

        Whatever takes standard input away later, as pytest does, leaves it to him.
        """
        with suppress(OSError, ValueError):
            if os.isatty(0) and sys.stdout.isatty():
                return cls(os.dup(0), seconds)
        return None

    def ask(self, text: str, answers: str, where: Asked, wait: Callable[[], None]) -> str:
        """His answer: one of the letters ``answers``, or `DONE` for Enter alone.

        ``wait`` is called until he answers, for less than `LOOK` each. Raises NoAnswer where he does not in
        time, or the terminal is closed.
        """
        with suppress(termios.error, OSError):
            termios.tcflush(self._terminal, termios.TCIFLUSH)  # what was typed before is no answer to this
        try:
            where.ask(text)
            while True:
                answer = self._line(text, wait).strip().lower()
                if answer == DONE or (len(answer) == 1 and answer in answers):
                    return answer
                where.ask(f"Not understood: {answer[:40]!r}. {text}")
        finally:
            where.answered()

    def _line(self, text: str, wait: Callable[[], None]) -> str:
        """The next line that he types."""
        deadline = time.monotonic() + self._seconds
        while time.monotonic() < deadline:
            if select.select([self._terminal], [], [], 0)[0]:
                with suppress(OSError):
                    if line := os.read(self._terminal, 4096):
                        return line.decode(errors="replace")
                raise NoAnswer(f"the terminal was closed, and nobody answered: {text}")
            wait()
        raise NoAnswer(f"nobody answered within {duration(self._seconds)}: {text}")


class Changes:
    """How variables were, by the ports of the LAG, that an operator was asked to set otherwise.

    They stand in a file beside the lab file, and are on the disk before he is asked. BenchError where it
    cannot be read or written.
    """

    def __init__(self, lab: Lab) -> None:
        self.path = Path(f"{lab.file}.by-hand")

    def read(self) -> dict[tuple[str, ...], Values]:
        """What has not been confirmed as put back."""
        try:
            found = json.loads(self.path.read_bytes())
            return {tuple(one["ports"]): dict(one["before"]) for one in found}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise BenchError(f"{self.path}: cannot be read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            words = "is damaged; look at the LAGs that have been set up by hand, then delete the file"
            raise BenchError(f"{self.path}: {words}") from None

    def write(self, before: Mapping[tuple[str, ...], Values]) -> None:
        """Keep this alone; no file is left where it is nothing."""
        told = [{"ports": ports, "before": dict(values)} for ports, values in before.items()]
        try:
            if told:
                write_atomically(self.path, json.dumps(told, indent=1).encode())
            else:
                self.path.unlink(missing_ok=True)
        except OSError as error:
            raise BenchError(f"{self.path}: cannot be written: {error.strerror}") from None

    def sentences(self) -> list[str]:
        """What is to be put back, a sentence a LAG."""
        return [f"{order(ports, values, 'back ')}." for ports, values in self.read().items()]

    def put_back(self, operator: Operator, where: Asked, wait: Callable[[], None] = rest) -> list[str]:
        """Have the operator put everything back; gives what he has not confirmed, a sentence a LAG."""
        left = self.read()
        for ports, values in tuple(left.items()):
            text = f"{order(ports, values, 'back ')}, then press Enter (s: not now): "
            try:
                if operator.ask(text, SKIP, where, wait) == DONE:
                    del left[ports]
                    self.write(left)
            except (NoAnswer, KeyboardInterrupt):
                break
        return self.sentences()


def settle(lab: Lab, operator: Operator | None, where: Asked) -> None:
    """What an earlier run left changed is put back. BenchError that says what it is where it is not."""
    changes = Changes(lab)
    left = changes.sentences()
    if left and operator is not None:
        left = changes.put_back(operator, where)
    if left:
        words = "an earlier run had this changed by hand, and nobody has confirmed that it was put back"
        how = "then call `agr-lab clean` on a terminal, and confirm it"
        raise BenchError(f"{lab.file}: {words}: {' '.join(left)} Do so, {how} ({changes.path})")


def check_askable(lab: Lab, operator: Operator | None) -> Operator:
    """The operator, where --ask can be done. UsageError where it cannot."""
    if operator is None:
        raise UsageError("--ask: standard input and output are no terminal, so there is nobody to ask")
    if lab.kind == "emulated":
        words = "an emulated bench makes its implementation anew by emulated.set_up: say it there"
        raise UsageError(f"{lab.file}: --ask: {words}")
    return operator
