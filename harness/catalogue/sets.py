"""Named sets of testcases: sets.yaml, beside the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from harness.verdict import UsageError

SETS_FILE = Path(__file__).with_name("sets.yaml")
SUITE_FOLDER = "conformance/"
"""Below which the testcases of a set are named."""


@dataclass(frozen=True)
class NamedSet:
    """``minutes`` are what its ``testcases`` may take one after the other, where all of them run."""

    name: str
    title: str
    minutes: float
    testcases: frozenset[str]

    def __contains__(self, nodeid: str) -> bool:
        """Whether pytest's id of a testcase is of the set."""
        return nodeid.rpartition(SUITE_FOLDER)[2] in self.testcases


@cache
def sets() -> dict[str, NamedSet]:
    """Every set, by name."""
    said = yaml.safe_load(SETS_FILE.read_text(encoding="utf-8"))
    return {
        name: NamedSet(name, one["title"], one["minutes"], frozenset(one["testcases"]))
        for name, one in said.items()
    }


def set_of(name: str) -> NamedSet:
    """The set of that name. UsageError where there is none."""
    if name not in sets():
        raise UsageError(f"--set: there is no set {name}; there are {', '.join(sets())}")
    return sets()[name]
