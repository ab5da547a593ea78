"""Whether the suite would notice: each breakage of agr, on the simulated bench."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from testcases.selftest.breakages import ROOT
from testcases.selftest.breakages.breakage import Breakage
from testcases.selftest.breakages.broken import PROGRAM, broken, copy, source
from testcases.selftest.breakages.running import Job, Outcome, catches, catching, run
from testcases.selftest.breakages.syntax import Stale
from testcases.selftest.breakages.table import BREAKAGES

LAB = ROOT / "fixtures" / "labs" / "strict.yaml"
UNBROKEN = "unbroken"
SIMULATED = [breakage for breakage in BREAKAGES if not breakage.kernel]


def said(outcomes: Sequence[Outcome]) -> str:
    """Each testcase and how it ended, for a person."""
    return "\n".join(f"{outcome.verdict}: {outcome.name}: {outcome.message}" for outcome in outcomes)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Outcome]]:
    """By breakage, the outcomes of its rows' testcases; and of all of them on a copy that is not broken.

    A breakage that no longer fits the code has none.
    """
    folder = tmp_path_factory.mktemp("breakages")
    all_rows = sorted({row for breakage in SIMULATED for row in breakage.rows})
    jobs = {UNBROKEN: Job(copy(folder / UNBROKEN), all_rows, folder / UNBROKEN / "reports")}
    for number, breakage in enumerate(SIMULATED):
        place = folder / str(number)
        with suppress(Stale):
            jobs[breakage.name] = Job(
                copy(place, breakage), breakage.rows, place / "reports", caught_by=catching(breakage)
            )
    return dict(zip(jobs, run(list(jobs.values()), LAB), strict=True))


@pytest.mark.parametrize("breakage", SIMULATED, ids=lambda breakage: breakage.name)
def test_is_caught(breakage: Breakage, outcomes: Mapping[str, list[Outcome]]) -> None:
    assert breakage.name in outcomes, "it does not fit the code: see test_fits_the_code"
    whole = [outcome for outcome in outcomes[UNBROKEN] if outcome.rows & set(breakage.rows)]
    verdicts = {outcome.verdict for outcome in whole}
    assert "pass" in verdicts <= {"pass", "not applicable"}, said(whole)
    assert catches(breakage, outcomes[breakage.name]), said(outcomes[breakage.name])


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.name)
def test_fits_the_code(breakage: Breakage, tmp_path: Path) -> None:
    """Its place is there once; a program for the kernel compiles."""
    if breakage.file.endswith(PROGRAM):
        copy(tmp_path / "copy", breakage)
    else:
        broken(source(ROOT, breakage).read_text(encoding="utf-8"), breakage)
