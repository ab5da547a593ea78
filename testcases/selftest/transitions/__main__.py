"""Measures which testcase drives each transition, and writes docs/transitions.md:
``python -m testcases.selftest.transitions``.

``--page``: writes the page alone, of what was measured last.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from testcases.selftest.transitions.measure import measured, suite
from testcases.selftest.transitions.page import PAGE, RECORD, page, read, write


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m testcases.selftest.transitions",
        description="Which testcase drives each transition of the figures, and what it sees of it.",
    )
    parser.add_argument("--page", action="store_true", help="write the page alone, of what was measured last")
    options = parser.parse_args(arguments)
    if not options.page:
        found = {}
        with suite() as on:
            for name, said in measured(on):
                found[name] = said
                print(f"{name}: {json.dumps(said)}", flush=True)
        write(found)
        print(f"written: {RECORD}")
    PAGE.write_text(page(read()), encoding="utf-8")
    print(f"written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
