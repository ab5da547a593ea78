"""What all parts of agrd work with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from agr.core.system import System
from agr.daemon.carrier import CarrierWatch
from agr.daemon.interfaces import Interfaces
from agr.daemon.journal import Journal
from agr.daemon.paths import Choice
from agr.daemon.registry import Registry
from agr.daemon.runner import CoreRunner


@dataclass
class World:
    """One network namespace. ``note_change`` is called when something changes that `state_of` keeps."""

    loop: asyncio.AbstractEventLoop
    interfaces: Interfaces
    journal: Journal
    choice: Choice
    system: System
    runner: CoreRunner
    carrier: CarrierWatch
    registry: Registry = field(default_factory=Registry)
    note_change: Callable[[], None] = lambda: None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let something go on by itself; `wait_for_tasks` waits for its end."""
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def wait_for_tasks(self) -> None:
        """Until nothing goes on by itself any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)
