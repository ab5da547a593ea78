"""The whole suite on the reference model, in either control: it passes all that applies.

Where a testcase fails here it asks for more than clause 43, or the model is wrong.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from testcases.selftest.runs.command import ROOT, agr_lab


@pytest.mark.parametrize("lab", ["reference", "reference-coupled"])
def test_passes_all_that_applies(lab: str, tmp_path: Path) -> None:
    file = ROOT / "fixtures" / "labs" / f"{lab}.yaml"
    done = agr_lab("run", "--lab", file, "--benches", "1", "--reports", tmp_path)
    done.says(f"on {lab} 802.3ad-2000", "all that apply to this bench")
    assert done.code == 0
