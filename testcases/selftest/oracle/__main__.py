"""A longer search for a divergence of agr from the reference model. The exit code is 1 where there is one."""

from __future__ import annotations

import argparse

from testcases.selftest.oracle.search import EXAMPLES, STEPS, search


def main() -> int:
    """Search as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m testcases.selftest.oracle", description=__doc__)
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="histories (%(default)s)")
    parser.add_argument("--steps", type=int, default=STEPS, help="events in a history (%(default)s)")
    parser.add_argument("--seed", type=int, help="draw other histories than every search without it")
    parser.add_argument("--shrink", action="store_true", help="find the shortest history; takes minutes")
    given = parser.parse_args()
    found = search(given.examples, given.steps, given.seed, given.shrink)
    print(found or f"no divergence in {given.examples} histories of {given.steps} events")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
