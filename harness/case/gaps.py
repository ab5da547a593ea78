"""How long conversations are interrupted by a change: by conversation, with percentiles and a limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import quantiles

from harness.case.case import Case

MS = 1000.0
"""Milliseconds of a second."""


def gaps(times: Mapping[int, Sequence[float]], nominal: float) -> dict[int, float]:
    """The longest interruption of each conversation, seconds; ``times`` are its frames' arrivals, in order.

    ``nominal`` is what lies between two frames that nothing interrupts.
    """
    longest = {
        flow: max((later - earlier for earlier, later in pairwise(arrived)), default=0.0)
        for flow, arrived in times.items()
    }
    return {flow: max(0.0, gap - nominal) for flow, gap in longest.items()}


def record_gaps(
    case: Case,
    kind: str,
    found: Sequence[float],
    limit: float | None,
    *,
    id: str,
    row: str,
    window: tuple[float, float] | None = None,
) -> None:
    """Record p50, p99, the longest of interruptions and its margin, seconds; FAIL where it exceeds ``limit``.

    ``kind`` of change stands before each name, ``id`` before each identifier; the report shows a histogram of
    each kind. ``window`` is that of a failure, as `Case.check` has it.
    """
    samples = tuple(gap * MS for gap in found)
    for percent in (50, 99):
        value = _percentile(samples, percent)
        words = f"{kind}: interruption of a conversation, p{percent}"
        case.within(value, None, None, words, "ms", id=f"{id}-p{percent}")
    most = max(samples, default=0.0)
    if limit is not None:
        words = f"{kind}: margin of the longest interruption"
        case.within(limit * MS - most, None, None, words, "ms", id=f"{id}-margin")
    upper = None if limit is None else limit * MS
    words = f"{kind}: longest interruption of a conversation"
    name = f"{id}-longest"
    case.within(most, None, upper, words, "ms", id=name, row=row, samples=samples, window=window)


def _percentile(samples: Sequence[float], percent: int) -> float:
    """Between the two samples nearest to it, in proportion; 0 without samples."""
    if len(samples) < 2:
        return samples[0] if samples else 0.0
    return quantiles(samples, n=100, method="inclusive")[percent - 1]
