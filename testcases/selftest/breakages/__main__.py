"""Runs every breakage on a bench and shows what caught it: ``python -m testcases.selftest.breakages``.

Exit codes: 0 all were caught and the unbroken copy passes, 1 not so, 2 nothing worse than trouble on the
bench, 3 usage.
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
from harness.lab.schema import Lab
from harness.verdict import BenchError
from testcases.selftest.breakages.breakage import Breakage
from testcases.selftest.breakages.broken import copy
from testcases.selftest.breakages.running import Job, Outcome, catches, catching, run
from testcases.selftest.breakages.syntax import Stale
from testcases.selftest.breakages.table import BREAKAGES

UNCAUGHT, TROUBLE, USAGE = 1, 2, 3

CAUGHT = {0: "yes", UNCAUGHT: "NO", TROUBLE: "no verdict"}
PASSED = ("pass", "not applicable")

WORDS = 400
"""Characters of a message that the table shows."""


def main(arguments: list[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        lab = load(options.lab)
    except BenchError as error:
        print(error, file=sys.stderr)
        return USAGE
    chosen = [one for one in BREAKAGES if options.only in one.name and _shows(one, lab)]
    if not chosen:
        print(f"no breakage that this bench can show has {options.only!r} in its name", file=sys.stderr)
        return USAGE
    console = Console()
    try:
        with tempfile.TemporaryDirectory(prefix="agr-breakages-") as folder:
            return _show(console, chosen, options.lab, Path(folder))
    except (RuntimeError, Stale) as error:
        print(error, file=sys.stderr)
        return TROUBLE


def _shows(breakage: Breakage, lab: Lab) -> bool:
    """Whether a bench has what is broken."""
    if lab.kind == "simulated":
        return not breakage.kernel
    path = "python" if lab.environment.get("AGR_DATA_PATH") == "python" else "bpf"
    return not breakage.simulated and breakage.data_path in ("", path)


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
    for outcome in whole:
        if outcome.verdict not in PASSED:
            console.print(f"  {outcome.verdict}: {outcome.name}: {outcome.message}", markup=False)
    codes = [_code(outcome.verdict in PASSED, [outcome]) for outcome in whole]
    for number, breakage in enumerate(chosen):
        console.print(f"{breakage.name}: {' '.join(breakage.rows)}")
        place = folder / str(number)
        job = Job(copy(place, breakage), breakage.rows, place / "reports", caught_by=catching(breakage))
        outcomes = run([job], lab)[0]
        messages = catches(breakage, outcomes)
        codes.append(_code(bool(messages), outcomes))
        words = (
            messages[0] if messages else "; ".join(f"{o.verdict}: {o.message or o.name}" for o in outcomes)
        )
        table.add_row(breakage.name, CAUGHT[codes[-1]], Text(shorten(words, WORDS)))
    console.print(table)
    return UNCAUGHT if UNCAUGHT in codes else max(codes)


def _code(right: bool, outcomes: list[Outcome]) -> int:
    """What a run comes to; where it is not as it should be, the bench may be the cause."""
    if right:
        return 0
    return TROUBLE if any(outcome.verdict in ("error", "inconclusive") for outcome in outcomes) else UNCAUGHT


if __name__ == "__main__":
    sys.exit(main())
