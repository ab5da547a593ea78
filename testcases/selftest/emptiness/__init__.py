"""Empty passes: testcases that pass on an implementation which does hardly anything.

A check that nothing of a kind is seen holds where nothing is sent at all. So the simulated suite runs on
three implementations that are none (`implementations`), and `argued.yaml` says of each testcase that passes
on one of them why it may. `python -m testcases.selftest.emptiness` shows what the table lacks or
has in vain.
"""

from pathlib import Path

ROOT = Path(__file__).parents[3]
"""The repository."""
