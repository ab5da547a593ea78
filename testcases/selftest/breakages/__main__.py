"""Runs every breakage on a bench and shows what caught it: ``python -m testcases.selftest.breakages``.

Exit codes: 0 all were caught and the unbroken copy passes, 1 not so, 2 trouble on the bench, 3 usage.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from textwrap import shorten

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.lab import load
from harness.verdict import BenchError
from testcases.selftest.breakages.breakage import Breakage
from testcases.selftest.breakages.broken import Stale, copy
from testcases.selftest.breakages.running import Job, Outcome, catches, run
from testcases.selftest.breakages.table import BREAKAGES

UNCAUGHT, TROUBLE, USAGE = 1, 2, 3

WORDS = 400
"""Characters of a message that the table shows."""


def main(arguments: list[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    options = _parser().parse_args(arguments)
    chosen = [breakage for breakage in BREAKAGES if options.only in breakage.name]
    if not chosen:
        print(f"no breakage has {options.only!r} in its name", file=sys.stderr)
        return USAGE
    try:
        load(options.lab)
    except BenchError as error:
        print(error, file=sys.stderr)
        return USAGE
    console = Console()
    try:
        with tempfile.TemporaryDirectory(prefix="agr-breakages-") as folder:
            return _show(console, chosen, options.lab, Path(folder))
    except (RuntimeError, Stale) as error:
        print(error, file=sys.stderr)
        return TROUBLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m testcases.selftest.breakages",
        description="Break a copy of agr in each known way, and see which testcases notice.",
    )
    parser.add_argument("--lab", type=Path, default=Path("lab.yaml"), help="lab file (lab.yaml)")
    parser.add_argument("--only", metavar="WORDS", default="", help="only breakages with this in their name")
    return parser


def _show(console: Console, chosen: list[Breakage], lab: Path, folder: Path) -> int:
    table = Table("breakage", "caught", "by", title=f"breakages of agr on {lab}", show_lines=True)
    rows = sorted({row for breakage in chosen for row in breakage.rows})
    console.print(f"unbroken: {' '.join(rows)}")
    whole = run([Job(copy(folder / "unbroken"), rows, folder / "unbroken" / "reports")], lab)[0]
    spoilt = [outcome for outcome in whole if outcome.verdict not in ("pass", "not applicable")]
    for outcome in spoilt:
        console.print(f"  {outcome.verdict}: {outcome.name}: {outcome.message}", markup=False)
    missed = 0
    for number, breakage in enumerate(chosen):
        console.print(f"{breakage.name}: {' '.join(breakage.rows)}")
        place = folder / str(number)
        job = Job(copy(place, breakage), breakage.rows, place / "reports")
        caught, words = _judge(breakage, run([job], lab)[0])
        missed += not caught
        table.add_row(breakage.name, "yes" if caught else "NO", Text(shorten(words, WORDS)))
    console.print(table)
    return UNCAUGHT if missed or spoilt else 0


def _judge(breakage: Breakage, outcomes: list[Outcome]) -> tuple[bool, str]:
    messages = catches(breakage, outcomes)
    if messages:
        return True, messages[0]
    return False, "; ".join(f"{outcome.verdict}: {outcome.message or outcome.name}" for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main())
