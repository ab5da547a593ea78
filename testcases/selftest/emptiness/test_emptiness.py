"""What passes on an implementation that does hardly anything is argued, each testcase."""

from __future__ import annotations

from pathlib import Path

import pytest

from testcases.selftest.emptiness.trial import NAMES, argued, differences, passing


@pytest.mark.parametrize("name", NAMES)
def test_every_empty_pass_is_argued(name: str, tmp_path: Path) -> None:
    found = differences(passing(name, tmp_path), argued()[name])
    assert not found.without, "passes, and argued.yaml does not say why it may"
    assert not found.vain, "argued.yaml says why it may pass, and it does not"
