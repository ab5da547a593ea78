"""Figures: one row of the report each, from rounds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """``limit`` is to be reached: at least so much, or at most."""

    limit: float
    at_least: bool

    def met_by(self, value: float) -> bool:
        """Whether the value keeps the limit, which belongs to what is allowed."""
        return value >= self.limit if self.at_least else value <= self.limit

    def text(self) -> str:
        """>= 0.9"""
        return f"{'>=' if self.at_least else '<='} {self.limit:g}"


def at_least(limit: float) -> Target:
    """The larger the better."""
    return Target(limit, True)


def at_most(limit: float) -> Target:
    """The smaller the better."""
    return Target(limit, False)


@dataclass(frozen=True)
class Figure:
    """One measured value.

    ``spread`` is the first and third quartile over the ``rounds``. ``met`` is None without a target.
    """

    name: str
    value: float
    unit: str
    target: Target | None = None
    met: bool | None = None
    spread: tuple[float, float] | None = None
    rounds: int = 1
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As reports/bench.json holds it; ``target`` is a number, ``sense`` says which side of it is good."""
        said = asdict(self)
        said["target"] = self.target.limit if self.target else None
        said["sense"] = None if self.target is None else "at least" if self.target.at_least else "at most"
        return said


def figure(
    name: str,
    value: float,
    unit: str,
    target: Target | None = None,
    *,
    samples: Sequence[float] = (),
    note: str = "",
) -> Figure:
    """A figure with its verdict; ``samples`` are its rounds."""
    met = None if target is None else target.met_by(value)
    return Figure(
        name,
        round(value, 6),
        unit,
        target,
        met,
        quartiles(samples) if len(samples) > 1 else None,
        max(1, len(samples)),
        note,
    )


def ratio(
    name: str,
    ours: Sequence[float],
    plain: Sequence[float],
    target: Target,
    *,
    unit: str = "of plain veth",
    note: str = "",
) -> Figure:
    """Median against median; the spread is that of the ratios within the rounds."""
    pairs = [our / other for our, other in zip(ours, plain, strict=True)]
    value = statistics.median(ours) / statistics.median(plain)
    return figure(name, value, unit, target, samples=pairs, note=note)


def quartiles(samples: Sequence[float]) -> tuple[float, float]:
    """First and third."""
    first, _, third = statistics.quantiles(samples, n=4, method="inclusive")
    return round(first, 6), round(third, 6)
