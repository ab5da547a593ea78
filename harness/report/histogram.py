"""Single figures behind a measurement as a small inline SVG: how many lie where, and where the limit is.

The scale is 0 to 1, then in steps of 1, 2, 5, 10, 20 and so on: interruptions of 3 ms and of 3 s fit on it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from itertools import pairwise

from markupsafe import Markup

from harness.verdict.result import Measurement

EDGES = (0.0, *(float(digit * 10**power) for power in range(4) for digit in (1, 2, 5)), 10_000.0)
"""Where a bar ends and the next begins; the last one has all that is above."""

_LABELLED = (0.0, 1.0, 10.0, 100.0, 1000.0, 10_000.0)
_BAR, _HEIGHT, _LEFT, _TOP, _BOTTOM = 26.0, 44.0, 6.0, 16.0, 16.0
WIDTH = 2 * _LEFT + _BAR * len(EDGES)


def counts(measurement: Measurement) -> list[int]:
    """How many samples lie in each bar; one on an edge is of the bar that begins there."""
    found = Counter(bisect_right(EDGES, max(0.0, sample)) - 1 for sample in measurement.samples)
    return [found[bar] for bar in range(len(EDGES))]


def place(value: float) -> float:
    """Where a value is on the scale, in pixels."""
    bar = min(bisect_right(EDGES, max(0.0, value)) - 1, len(EDGES) - 1)
    ends = (*EDGES, 10 * EDGES[-1])
    part = min(1.0, (value - ends[bar]) / (ends[bar + 1] - ends[bar]))
    return round(_LEFT + (bar + part) * _BAR, 1)


def histogram(measurement: Measurement) -> Markup:
    """An SVG with a bar for each step of the scale and a line at the upper limit; empty without samples."""
    if not measurement.samples:
        return Markup("")
    number = counts(measurement)
    base = _TOP + _HEIGHT
    axis = Markup('<line class="axis" x1="{0}" y1="{1}" x2="{2}" y2="{1}"/>')
    parts = [axis.format(_LEFT, base, WIDTH - _LEFT)]
    parts += [_bar(bar, count, count / max(number)) for bar, count in enumerate(number) if count]
    for edge in _LABELLED:
        unit = f" {measurement.unit}" if edge == _LABELLED[-1] else ""
        words_at = Markup('<text class="edge" x="{}" y="{}">{:g}{}</text>')
        parts.append(words_at.format(place(edge), base + 12, edge, unit))
    if measurement.upper is not None:
        line = Markup('<line class="limit" x1="{0}" y1="2" x2="{0}" y2="{1}"/>')
        parts.append(line.format(place(measurement.upper), base))
    return Markup(
        '<svg class="histogram" viewBox="0 0 {w:g} {h:g}" width="{w:g}" height="{h:g}" role="img" '
        'aria-label="{label}"><title>{label}</title>{parts}</svg>'
    ).format(w=WIDTH, h=base + _BOTTOM, label=words(measurement), parts=Markup("").join(parts))


def _bar(bar: int, count: int, share: float) -> Markup:
    """One bar with its number above it; ``share`` of the highest one."""
    height = max(2.0, _HEIGHT * share)
    x, y = _LEFT + bar * _BAR, _TOP + _HEIGHT - height
    return Markup(
        '<rect class="column" x="{:g}" y="{:.1f}" width="{:g}" height="{:.1f}"/>'
        '<text class="count" x="{:g}" y="{:.1f}">{}</text>'
    ).format(x + 1, y, _BAR - 2, height, x + _BAR / 2, y - 3, count)


def words(measurement: Measurement) -> str:
    """The same for who does not see it: "3 of 0 to 1 ms, 7 of 20 to 50 ms"."""
    unit = measurement.unit
    ranges = [f"{low:g} to {high:g} {unit}" for low, high in pairwise(EDGES)] + [
        f"{EDGES[-1]:g} {unit} and more"
    ]
    return ", ".join(
        f"{count} of {name}" for count, name in zip(counts(measurement), ranges, strict=True) if count
    )
