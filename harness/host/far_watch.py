"""Who waits on the machine at the end of an SSH connection."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from harness.host.channel import Channel
from harness.host.probes import Noticed
from harness.host.schedstat import Figures
from harness.host.watch import CATCHING_UP, Look, Threads, Watcher
from harness.verdict import BenchBroken


class FarWatch(Watcher):
    """Who waits on that machine, by its own program; times are told by this machine's clock.

    A connection that is lost tells nothing more: who needs it is told, here nothing is raised.
    """

    def __init__(
        self, channel: Channel, where: str, bench: str, told: Callable[[Look], None], noticed: Noticed
    ) -> None:
        self.where = where
        self._channel = channel
        self._told = told
        self._noticed = noticed
        channel.watching = self._take
        channel.ask(do="watch", bench=bench)

    def _take(self, message: dict[str, Any]) -> None:
        ours = self._channel.offset.ours
        if "late" in message:
            source, start, end = message["late"]
            until = ours(end)
            self._noticed(source, until - (end - start), until)  # how long it was is known better than when
            return
        start, end, cores, busy, stolen, groups = message["look"]
        threads = [
            Threads(source, is_busy, [Figures(*each) for each in figures])
            for source, is_busy, figures in groups
        ]
        until = ours(end)
        self._told(Look(until - (end - start), until, cores, busy, stolen, threads))

    def look(self) -> None:
        with suppress(BenchBroken):
            self._channel.ask(do="look")

    def catch_up(self) -> None:
        with suppress(BenchBroken):
            self._channel.ask(CATCHING_UP, do="catch_up")

    def error(self) -> float:
        return self._channel.offset.error()

    def close(self) -> None:
        """It ends with the connection."""
        self._channel.watching = None
