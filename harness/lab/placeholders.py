"""``${bench}`` and ``${state}`` in the values of a lab file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.lab.source import Key

KNOWN = ("bench", "state")
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}?")


def names(text: str) -> list[str]:
    """The placeholders' names in a text: ``"${bench}-host"`` gives ``["bench"]``."""
    return _PLACEHOLDER.findall(text)


def texts(value: Any, key: Key = ()) -> Iterator[tuple[Key, str]]:
    """Every text in plain data, with its path of keys."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts(item, (*key, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, (*key, index))


def fill(value: Any, words: Mapping[str, str]) -> Any:
    """A copy of plain data with every known placeholder replaced."""
    if isinstance(value, str):
        for name, word in words.items():
            value = value.replace(f"${{{name}}}", word)
        return value
    if isinstance(value, dict):
        return {name: fill(item, words) for name, item in value.items()}
    if isinstance(value, list):
        return [fill(item, words) for item in value]
    return value
