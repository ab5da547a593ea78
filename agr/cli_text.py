"""Small pieces of agrconfig's status text."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

# Of a line behind a tab, so that it ends within 100 columns.
_WIDTH = 91


def flags_text(value: int, names: Mapping[int, str]) -> str:
    """As snprintb(3): 0x3<COLLECTING,DISTRIBUTING>."""
    return f"{value:#x}<{','.join(name for bit, name in names.items() if value & bit)}>"


def counts(values: Mapping[str, int]) -> str:
    """ "sent 3, received 4" """
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in values.items())


def wrapped(line: str) -> list[str]:
    """The line, or what becomes of it when it is too long: lines that go on are indented."""
    return textwrap.wrap(line, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def ago(seconds: float) -> str:
    """A time that has passed, in the unit that an operator would use."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s ago"
    if seconds < 120:
        return f"{seconds:.0f} s ago"
    minutes = int(seconds // 60)
    if minutes < 120:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min ago" if hours < 48 else f"{hours // 24} days {hours % 24} h ago"
