"""Tries breakages on benches with a switch: ``python -m testcases.selftest.switch_breakages``.

Exit codes: 0 each was noticed as the table has it, and nothing failed where nothing is broken; 1 not so; 2
nothing worse than trouble on a bench; 3 usage.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten

from rich.console import Console
from rich.table import Table
from rich.text import Text

from testcases.selftest.breakages.syntax import Stale
from testcases.selftest.switch_breakages.table import TRIALS, Bench, Trial
from testcases.selftest.switch_breakages.trying import Found, sound, tried

WRONG, TROUBLE, USAGE = 1, 2, 3

WORDS = 300
"""Characters of what was seen that the table shows."""


def main(arguments: list[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    options = _parser().parse_args(arguments)
    chosen = [one for one in TRIALS if options.only in one.name]
    if not chosen:
        print(f"no trial has {options.only!r} in its name", file=sys.stderr)
        return USAGE
    try:
        with tempfile.TemporaryDirectory(prefix="switch-breakages-") as folder:
            return _show(Console(), chosen, Path(folder), control=not options.broken_only)
    except (RuntimeError, Stale) as error:
        print(error, file=sys.stderr)
        return TROUBLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m testcases.selftest.switch_breakages",
        description="Break the switch, or agr behind one, in known ways, and see which testcases notice.",
    )
    parser.add_argument("--only", metavar="WORDS", default="", help="only trials with this in their name")
    parser.add_argument("--broken-only", action="store_true", help="do not run the testcases unbroken first")
    return parser


def _show(console: Console, chosen: Sequence[Trial], folder: Path, *, control: bool) -> int:
    table = Table(
        "breakage", "as it must be", "testcase", "seen", title="benches with a switch", show_lines=True
    )
    codes = []
    for bench in Bench if control else ():
        testcases = sorted({trial.testcase for trial in chosen if trial.bench is bench})
        if testcases:
            console.print(f"nothing broken: {bench}", markup=False)
            found = sound(bench, testcases, folder / bench.name)
            codes.append(_code(found))
            table.add_row(f"none ({bench})", _word(found), "", Text(shorten(found.words, WORDS)))
    for number, trial in enumerate(chosen):
        console.print(trial.name, markup=False)
        found = tried(trial, folder / str(number))
        codes.append(_code(found))
        table.add_row(trial.name, _word(found), Text(trial.testcase), Text(shorten(found.words, WORDS)))
    console.print(table)
    return WRONG if WRONG in codes else max(codes)


def _code(found: Found) -> int:
    if found.right:
        return 0
    return TROUBLE if found.trouble else WRONG


def _word(found: Found) -> str:
    return "yes" if found.right else "no verdict" if found.trouble else "NO"


if __name__ == "__main__":
    sys.exit(main())
