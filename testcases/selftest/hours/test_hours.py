"""A few histories; ``python -m testcases.selftest.hours`` runs a thousand hours of them."""

from __future__ import annotations

import pytest

from testcases.selftest.hours.__main__ import history


@pytest.mark.parametrize("seed", range(801, 805))
def test_history(seed: int) -> None:
    counts = history(seed, hours=0.5)
    assert counts["Transmit"] > 100
