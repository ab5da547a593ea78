"""Looking for a divergence."""

from __future__ import annotations

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from testcases.selftest.oracle.pair import Diverged
from testcases.selftest.oracle.partners import Partners

EXAMPLES, STEPS = 100, 40
"""Histories, and events in one, of a search that `make test` does."""


def search(
    examples: int = EXAMPLES, steps: int = STEPS, seed: int | None = None, shrink: bool = False
) -> str | None:
    """Draw histories until the two diverge; gives what differed and the last events, or None.

    Without a seed every search draws the same ones. To shrink a history to the shortest takes minutes.
    """
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]
    drawn = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=seed is None,
        phases=phases,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    machine = Partners if seed is None else hypothesis.seed(seed)(Partners)
    try:
        run_state_machine_as_test(machine, settings=drawn)
    except Diverged as diverged:
        return str(diverged)
    return None
