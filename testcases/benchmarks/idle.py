"""What agrd costs while nothing happens: two ports, fast rate both ways."""

from __future__ import annotations

import statistics
import time

from testcases.benchmarks.figures import Figure, at_most, figure
from testcases.benchmarks.hosts import Usage
from testcases.benchmarks.paths import aggregated
from testcases.benchmarks.progress import Progress

ROUNDS = 5
_SECONDS = 6.0


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """Two figures: CPU and memory."""
    with aggregated("idle") as ours:
        note = ours.agr.data_path()
        pid = ours.agr.pid
        shares, sizes = [], []
        for _ in progress.rounds("idle daemon", rounds):
            usage = Usage(pid)
            time.sleep(_SECONDS)
            shares.append(usage.share())
            sizes.append(usage.resident_mib())
    return [
        figure(
            "idle daemon, CPU",
            statistics.median(shares),
            "% of a core",
            at_most(1.5),
            samples=shares,
            note=note,
        ),
        figure("idle daemon, memory", max(sizes), "MiB", at_most(60), samples=sizes, note=note),
    ]
