"""One command line of a switch that several processes speak to: one of them at a time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from harness.switch.switch import Switch


def in_turns(switch: Switch, lock: Path, waited: Callable[[float], None]) -> Switch:
    """The switch, of which each call waits for its turn: until no other process with the same ``lock`` is in
    one. ``waited`` is told for how many seconds, when the turn has come.

    What is done `together` is one turn. Who has it is bounded by the driver, and gives it back when its
    process ends, however that ends.
    """
    return cast(Switch, _InTurns(switch, lock, waited))


class _InTurns:
    """Passes everything on."""

    def __init__(self, switch: Switch, lock: Path, waited: Callable[[float], None]) -> None:
        self._switch = switch
        self._waited = waited
        self._lock = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._depth = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._switch, name)
        if not callable(found):
            return found

        def call(*words: Any, **named: Any) -> Any:
            with self._turn():
                return found(*words, **named)

        return call

    @contextmanager
    def together(self) -> Iterator[None]:
        """The changes of the block are one turn."""
        with self._turn(), self._switch.together():
            yield

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._depth == 0:
            asked = time.monotonic()
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            self._waited(time.monotonic() - asked)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                fcntl.flock(self._lock, fcntl.LOCK_UN)

    def close(self) -> None:
        """Log out."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
        self._switch.close()
