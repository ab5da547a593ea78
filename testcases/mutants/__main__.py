"""Breaks agr's core in every way the generator knows: ``python -m testcases.mutants`` (`make mutants`).

Exit codes: 0 every mutant that is not equivalent was caught, at least 95 % by a testcase that claims the
clause of the broken code, at most 8 % are equivalent, and at most 12 % are agr's own choices, which
self-tests judge and not the suite; 1 not so; 2 the suite does not pass on agr as it is; 3 usage.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from harness.lab import load
from testcases.mutants.child import Found
from testcases.mutants.generator import generate, version
from testcases.mutants.mutant import Mutant
from testcases.mutants.outcomes import Count, Kept, equivalents, outcome, write
from testcases.mutants.server import Server

LAB = Path("fixtures/labs/strict.yaml")
ORDER_SEED = 1
"""Mutants are tried in one mixed order, so that a run that is stopped has tried some of everything."""

NOT_RIGHT, TROUBLE, USAGE = 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    options = _parser().parse_args(arguments)
    everything = generate()
    wanted = options.only or [""]
    mutants = [mutant for mutant in everything if any(words in mutant.id for words in wanted)]
    random.Random(ORDER_SEED).shuffle(mutants)
    mutants = mutants[: options.first]
    if not mutants:
        print(f"no mutant has {' or '.join(map(repr, wanted))} in its id", file=sys.stderr)
        return USAGE
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(f"generator {version()}: {len(mutants)} of {len(everything)} mutants")
    kept = Kept(options.reports / "mutants.part", fresh=options.fresh)
    argued, stopped = equivalents(), False
    try:
        _run(mutants, kept, options.jobs, argued, console)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return TROUBLE
    except KeyboardInterrupt:
        print("stopped; the next run goes on from here", file=sys.stderr)
        stopped = True
        mutants = [mutant for mutant in mutants if mutant.id in kept.found]
    total = write(options.reports, mutants, kept.found, argued, len(everything))
    _show(console, mutants, kept.found, argued, total)
    console.print(f"\nReports  {options.reports / 'mutants.json'}, {options.reports / 'mutants-run.json'}")
    return 0 if total.right and not stopped else NOT_RIGHT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m testcases.mutants",
        description="Break agr's core systematically, and run the suite on each mutant.",
    )
    parser.add_argument(
        "--only", action="append", metavar="WORDS", help="mutants with this in their id; may be given again"
    )
    parser.add_argument("--first", type=int, metavar="N", help="only the first N that would be tried")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="mutants side by side (all cores)")
    parser.add_argument("--fresh", action="store_true", help="keep nothing of a run that was stopped")
    parser.add_argument("--reports", type=Path, default=Path("reports"), help="where reports go (reports)")
    return parser


def _run(
    mutants: Sequence[Mutant], kept: Kept, jobs: int, argued: Mapping[str, str], console: Console
) -> None:
    waiting = [mutant for mutant in mutants if mutant.id not in kept.found]
    if not waiting:
        return
    server = Server(load(LAB), jobs)
    console.print(f"{server.count} testcases, {server.seconds:.1f} s of the processor without mutation")
    by_id = {mutant.id: mutant for mutant in waiting}
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("mutants", total=len(mutants), completed=len(mutants) - len(waiting))
        for found in server.run(waiting):
            kept.keep(found)
            progress.advance(task)
            if outcome(found, argued) == "survived":
                progress.console.print(Text(f"survived: {found.id}\n{by_id[found.id].diff()}"))


def _show(
    console: Console,
    mutants: Sequence[Mutant],
    found: Mapping[str, Found],
    argued: Mapping[str, str],
    total: Count,
) -> None:
    table = Table("file", "mutants", "caught", "by its clause", "own choice", "equivalent", "survived")
    for file in sorted({mutant.file for mutant in mutants}):
        of_file = [found[mutant.id] for mutant in mutants if mutant.file == file]
        came = Counter(outcome(each, argued) for each in of_file)
        figures = (len(of_file), came["caught"], sum(each.claims for each in of_file), came["own"])
        table.add_row(file, *map(str, (*figures, came["equivalent"], came["survived"])))
    figures = (total.mutants, total.caught, total.claimed, total.own)
    table.add_row("all", *map(str, (*figures, total.equivalent, total.survived)), style="bold")
    console.print(table)
    console.print(f"of those by its clause {total.premises} in a premise; testcases broke on {total.errors}")


if __name__ == "__main__":
    sys.exit(main())
