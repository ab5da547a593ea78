"""The long flood: ``python -m testcases.selftest.frames [--count N] [--seed N]``, as root.

Exit codes: 0 agrd stood it, 1 it did not, 3 usage.
"""

from __future__ import annotations

import argparse
import os
import sys

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from testcases.selftest.daemon.lab import Lab
from testcases.selftest.frames.flood import GROWTH_KIB, Flood, survived

FAILED, USAGE = 1, 3


def main(arguments: list[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m testcases.selftest.frames", description=__doc__)
    parser.add_argument("--count", type=int, default=200_000, help="frames to send")
    parser.add_argument("--seed", type=int, default=1, help="of the random frames")
    options = parser.parse_args(arguments)
    if os.geteuid() != 0:
        print("needs root: network namespaces and packet sockets", file=sys.stderr)
        return USAGE
    lab = Lab()
    try:
        return _flood(lab, options.count, options.seed)
    except AssertionError as error:
        print(f"seed {options.seed}: {error}", file=sys.stderr)
        return FAILED
    finally:
        lab.close()


def _flood(lab: Lab, count: int, seed: int) -> int:
    flood = Flood(lab, seed)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("frames", total=count)
            flood.run(count, lambda sent: progress.update(task, completed=sent))
    finally:
        flood.close()
    survived(flood.host)
    for name, value in sorted(flood.expected.items()):
        print(f"{name:22} {value:12}")
    print(f"not for the protocols  {count - flood.expected.total():12}")
    print(f"resident memory in KiB, at each tenth: {' '.join(map(str, flood.memory))}")
    if flood.memory[-1] - flood.memory[1] >= GROWTH_KIB:
        print(f"memory grew by more than {GROWTH_KIB} KiB", file=sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
