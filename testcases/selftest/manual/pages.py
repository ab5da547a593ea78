"""The manual pages, and what is read out of their mdoc source."""

from __future__ import annotations

import re
import shlex
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

MAN = Path(str(files("agr").joinpath("man")))
PAGES = ("agr.4", "agr.conf.5", "agrconfig.8", "agrd.8")


class Item(NamedTuple):
    """An item of a tagged list: its tag without macros, and the lines that explain it."""

    words: tuple[str, ...]
    text: str


def source(page: str) -> str:
    return (MAN / page).read_text()


def section(page: str, title: str) -> str:
    """The lines of a section or subsection."""
    found = re.search(rf"^\.S[hs] {re.escape(title)}\n(.*?)(?=^\.Sh |^\.Ss |\Z)", source(page), re.M | re.S)
    assert found is not None, f"{page} has no {title}"
    return found[1]


def items(page: str, macro: str, *titles: str) -> list[Item]:
    """The items of sections whose tag begins with ``macro``; options lose nothing but the macro."""
    found = []
    for title in titles:
        for block in re.split(r"^\.It ", section(page, title), flags=re.M)[1:]:
            tag, _, text = block.partition("\n")
            words = shlex.split(tag)
            if words[0] == macro:
                found.append(Item(tuple(words[1:]), text))
    return found


def examples(page: str) -> list[str]:
    """The literal blocks of EXAMPLES."""
    return re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", section(page, "EXAMPLES"), re.M | re.S)
