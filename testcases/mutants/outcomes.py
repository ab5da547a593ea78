"""Outcomes on disk: kept while a run goes on, so that one that was stopped is taken up again; the report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from testcases.mutants import ROOT
from testcases.mutants.child import Found
from testcases.mutants.generator import version
from testcases.mutants.mutant import Mutant
from testcases.mutants.scope import own_choice

EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
MOST_EQUIVALENT = 0.08
MOST_OWN = 0.12
LEAST_CLAIMED = 0.95

_JUDGES = (
    "harness",
    "testcases/conformance",
    "testcases/selftest/core",
    "fixtures/simulated",
    "fixtures/labs",
    "fixtures/pics",
)


def equivalents() -> dict[str, str]:
    """Why each equivalent mutant is one, by its id."""
    return dict(yaml.safe_load(EQUIVALENT.read_text()) or {})


def judged_by() -> str:
    """What outcomes depend on beside the mutant, in 12 hexadecimal digits: agr's core and what judges it."""
    digest = hashlib.sha256(version().encode())
    for folder in ("agr/core", *_JUDGES):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".yaml", ".json"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class Kept:
    """Outcomes of mutants that were tried already, as long as nothing that they depend on has changed."""

    def __init__(self, path: Path, *, fresh: bool) -> None:
        self._path = path
        self._mark = judged_by()
        self.found: dict[str, Found] = {}
        if not fresh and path.exists():
            first, *lines = path.read_text().splitlines()
            if first == self._mark:
                self.found = {found.id: found for found in (Found(**json.loads(line)) for line in lines)}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w")
        print(self._mark, file=self._file)
        for found in self.found.values():
            self._write(found)

    def keep(self, found: Found) -> None:
        """One more outcome."""
        self.found[found.id] = found
        self._write(found)

    def _write(self, found: Found) -> None:
        print(json.dumps(found.as_json()), file=self._file, flush=True)


@dataclass(frozen=True)
class Count:
    """What a set of mutants came to. ``claimed``: caught by a testcase that claims a clause of the code;
    ``premises``: of these, in what the testcase presupposes. ``own``: of agr's own choices, which are not for
    the conformance suite to judge, caught by the self-tests that are."""

    mutants: int
    caught: int
    claimed: int
    premises: int
    survived: int
    equivalent: int
    own: int
    errors: int

    @property
    def right(self) -> bool:
        """Whether the suite has noticed as it should."""
        return (
            self.survived == 0
            and self.equivalent <= MOST_EQUIVALENT * self.mutants
            and self.own <= MOST_OWN * self.mutants
            and self.claimed >= LEAST_CLAIMED * self.caught
        )


def outcome(found: Found, argued: Mapping[str, str]) -> str:
    """An argument counts for a mutant that survives only: one that is caught is not equivalent."""
    if found.outcome == "survived":
        return "equivalent" if found.id in argued else "survived"
    return "caught" if own_choice(found.id) is None else "own"


def count(all_found: Sequence[Found], argued: Mapping[str, str]) -> Count:
    """Add up."""
    outcomes = [outcome(found, argued) for found in all_found]
    claimed = [found for found in all_found if found.claims]
    return Count(
        mutants=len(all_found),
        caught=outcomes.count("caught"),
        claimed=len(claimed),
        premises=sum(found.premise for found in claimed),
        survived=outcomes.count("survived"),
        equivalent=outcomes.count("equivalent"),
        own=outcomes.count("own"),
        errors=sum(bool(found.errors) for found in all_found),
    )


def write(
    reports: Path, mutants: Sequence[Mutant], found: Mapping[str, Found], argued: Mapping[str, str], of: int
) -> Count:
    """mutants.json, and mutants-run.json, which says what was run and came of it. `of`: all there are."""
    rows = [_row(mutant, found[mutant.id], argued) for mutant in mutants]
    total = count([found[mutant.id] for mutant in mutants], argued)
    run: dict[str, Any] = {
        "generator": version(),
        "generated": of,
        "judged_by": judged_by(),
        **vars(total),
    }
    (reports / "mutants.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    (reports / "mutants-run.json").write_text(json.dumps(run, indent=1) + "\n")
    return total


def _row(mutant: Mutant, found: Found, argued: Mapping[str, str]) -> dict[str, Any]:
    said = outcome(found, argued)
    row: dict[str, Any] = {
        "id": mutant.id,
        "file": f"agr/core/{mutant.file}",
        "line": mutant.line,
        "diff": mutant.diff(),
        "outcome": said,
        "by": found.by,
        "claims_the_clause": found.claims,
        "said": found.said,
    }
    if said == "equivalent":
        row["because"] = argued[mutant.id]
    own = own_choice(mutant.id)
    if own is not None:
        row["own_choice"] = own.because
    if found.errors:
        row["errors"] = found.errors
    return row
