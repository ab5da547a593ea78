"""The figures as one SVG: how much of each limit is used, and the curve over the ports."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from html import escape

from testcases.benchmarks.figures import Figure, Target
from testcases.benchmarks.table import number

_WIDTH, _TOP, _ROW, _BOTTOM = 980, 92, 26, 40
_NAMES_END, _AXIS_START, _AXIS_END = 290, 310, 730
_MOST = 1.75
"""Times the limit, at the axis's end; what is more is drawn there."""
_LEGEND = "How much of what is allowed each figure takes; a pale bar is the middle half of its rounds."
_CURVE_HEIGHT, _CURVE_WIDTH, _MARGIN = 300, 460, 40
_CURVE = re.compile(r"(\d+) ports, CPU")
_GOOD, _BAD, _INK, _DIM, _BAND = "#1a7f37", "#cf222e", "#1f2328", "#656d76", "#e6f4ea"


def draw(figures: Sequence[Figure], title: str) -> str:
    """An SVG document."""
    judged = [figure for figure in figures if figure.target]
    curve = [(int(found[1]), figure) for figure in figures if (found := _CURVE.fullmatch(figure.name))]
    height = _TOP + _ROW * len(judged) + _BOTTOM
    parts = _limits(judged, title) if judged else [_text(20, 34, title, size=17, bold=True)]
    if len(curve) > 1:
        parts.append(f'<g transform="translate(0 {height})">{"".join(_curve(curve))}</g>')
        height += _CURVE_HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" font-family="system-ui, DejaVu Sans, sans-serif" font-size="13">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def used(value: float, target: Target) -> float:
    """How much of a limit a value takes: 1 is the limit itself, less is better whichever side is good."""
    part, whole = (target.limit, value) if target.at_least else (value, target.limit)
    if part == 0:
        return 0.0
    return part / whole if whole > 0 else math.inf


def _limits(figures: Sequence[Figure], title: str) -> list[str]:
    end = _TOP + _ROW * len(figures)
    parts = [
        _text(20, 34, title, size=17, bold=True),
        _text(20, 56, _LEGEND, fill=_DIM),
        f'<rect x="{_AXIS_START}" y="{_TOP - 8}" width="{_x(1) - _AXIS_START:.1f}" '
        f'height="{end - _TOP + 8}" fill="{_BAND}"/>',
    ]
    for tick in (0.0, 0.5, 1.0, 1.5):
        style = f'stroke="{_INK}" stroke-width="1.5"' if tick == 1 else f'stroke="{_DIM}" stroke-width="0.4"'
        parts.append(f'<line x1="{_x(tick):.1f}" x2="{_x(tick):.1f}" y1="{_TOP - 8}" y2="{end}" {style}/>')
        label = "limit" if tick == 1 else f"{tick:g}"
        parts.append(_text(_x(tick), end + 18, label, anchor="middle", fill=_DIM))
    for place, figure in enumerate(figures):
        parts += _row(figure, _TOP + _ROW * place + 9)
    return parts


def _row(figure: Figure, y: float) -> list[str]:
    assert figure.target is not None
    at = _x(used(figure.value, figure.target))
    colour = _GOOD if figure.met else _BAD
    parts = [_text(_NAMES_END, y + 4, figure.name, anchor="end")]
    if figure.spread:
        ends = [_x(used(quartile, figure.target)) for quartile in figure.spread]
        parts.append(
            f'<line x1="{min(ends):.1f}" x2="{max(ends):.1f}" y1="{y}" y2="{y}" stroke="{colour}" '
            'stroke-width="5" stroke-opacity="0.3" stroke-linecap="round"/>'
        )
    if figure.met:
        parts.append(f'<circle cx="{at:.1f}" cy="{y}" r="4.5" fill="{colour}"/>')
    else:
        parts.append(
            f'<path d="M{at - 5:.1f} {y - 5} l10 10 m0 -10 l-10 10" stroke="{colour}" stroke-width="2.5"/>'
        )
    words = f"{number(figure.value)} {figure.unit} ({figure.target.text()})"
    parts.append(_text(_AXIS_END + 16, y + 4, words, fill=_INK if figure.met else _BAD))
    return parts


def _x(share: float) -> float:
    return _AXIS_START + (_AXIS_END - _AXIS_START) * min(share, _MOST) / _MOST


def _curve(points: Sequence[tuple[int, Figure]]) -> list[str]:
    """CPU over ports, both logarithmic, and the line of linear growth from the first point."""
    left, right, top, bottom = _AXIS_START, _AXIS_START + _CURVE_WIDTH, 56, _CURVE_HEIGHT - 50
    ports = [count for count, _ in points]
    shares = [max(figure.value, 0.01) for _, figure in points]
    linear = [shares[0] * count / ports[0] for count in ports]
    first = 10 ** math.floor(math.log10(min(shares)))
    last = 1.2 * max(*shares, *linear)

    def x(count: float) -> float:
        share = math.log(count / ports[0]) / math.log(ports[-1] / ports[0])
        return left + _MARGIN + (right - left - 2 * _MARGIN) * share

    def y(share: float) -> float:
        return bottom - (bottom - top) * math.log(share / first) / math.log(last / first)

    def line(values: Sequence[float], style: str) -> str:
        path = " ".join(f"{x(count):.1f},{y(value):.1f}" for count, value in zip(ports, values, strict=True))
        return f'<polyline points="{path}" fill="none" {style}/>'

    parts = [_text(20, 24, "One agrd, many ports: % of a core", size=15, bold=True)]
    share = first
    while share <= last:
        parts.append(
            f'<line x1="{left}" x2="{right}" y1="{y(share):.1f}" y2="{y(share):.1f}" stroke="{_DIM}" '
            'stroke-width="0.4"/>'
        )
        parts.append(_text(left - 10, y(share) + 4, f"{share:g} %", anchor="end", fill=_DIM))
        share *= 10
    parts.append(line(linear, f'stroke="{_DIM}" stroke-dasharray="5 4"'))
    parts.append(_text(x(ports[-1]) + 10, y(linear[-1]) + 4, "linear growth", fill=_DIM))
    parts.append(line(shares, f'stroke="{_GOOD}" stroke-width="2"'))
    for count, value in zip(ports, shares, strict=True):
        parts.append(f'<circle cx="{x(count):.1f}" cy="{y(value):.1f}" r="4.5" fill="{_GOOD}"/>')
        parts.append(_text(x(count), y(value) + 20, f"{number(value)} %", anchor="middle"))
        parts.append(_text(x(count), bottom + 20, str(count), anchor="middle", fill=_DIM))
    parts.append(_text((left + right) / 2, bottom + 38, "ports", anchor="middle", fill=_DIM))
    return parts


def _text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    fill: str = _INK,
    size: int = 13,
    bold: bool = False,
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{size}"{weight}>'
        f"{escape(words)}</text>"
    )
