"""Runs the benchmarks: ``python -m testcases.benchmarks [--only NAME] [--rounds N] [--reports DIR]``.

``--only changes`` is a soak that takes its time, and no part of a run of all; ``--kind`` is one kind of it.

Exit codes: 0 every figure met its target, 1 not so, 2 a benchmark could not be run, 3 usage.
"""

from __future__ import annotations

import argparse
import json
import platform
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, NoReturn

from rich.console import Console

from harness.verdict import BenchError
from testcases.benchmarks import (
    changes,
    checkers,
    core,
    flaps,
    frames,
    hosts,
    idle,
    many,
    moves,
    rtt,
    run,
    simulated,
    tcp,
    wire,
)
from testcases.benchmarks.changing import KINDS
from testcases.benchmarks.figures import Figure
from testcases.benchmarks.plot import draw
from testcases.benchmarks.progress import Progress
from testcases.benchmarks.table import show

UNMET, TROUBLE, USAGE = 1, 2, 3
CHANGES = "changes"


class Benchmark(NamedTuple):
    """``rounds`` is fixed here, before any run. ``show`` has its figures on the terminal.

    What is ``alone`` runs where it is asked for by name.
    """

    measure: Callable[[Progress, int], list[Figure]]
    rounds: int
    show: Callable[[Console, Sequence[Figure]], None] = show
    alone: bool = False


BENCHMARKS = {
    module.__name__.rpartition(".")[2]: Benchmark(module.measure, module.ROUNDS)
    for module in (tcp, frames, rtt, flaps, moves, idle, many, core, simulated, run, wire, checkers)
} | {CHANGES: Benchmark(changes.measure, changes.ROUNDS, changes.page, alone=True)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    options = _parse(arguments)
    chosen = _chosen(options)
    console = Console(width=None if sys.stdout.isatty() else 160)
    signal.signal(signal.SIGTERM, _terminated)
    console.print(f"{_machine()}; {len(hosts.all_cores())} cores, senders and receivers pinned")
    try:
        with hosts.alone(), Progress(console) as progress:
            figures, troubles = _run(chosen, progress, options.rounds)
    except BenchError as error:
        print(error, file=sys.stderr)
        return TROUBLE
    except KeyboardInterrupt:
        print("interrupted: nothing was written", file=sys.stderr)
        return TROUBLE
    for show_them in {benchmark.show for benchmark in chosen.values()} if figures else ():
        show_them(console, figures)
    write(figures, options.reports)
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    console.print(f"\nReports  {options.reports / 'bench.json'}, {options.reports / 'bench.svg'}")
    if troubles:
        return TROUBLE
    return UNMET if any(figure.met is False for figure in figures) else 0


def write(figures: Sequence[Figure], folder: Path) -> None:
    """bench.json and bench.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    said = json.dumps([figure.to_json() for figure in figures], indent=2, ensure_ascii=False)
    (folder / "bench.json").write_text(said + "\n")
    (folder / "bench.svg").write_text(draw(figures, f"agr on {_machine()}"))


def _chosen(options: argparse.Namespace) -> dict[str, Benchmark]:
    if options.only is None:
        return {name: it for name, it in BENCHMARKS.items() if not it.alone}
    chosen = BENCHMARKS[options.only]
    if options.kind is not None:
        chosen = chosen._replace(measure=partial(changes.measure, kinds=[options.kind]))
    return {options.only: chosen}


def _run(
    chosen: dict[str, Benchmark], progress: Progress, rounds: int | None
) -> tuple[list[Figure], list[str]]:
    """The figures, and what went wrong with the benchmarks themselves."""
    figures: list[Figure] = []
    troubles: list[str] = []
    for number, (name, benchmark) in enumerate(chosen.items(), start=1):
        try:
            with progress.benchmark(name, number, len(chosen)):
                figures += benchmark.measure(progress, rounds or benchmark.rounds)
        except BenchError as error:
            troubles.append(f"{name}: {error}")
    return figures, troubles


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m testcases.benchmarks", description=__doc__)
    parser.error = _usage  # type: ignore[method-assign]
    parser.add_argument("--only", choices=sorted(BENCHMARKS), help="run this one")
    parser.add_argument(
        "--rounds", type=_positive, help="for a trial: the figures of a report have their own"
    )
    parser.add_argument("--reports", type=Path, default=Path("reports"), help="folder to write to (reports)")
    parser.add_argument(
        "--kind", choices=sorted(KINDS), help=f"of {CHANGES}: links that go so, and come back"
    )
    options = parser.parse_args(arguments)
    if options.kind is not None and options.only != CHANGES:
        parser.error(f"--kind belongs to --only {CHANGES}")
    return options


def _usage(message: str) -> NoReturn:
    print(f"benchmarks: {message}", file=sys.stderr)
    sys.exit(USAGE)


def _positive(words: str) -> int:
    if (number := int(words)) < 1:
        raise ValueError
    return number


def _machine() -> str:
    return f"{platform.machine()}, Linux {platform.release()}, Python {platform.python_version()}"


def _terminated(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
