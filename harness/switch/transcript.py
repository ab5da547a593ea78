"""The whole dialogue with a switch in a file, with times, without secrets."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from harness.verdict import BenchError

_HIDDEN = "********"


class Transcript:
    """Lines ``<time> <path> > sent``, ``< received`` and ``# note``, appended to ``path`` as they happen.

    ``label`` is the way to the switch, "ssh" or "console"; every occurrence of one of ``secrets`` is masked.
    A line of the file is a line of the dialogue: what comes in pieces is put together first, so that a secret
    cannot slip through in two halves.
    """

    def __init__(self, path: Path, label: str, secrets: Iterable[str] = ()) -> None:
        self.path = path
        self._label = label
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        self._partial = ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = path.open("a", encoding="utf-8")
        except OSError as error:
            raise BenchError(f"{path}: the switch's transcript cannot be written: {error.strerror}") from None

    def sent(self, text: str) -> None:
        """Text written to the switch."""
        self._end_line()
        for line in text.splitlines() or [""]:
            self._write(">", line)

    def received(self, text: str) -> None:
        """Text read from the switch, in pieces as it comes."""
        *whole, self._partial = (self._partial + text).replace("\r\n", "\n").split("\n")
        for line in whole:
            self._write("<", line)

    def note(self, text: str) -> None:
        """What the harness did, or what went wrong."""
        self._end_line()
        self._write("#", text)

    def close(self) -> None:
        """Write what is left, and close the file; closing twice is harmless."""
        if not self._file.closed:
            self._end_line()
            self._file.close()

    def _end_line(self) -> None:
        if self._partial:
            self._write("<", self._partial)
            self._partial = ""

    def _write(self, direction: str, line: str) -> None:
        for secret in self._secrets:
            line = line.replace(secret, _HIDDEN)
        shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)
        time = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        self._file.write(f"{time} {self._label} {direction} {shown}\n")
        self._file.flush()  # a killed run leaves its transcript
