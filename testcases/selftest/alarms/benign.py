"""Benign impairments, drawn from a seed."""

from __future__ import annotations

import random

from harness.catalogue.claims import Spec
from harness.lab.schema import Impairments, Lab, Limits

LATE = 0.25
"""Seconds that verdicts allow for: the default of a lab file."""

MOST_DELAY = 0.08
MOST_JITTER = 0.005
"""Seconds. Jitter brings frames closer together than they were sent, and rates have no tolerance (43B.2)."""

MOST_SHARE = 0.3
LOST_IN_A_ROW = 1
"""Of repeats that come every second, where a timeout is three."""

MOST_DRIFT = 5e-4
"""0.5 s in 1000 s; over the longest timer of 90 s a fifth of its tolerance."""

EXACT = {
    "MG-01": "LACPDUs that are counted must arrive, and once",
}
"""Rows whose testcases find losses and duplicates, as they should, and why."""


def impairments(seed: int, spec: Spec) -> Impairments:
    """Those of a testcase under a seed."""
    draw = random.Random(seed)
    delay, jitter = draw.uniform(0, MOST_DELAY), draw.uniform(0, MOST_JITTER)
    loss, duplication = draw.uniform(0, MOST_SHARE), draw.uniform(0, MOST_SHARE)
    exact = any(row in EXACT for row in spec.rows)
    return Impairments(
        seed=seed,
        delay=delay,
        jitter=jitter,
        loss=0.0 if exact else loss,
        lost_in_a_row=LOST_IN_A_ROW,
        duplication=0.0 if exact else duplication,
        frames="repeats",
        drift=draw.uniform(-MOST_DRIFT, MOST_DRIFT),
    )


def impaired(lab: Lab, seed: int, spec: Spec) -> Lab:
    """A simulated bench under a seed."""
    limits = Limits(**{**lab.limits.model_dump(), "late": LATE})
    return lab.model_copy(update={"impairments": impairments(seed, spec), "limits": limits})
