"""What a later agrd needs to go on where this one was killed, kept on disk."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

log = logging.getLogger("agrd")

# A write is followed by a pause of this many times as long as it took: at most 1/20 of the time goes there.
_PAUSE_FACTOR = 20
_LEAST_PAUSE_SECONDS = 0.05


class StateFile:
    """The file is written soon after each `changed`, as a whole, with what ``content`` returns then.

    ``content`` is None while there is nothing to keep; then there is no file.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, path: Path, content: Callable[[], dict[str, Any] | None]
    ) -> None:
        self._loop = loop
        self._path = path
        self._content = content
        self._not_before = loop.time()
        self._write: asyncio.TimerHandle | None = None

    def changed(self) -> None:
        """What is in the file is not so any more."""
        if self._write is None:
            self._write = self._loop.call_at(self._not_before, self.save)

    def save(self) -> None:
        """Replace the file, now. That it cannot be written is logged."""
        self.close()
        start = self._loop.time()
        try:
            content = self._content()
            if content is None:
                self._path.unlink(missing_ok=True)
            else:
                written = self._path.with_suffix(".new")
                written.write_text(json.dumps(content) + "\n")
                written.replace(self._path)
        except OSError as error:
            log.error("%s could not be written: %s", self._path, error.strerror)
        end = self._loop.time()
        self._not_before = end + max(_PAUSE_FACTOR * (end - start), _LEAST_PAUSE_SECONDS)

    def close(self) -> None:
        """Write no more of what has changed so far."""
        if self._write is not None:
            self._write.cancel()
            self._write = None


def load(path: Path, namespace: str) -> dict[str, Any] | None:
    """The content of the file; None where there is none, or none of this network namespace."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict) or content.get("namespace") != namespace:
        return None
    return content
