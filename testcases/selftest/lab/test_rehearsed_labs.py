"""Which lab files can be rehearsed in namespaces, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.rehearsal.bench import Rehearsal
from harness.lab import load
from harness.lab.schema import Switch
from harness.verdict import UsageError

LABS = Path(__file__).parents[3] / "fixtures" / "labs"


def test_a_switch_that_has_no_command_line_is_refused_in_a_sentence() -> None:
    lab = load(LABS / "rehearsal.yaml").model_copy(update={"switch": Switch(driver="other")})
    with pytest.raises(UsageError, match=r"rehearsal\.yaml: a rehearsal wants .*`from:`"):
        Rehearsal(lab)


def test_a_bench_that_is_no_hardware_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="wants `kind: hardware`"):
        Rehearsal(load(LABS / "simulated.yaml"))
