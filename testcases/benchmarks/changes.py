"""Links come and go under load, in every way there is: what became of each frame, and of each conversation.

It takes minutes a kind, and is no part of a run of all benchmarks: ``--only changes [--kind NAME]``.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
from rich.console import Console
from rich.table import Table

from harness.host.location import Here
from harness.traffic.deaf import Deaf
from harness.traffic.outcome import Outcome, compare
from harness.traffic.receiver import Receiver
from harness.traffic.sender import Sender
from harness.verdict import BenchError
from testcases.benchmarks.changing import KINDS, PORTS, Kind, Scene
from testcases.benchmarks.figures import Figure, at_least, at_most, figure
from testcases.benchmarks.hosts import cores, wait_until
from testcases.benchmarks.paths import NOBODYS_MAC, aggregated
from testcases.benchmarks.progress import Progress
from testcases.benchmarks.slowing import LEAST_QUEUED, SlowLinks
from testcases.benchmarks.table import number

ROUNDS = 200
"""Changes of a kind."""
_RATES = {"bpf": 0.32e6, "python": 0.02e6}
"""Frames a second by data path. What the one in Python carries shows order and loss, at a load of its own."""
_OF_ITS_RATE = 0.3 / 0.32
_FLOWS = 512
_WAITING = 1 << 16
"""Frames that may wait for slow links while others are sent."""
_NONE = at_most(0)
_COLUMNS = ("changes", "load", "frames", "reordered", "duplicated", "lost", "p50", "p99", "max")
_QUEUED = "queued"
_UNITS = {"load": "million frames/s", "changes": "changes", "p50": "ms", "p99": "ms", "max": "ms"}


@dataclass
class Tally:
    """What became of the frames that were sent while links changed in one way; ``gaps`` are in ms."""

    changes: int = 0
    frames: int = 0
    seconds: float = 0.0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    gaps: list[float] = field(default_factory=list)

    def figures(self, name: str, lossless: bool, least: int, note: str, rate: float) -> list[Figure]:
        """One for each column of the table. ``least``: changes that were due, at ``rate`` frames a second."""
        points = np.percentile(self.gaps, [50, 99, 100]) if self.gaps else np.zeros(3)
        values = (
            self.changes,
            self.frames / self.seconds / 1e6 if self.seconds else 0.0,
            self.frames,
            self.reordered,
            self.duplicated,
            self.lost,
            *map(float, points),
        )
        load = at_least(_OF_ITS_RATE * rate / 1e6)
        targets = {"changes": at_least(least), "load": load, "reordered": _NONE, "duplicated": _NONE}
        if lossless:
            targets["lost"] = _NONE
        return [
            figure(f"{name}: {column}", value, _UNITS.get(column, "frames"), targets.get(column), note=note)
            for column, value in zip(_COLUMNS, values, strict=True)
        ]


class Load:
    """Frames into agr0, all of which are looked at where they come out, on whatever link."""

    def __init__(self, sender: Sender, receiver: Receiver) -> None:
        self._sender = sender
        self._receiver = receiver
        self._before = Outcome(0, 0, 0, 0, 0)
        self._seconds = 0.0
        self._came = 0

    def start(self, rate: float) -> None:
        """Frames a second, until `stop`; they come already when this returns."""
        self._sender.start(rate=rate)
        wait_until(lambda: self._receiver.seen(0).frames > self._came, "the first frames come")

    def stop(self, tally: Tally) -> None:
        """Add what has come of it since `start`. Raises BenchError where the receiver itself missed some."""
        sent = self._sender.stop()
        seen = self._receiver.seen()
        now, before = compare(sent, seen), self._before
        if now.dropped:
            raise BenchError(f"the receiver had no room for {now.dropped} frames: the machine is too busy")
        tally.frames += now.sent - before.sent
        tally.seconds += sent.seconds - self._seconds
        tally.lost += now.lost - before.lost
        tally.duplicated += now.duplicated - before.duplicated
        tally.reordered += now.reordered - before.reordered
        tally.gaps += [gap / 1e6 for gap in seen.handovers]
        self._before, self._seconds, self._came = now, sent.seconds, seen.frames


def measure(progress: Progress, rounds: int, kinds: Sequence[str] = tuple(KINDS)) -> list[Figure]:
    """For each kind nine figures of the links that go, and nine of those that come."""
    figures: list[Figure] = []
    for name in kinds:
        figures += _changes(progress, rounds, name, KINDS[name])
    return figures


def _changes(progress: Progress, rounds: int, name: str, kind: Kind) -> list[Figure]:
    run = secrets.randbits(32)
    sends, receives = cores()
    gone, back = Tally(), Tally()
    with ExitStack() as stack:
        ours = stack.enter_context(aggregated("changes", PORTS))
        path, note = ours.path, ours.agr.data_path()
        rate = _RATES[ours.agr.aggregate()["data_path"]]
        slow = SlowLinks(path, PORTS, sends) if kind.slow else None
        scene = Scene(ours, stack.enter_context(Deaf(path.far.name)), slow)
        receiver = stack.enter_context(
            Receiver(path.far_interfaces, Here(path.far.name), run=run, core=receives)
        )
        frames = path.frames(_FLOWS, NOBODYS_MAC)
        waiting = _WAITING if kind.slow else 0
        sender = stack.enter_context(
            Sender(path.interface, Here(path.near.name), frames, run=run, core=sends, waiting=waiting)
        )
        load = Load(sender, receiver)
        scene.wait(PORTS)
        for at in progress.rounds(name, -(-rounds // len(kind.going))):
            ports = kind.going[: rounds - at * len(kind.going)]
            load.start(rate)
            kind.leave(scene, ports)
            load.stop(gone)
            load.start(rate)
            kind.come_back(scene, ports)
            scene.wait(PORTS)
            load.stop(back)
            gone.changes += len(ports)
            back.changes += len(ports)
    figures = [
        *gone.figures(kind.gone, kind.lossless, rounds, note, rate),
        *back.figures(kind.back, True, rounds, note, rate),
    ]
    if slow is not None:
        least = float(slow.least or 0)
        figures.append(figure(f"{name}: {_QUEUED}", least, "frames", at_least(LEAST_QUEUED), note=note))
    return figures


def page(console: Console, figures: Sequence[Figure]) -> None:
    """One row for each way in which links change; what missed its target is marked."""
    table = Table(box=None, pad_edge=False, header_style="dim", caption_justify="left")
    table.caption = (
        "load in million frames/s; interruption of a conversation that moved in ms; * target missed"
    )
    table.add_column("links")
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    table.add_column("")
    rows: dict[str, list[str]] = {}
    for one in figures:
        name, _, column = one.name.rpartition(": ")
        if column == _QUEUED:
            table.caption += f"\n{name}: in each slow link at least {one.value:.0f} frames waited"
            continue
        rows.setdefault(name, []).append(number(one.value) + ("*" if one.met is False else ""))
    for name, cells in rows.items():
        amiss = any("*" in cell for cell in cells)
        table.add_row(name, *cells, "NOT MET" if amiss else "met", style="bold red" if amiss else "")
    console.print(table)
