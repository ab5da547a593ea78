"""agr's core does what the reference model does; and where it does not, the oracle says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from testcases.selftest.breakages import ROOT
from testcases.selftest.breakages.breakage import Breakage
from testcases.selftest.breakages.broken import copy
from testcases.selftest.oracle.broken import BROKEN
from testcases.selftest.oracle.search import search

LONGEST = 600.0
"""Seconds after which a search counts as hung."""


def test_agr_does_what_the_reference_does() -> None:
    assert search() is None


@pytest.mark.parametrize("breakage", BROKEN, ids=lambda breakage: breakage.name)
def test_finds(breakage: Breakage, tmp_path: Path) -> None:
    folder = copy(tmp_path / "copy", breakage)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "testcases.selftest.oracle"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (folder, ROOT)))},
        capture_output=True, text=True, check=False, timeout=LONGEST, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.startswith("at "), done.stdout + done.stderr
