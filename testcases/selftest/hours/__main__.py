"""Simulated hours of random histories: ``python -m testcases.selftest.hours [--hours N] [--seed N]``.

Exit codes: 0 all invariants held, 1 one did not: its seed, the last things that happened and the assertion
are shown.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from harness.run.interrupt import follow_parent
from testcases.selftest.hours.world import World

HISTORY_HOURS = 5
_HOUR = 3600.0
_LAST_WORDS = 12


def history(seed: int, hours: float = HISTORY_HOURS) -> Counter[str]:
    """Run one history. Returns how often each kind of output came; raises AssertionError with its story."""
    world = World(seed)
    try:
        world.run(hours * _HOUR)
        world.make_good()
    except Exception as error:
        told = "\n  ".join(world.story[-_LAST_WORDS:])
        raise AssertionError(
            f"seed {seed}, at {world.now:.3f} s:\n  {told}\n{traceback.format_exc()}"
        ) from error
    return Counter(world.watch.counts)


def main(arguments: list[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m testcases.selftest.hours", description=__doc__)
    parser.add_argument("--hours", type=int, default=1000, help="simulated hours in all")
    parser.add_argument("--seed", type=int, default=1, help="of the first history")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="histories side by side")
    options = parser.parse_args(arguments)
    seeds = range(options.seed, options.seed + -(-options.hours // HISTORY_HOURS))
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    counts: Counter[str] = Counter()
    with (
        ProcessPoolExecutor(options.jobs, initializer=follow_parent) as pool,
        Progress(*columns, console=Console(stderr=True)) as progress,
    ):
        task = progress.add_task(f"histories of {HISTORY_HOURS} h", total=len(seeds))
        for done in as_completed([pool.submit(history, seed) for seed in seeds]):
            try:
                counts += done.result()
            except AssertionError as error:
                pool.shutdown(wait=False, cancel_futures=True)
                print(error, file=sys.stderr)
                return 1
            progress.advance(task)
    print(f"{len(seeds) * HISTORY_HOURS} simulated hours; outputs of the host under watch:")
    for name, count in counts.most_common():
        print(f"{name:20} {count:12}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
