"""SL-19 on an implementation that has dynamic keys, and on one that only says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from testcases.selftest.runs.command import SIMULATED, agr_lab, lab_text

AGR = "fixtures.simulated.agr_core:Agr"
DYNAMIC = "testcases.selftest.runs.dynamic_keys:DynamicKeys"


@pytest.mark.parametrize(
    ("implementation", "code", "words"),
    [
        (DYNAMIC, 0, "operational keys by link"),
        (AGR, 1, "operational keys of a link in use and one left out: 2; seen 1"),
    ],
    ids=["has them", "says so"],
)
def test_dynamic_keys(tmp_path: Path, implementation: str, code: int, words: str) -> None:
    text = lab_text(SIMULATED).replace(AGR, implementation)
    assert "    restart: false" in text
    lab = tmp_path / "lab.yaml"
    lab.write_text(text.replace("    restart: false", "    dynamic_keys: true\n    restart: false"))
    done = agr_lab("run", "--lab", lab, "--rows", "SL-19", "--reports", tmp_path / "reports")
    assert done.code == code, done.out
    assert words in (tmp_path / "reports" / "junit.xml").read_text()
