"""Deliberate breakages of agr, each of which the suite must catch, by clause.

`table` lists them: each names a function, and the code in it that is another (`breakage`, `syntax`). `broken`
makes a broken copy of agr, `running` runs testcases on such copies and reads what the runs reported. On a
bench of one's own, from the repository's folder::

    python -m testcases.selftest.breakages --lab lab.yaml

`interface` has those that need a bench with kernel interfaces: only this command tries them.
"""

from pathlib import Path

ROOT = Path(__file__).parents[3]
"""The repository."""
