"""Shows what passes on implementations that are none, and is not argued; and what is argued in vain."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from testcases.selftest.emptiness.trial import NAMES, argued, differences, passing


def main() -> int:
    """Entry point; gives the exit code: 1 where table and suite differ."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            found = passing(name, Path(folder))
            differ = differences(found, argued()[name])
            print(f"{name}: {len(found)} testcases pass")
            for word, ids in (("not argued", differ.without), ("argued, and none passes", differ.vain)):
                print(*(f"  {word}: {one}" for one in ids), sep="\n", end="\n" * bool(ids))
            wrong += len(differ.without) + len(differ.vain)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
