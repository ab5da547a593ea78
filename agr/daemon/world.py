"""The objects that all parts of agrd share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from agr.core.system import System
from agr.daemon.datapath.choice import Opener
from agr.daemon.journal import Journal
from agr.daemon.linux.carrier import CarrierWatch
from agr.daemon.linux.interfaces import Interfaces
from agr.daemon.registry import Registry
from agr.daemon.runner import CoreRunner


@dataclass
class World:
    """One network namespace. ``note_change`` is called when the state file is out of date."""

    loop: asyncio.AbstractEventLoop
    interfaces: Interfaces
    journal: Journal
    paths: Opener
    system: System
    runner: CoreRunner
    carrier: CarrierWatch
    registry: Registry = field(default_factory=Registry)
    note_change: Callable[[], None] = lambda: None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a task beside everything else; `wait_for_tasks` waits for its end."""
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def wait_for_tasks(self) -> None:
        """Return when no task is left."""
        while self._tasks:
            await asyncio.wait(self._tasks)
