"""The FAIL that README.md and docs/failure.md show is what the command beside it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from testcases.selftest.documents.documents import document
from testcases.selftest.runs.command import Done, agr_lab

LAB = "docs/example/broken.yaml"
COMMAND = f".venv/bin/agr-lab run --lab {LAB} --rows MK-01"


@pytest.fixture(scope="module")
def failure(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The run that the documents show."""
    reports = tmp_path_factory.mktemp("reports")
    done = agr_lab("run", "--lab", LAB, "--rows", "MK-01", "--reports", reports)
    return Done(done.code, done.out.replace(str(reports), "reports"))


@pytest.mark.parametrize("name", ["README.md", "docs/failure.md"])
def test_what_is_shown_is_said(name: str, failure: Done) -> None:
    """Line by line, in this order; "..." stands for the rest of a line, or for lines."""
    doc = document(name)
    assert COMMAND in doc.code
    (shown,) = [text for language, text in doc.fences if language == "text"]
    said = iter(failure.out.splitlines())
    for line in shown.splitlines():
        if line.strip() != "...":
            assert any(_is(line, one) for one in said), f"{name} shows what is not said (now): {line}"


def _is(shown: str, said: str) -> bool:
    return said.startswith(shown.removesuffix(" ...")) if shown.endswith(" ...") else said == shown


def test_it_is_a_failure_of_one_kind(failure: Done, tmp_path: Path) -> None:
    """The exit code is 1, and where the responder is as it should be the same testcase passes."""
    assert failure.code == 1
    simulated = agr_lab(
        "run", "--lab", "fixtures/labs/simulated.yaml", "--rows", "MK-01", "--reports", tmp_path
    )
    assert simulated.code == 0, simulated.out
