"""The state file: what a later agrd needs to take over from this one when it is killed."""

from __future__ import annotations

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

log = logging.getLogger("agrd")

# How long PDUs wait for one turn of the work, and how long the next turn waits for PDUs. Where everything
# changes all the time, and turns have no end, the rest is done at once.
_TURN_SECONDS = 0.002
_BETWEEN_TURNS_SECONDS = 0.005
_TURNS_END_SECONDS = 2.0
# A write is followed by a pause of this many times as long as it took: at most 1/20 of the time goes there.
_PAUSE_FACTOR = 20
_LEAST_PAUSE_SECONDS = 0.05


class Content(Protocol):
    """What is written to the file."""

    def renew(self) -> bool:
        """Do a part of the work for `text`. Returns whether there is more to do."""

    def text(self) -> str | None:
        """All of it, as it is now; None while there is nothing to keep: then there is no file."""


class StateFile:
    """Writes the state file, as a whole, soon after each `changed`.

    Its text is made in short turns of the loop, and written by a thread, so that PDUs wait for neither.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, path: Path, content: Content) -> None:
        self._loop = loop
        self._path = path
        self._content = content
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="state")
        self._not_before = loop.time()
        self._next: asyncio.TimerHandle | None = None  # the next turn
        self._begun: float | None = None  # the first of these turns
        self._spent = 0.0  # in them
        self._writing: asyncio.Future[None] | None = None
        self._changed_since = False

    def changed(self) -> None:
        """The file is out of date: write it soon."""
        if self._writing is not None:
            self._changed_since = True
        elif self._next is None:
            self._next = self._loop.call_at(self._not_before, self._turn)

    def _turn(self) -> None:
        now = self._loop.time()
        if self._begun is None:
            self._begun, self._spent = now, 0.0
        end = now + _TURN_SECONDS if now < self._begun + _TURNS_END_SECONDS else float("inf")
        while (more := self._content.renew()) and self._loop.time() < end:
            pass
        if more:
            self._next = self._loop.call_later(_BETWEEN_TURNS_SECONDS, self._turn)
        else:
            self._next = self._begun = None
            text = self._content.text()
            self._writing = self._loop.run_in_executor(self._thread, self._write, text)
            self._writing.add_done_callback(self._written)
        self._spent += self._loop.time() - now

    def _written(self, _: asyncio.Future[None]) -> None:
        self._writing = None
        self._not_before = self._loop.time() + max(_PAUSE_FACTOR * self._spent, _LEAST_PAUSE_SECONDS)
        if self._changed_since:
            self._changed_since = False
            self.changed()

    def _write(self, text: str | None) -> None:
        """Replace the file. That it cannot be written is logged."""
        try:
            if text is None:
                self._path.unlink(missing_ok=True)
            else:
                written = self._path.with_suffix(".new")
                written.write_text(text)
                written.replace(self._path)
        except OSError as error:
            log.error("%s could not be written: %s", self._path, error.strerror)

    def close(self) -> None:
        """Write it a last time, and return when that is done."""
        if self._next is not None:
            self._next.cancel()
        if self._writing is not None:
            self._writing.remove_done_callback(self._written)
        self._thread.submit(self._write, self._content.text())
        self._thread.shutdown()


def load(path: Path, namespace: str) -> dict[str, Any] | None:
    """The content of the file; None where there is none, or none of this network namespace."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict) or content.get("namespace") != namespace:
        return None
    return content
