"""Devices that conform and are different under the suite: ``python -m testcases.selftest.devices``.

``--breakages``: the breakages on top of them instead, each of which some testcase of its rows must notice.
``--sample N`` tries so many of them, drawn by the seed. ``--lab NAME`` prints the lab file of one, for
``agr-lab run --lab``.

Exit codes: 0 the suite said of each what it should, 1 not so, 2 the suite cannot be collected, 3 usage.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Sequence
from datetime import date

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from testcases.selftest.devices.breakages import BREAKAGES
from testcases.selftest.devices.running import Done, Job, Miss, carry_out, lab_text
from testcases.selftest.devices.table import BY_NAME, DEVICES

WRONG, TROUBLE, USAGE = 1, 2, 3


def jobs(options: argparse.Namespace) -> list[Job]:
    """What is to be done, the longest first."""
    draw, seed = random.Random(options.seed), options.seed
    if options.breakages:
        broken = [one for one in BREAKAGES if named(f"{one.device}, {one.name}", options.only)]
        chosen = draw.sample(broken, min(options.sample or len(broken), len(broken)))
        return [Job(one.device, seed, one, options.words) for one in chosen]
    wanted = [device for device in DEVICES if named(device.name, options.only)]
    devices = draw.sample(wanted, min(options.sample or len(wanted), len(wanted)))
    phases = 1 if options.sample else None
    return [
        Job(device.name, seed + phase, words=options.words)
        for device in sorted(devices, key=lambda device: -device.phases)
        for phase in range(phases or device.phases)
    ]


def named(name: str, only: Sequence[str]) -> bool:
    """Whether a name has some of these words."""
    return not only or any(words in name for words in only)


def told(done: Done) -> str:
    """A line on a job, and what was not as it should be."""
    job = done.job
    name = f"{job.device}, broken: {job.breakage.name}" if job.breakage else job.device
    failed = ", ".join(sorted(done.failed)) or "nothing"
    head = f"{'right' if done.right else 'WRONG'}: {name} (seed {job.seed}): {done.count} testcases, "
    if done.right:
        return f"{head}failed: {failed}"
    wanted = ", ".join(job.breakage.rows if job.breakage else BY_NAME[job.device].found) or "nothing"
    first: dict[tuple[str, frozenset[str]], Miss] = {}
    for miss in done.misses:
        first.setdefault((miss.verdict, miss.rows), miss)
    lines = [f"    {miss.verdict}: {miss.nodeid}: {miss.said}" for miss in first.values()]
    return "\n".join([f"{head}failed: {failed}, not {wanted}; the first of each kind:", *lines])


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    options = _parser().parse_args(arguments)
    if options.lab:
        if options.lab not in BY_NAME:
            print(f"no device {options.lab!r}; there are: {', '.join(BY_NAME)}", file=sys.stderr)
            return USAGE
        print(lab_text(BY_NAME[options.lab]), end="")
        return 0
    chosen = jobs(options)
    if not chosen:
        print(f"nothing has {' or '.join(options.only)} in its name", file=sys.stderr)
        return USAGE
    wrong = 0
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("breakages" if options.breakages else "devices", total=len(chosen))
            for done in carry_out(chosen, options.jobs):
                wrong += not done.right
                print(told(done), flush=True)
                progress.advance(task)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return TROUBLE
    print(f"{len(chosen) - wrong} of {len(chosen)} right")
    return WRONG if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m testcases.selftest.devices",
        description="Devices that conform and are different: nothing may fail on them.",
    )
    parser.add_argument("--breakages", action="store_true", help="the breakages on top of them instead")
    parser.add_argument("--only", metavar="WORDS", nargs="+", default=[], help="those with this in the name")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="so many, at one phase each (all)")
    parser.add_argument("--seed", type=int, default=date.today().toordinal(), help="draws (the day's number)")
    parser.add_argument("-k", dest="words", default="", help="only testcases with this in their id")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="side by side")
    parser.add_argument("--lab", metavar="NAME", help="print the lab file of a device")
    return parser


if __name__ == "__main__":
    sys.exit(main())
