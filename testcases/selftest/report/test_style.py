"""Colours of the page: each verdict has its own, that one can read in both colour schemes and on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import harness.report
from harness.verdict import Verdict

CSS = (Path(harness.report.__file__).parent / "page.css").read_text()
SCHEMES = dict(
    zip(("light", "dark", "print"), re.findall(r":root \{(.+?)\n? *\}", CSS, re.DOTALL), strict=True)
)
READABLE = 4.5
"""WCAG 2.2, 1.4.3: the contrast that text needs at least."""


def colours(scheme: str) -> dict[str, str]:
    """By name; what a scheme leaves out is as in the light one."""
    found = {}
    for name in ("light", scheme):
        found |= dict(re.findall(r"--(\w+): (#\w+)", SCHEMES[name]))
    return {name: colour if len(colour) == 7 else _long(colour) for name, colour in found.items()}


def _long(colour: str) -> str:
    return "#" + "".join(digit * 2 for digit in colour[1:])


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours after WCAG 2.2, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", [*(verdict.name.lower() for verdict in Verdict), "ink", "soft", "link"])
def test_text_can_be_read(scheme: str, name: str) -> None:
    """On the page, on a card, and, for what fills a bar or a badge, the page's colour on it."""
    of = colours(scheme)
    for ground in ("paper", "sheet"):
        assert contrast(of[name], of[ground]) >= READABLE, ground
    if name in {verdict.name.lower() for verdict in Verdict}:
        assert contrast(of["on"], of[name]) >= READABLE


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_verdict_has_its_own(scheme: str) -> None:
    of = colours(scheme)
    assert len({of[verdict.name.lower()] for verdict in Verdict}) == len(Verdict)
    for verdict in Verdict:
        assert f".{verdict.name.lower()} {{ --hue: var(--{verdict.name.lower()})" in CSS
