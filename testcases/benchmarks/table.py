"""The figures as a table on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from testcases.benchmarks.figures import Figure

_VERDICT = {True: ("met", "green"), False: ("NOT MET", "bold red"), None: ("", "dim")}


def number(value: float) -> str:
    """At most four digits that say something, and none of a whole number is lost."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def show(console: Console, figures: Sequence[Figure]) -> None:
    """One row a figure."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("to reach", justify="right")
    table.add_column("quartiles", justify="right")
    table.add_column("rounds", justify="right")
    table.add_column("")
    table.add_column("")
    for figure in figures:
        word, style = _VERDICT[figure.met]
        table.add_row(
            Text(figure.name),
            number(figure.value),
            figure.unit,
            figure.target.text() if figure.target else "reported",
            " .. ".join(map(number, figure.spread)) if figure.spread else "",
            str(figure.rounds),
            Text(word, style),
            Text(figure.note, "dim"),
        )
    console.print(table)
