"""A measurement as a small inline SVG: where the value lies between its limits."""

from __future__ import annotations

from markupsafe import Markup

from harness.report.summary import measurement_text
from harness.verdict.result import Measurement

_WIDTH, _HEIGHT, _EDGE = 180.0, 22.0, 6.0


def inside(measurement: Measurement) -> bool | None:
    """Whether the value keeps its limits (they belong to the range); None without limits."""
    lower, upper = measurement.lower, measurement.upper
    if lower is None and upper is None:
        return None
    return (lower is None or measurement.value >= lower) and (upper is None or measurement.value <= upper)


def gauge(measurement: Measurement) -> Markup:
    """An SVG with the allowed range as a band and the value as a marker; empty without limits."""
    if inside(measurement) is None:
        return Markup("")
    first, last = _scale(measurement)

    def x(value: float) -> float:
        return round(_EDGE + (value - first) / (last - first) * (_WIDTH - 2 * _EDGE), 1)

    left = x(measurement.lower) if measurement.lower is not None else _EDGE
    right = x(measurement.upper) if measurement.upper is not None else _WIDTH - _EDGE
    at = x(measurement.value)
    parts = [
        f'<line class="axis" x1="{_EDGE}" y1="11" x2="{_WIDTH - _EDGE}" y2="11"/>',
        f'<rect class="band" x="{left}" y="7" width="{max(right - left, 1):.1f}" height="8"/>',
    ]
    for limit, edge in ((measurement.lower, left), (measurement.upper, right)):
        if limit is not None:
            parts.append(f'<line class="limit" x1="{edge}" y1="4" x2="{edge}" y2="18"/>')
    # A diamond inside, a cross outside: the shape says it without colour.
    if inside(measurement):
        parts.append(f'<path class="value" d="M{at} 5 l5 6 l-5 6 l-5 -6 z"/>')
    else:
        parts.append(f'<path class="value outside" d="M{at - 5} 6 l10 10 m0 -10 l-10 10"/>')
    return Markup(
        '<svg class="gauge" viewBox="0 0 {w:g} {h:g}" width="{w:g}" height="{h:g}" '
        'role="img" aria-label="{label}">'
        "<title>{label}</title>{parts}</svg>"
    ).format(w=_WIDTH, h=_HEIGHT, label=measurement_text(measurement), parts=Markup("".join(parts)))


def _scale(measurement: Measurement) -> tuple[float, float]:
    """First and last value drawn: the limits, the value, and some room where a side has no limit.

    Zero is a natural left end for times and counts without a lower limit.
    """
    limits = [limit for limit in (measurement.lower, measurement.upper) if limit is not None]
    points = [*limits, measurement.value]
    if measurement.lower is None and min(points) >= 0:
        points.append(0.0)
    low, high = min(points), max(points)
    room = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    if measurement.upper is None:
        room = max(room, (high - low) * 0.3)
    keep_zero = measurement.lower is None and low == 0
    return (low if keep_zero else low - room, high + room)
