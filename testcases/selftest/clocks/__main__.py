"""The suite under other machines' clocks: ``python -m testcases.selftest.clocks [--seeds N] [-k WORDS]``.

Each seed draws who captures, and how wrong his clock is, for each testcase anew. Exit codes: 0 all verdicts
are as without them, 1 some are not.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from harness.bench.opening import opened
from harness.lab import load
from harness.lab.schema import Lab
from harness.verdict import Verdict
from testcases import in_process
from testcases.selftest.clocks.drawn import capturers, with_clocks

LAB = Path("fixtures/labs/simulated.yaml")
MOST_SECONDS = 300.0
"""Of the processor, for one testcase."""


def said_under(lab: Lab, testcase: in_process.Testcase, seed: int) -> str:
    """Runs one testcase, which passes on this bench, under the clocks of a seed; "" where it passes again."""
    with opened(with_clocks(lab, seed)) as (bench, _):
        outcome = in_process.run(testcase, bench, MOST_SECONDS)
    judgement = outcome.judgement
    if judgement.verdict is Verdict.PASS and not outcome.broken:
        return ""
    rules = "; ".join(f"{rule.row}: {rule.seen}" for rule in outcome.broken)
    clocks = {name: one.model_dump(exclude_defaults=True) for name, one in capturers(seed, lab).items()}
    return f"{testcase.nodeid}: {judgement.verdict}: {judgement.text}{rules}\n    seed {seed}: {clocks}"


def main(arguments: list[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    options = _parser().parse_args(arguments)
    lab = load(LAB)
    suite = [one for one in in_process.collect(lab) if options.words in one.nodeid]
    wrong = 0
    for number in range(options.first, options.first + options.seeds):
        for place, testcase in enumerate(suite):
            said = said_under(lab, testcase, number * len(suite) + place)
            wrong += bool(said)
            if said:
                print(said, flush=True)
    print(f"{options.seeds} times {len(suite)} testcases under clocks of other machines: {wrong} not PASS")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m testcases.selftest.clocks",
        description="The suite on agr in virtual time, where other machines capture: no verdict may change.",
    )
    parser.add_argument("--seeds", type=int, default=1, help="how many times the whole suite (1)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (1)")
    parser.add_argument("-k", dest="words", default="", help="only testcases with this in their id")
    return parser


if __name__ == "__main__":
    sys.exit(main())
