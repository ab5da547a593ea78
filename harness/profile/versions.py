"""The version of the files that people write, and what became of keys and rows that older ones have.

Lab files, PICS, lists of deviations and `harness/profile/readings.yaml` may say `version: 1`; without it they
are of version 1. What is renamed within a version stands in the tables here: nobody's file falls silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

VERSION = 1

OLD_KEYS = {
    (
        "Pics",
        "status",
    ): "whether a status can be read is the adapter's to say, by its method `status`; delete this key",
    (
        "Limits",
        "cpu_pressure",
    ): "there is no such limit any more: the bench measures who waited for a processor, "
    "and holds that against limits.late; delete this key",
    ("Emulated", "hostname"): "the emulated switch has one host name; delete this key",
    ("Emulated", "switch_ports"): "the emulated switch has the ports that the wires name; delete this key",
    ("Port", "host"): "write `at: {ssh: USER@HOST}` now",
}
"""By section (the model's name) and key: the sentence on what to write now."""

MOVED_KEYS = {("implementation", "namespace"): "read as before; write `at: {namespace: NAME}` now"}
"""Keys of a lab file that are read still, and what replaces them."""

OLD_ROWS: dict[str, str] = {}
"""Rows of the catalogue that have another id now: a file that names the old one is read as naming the new."""


def old_key(section: str, key: str) -> str:
    """What to write in place of a key that older files have; empty for any other key."""
    return OLD_KEYS.get((section, key), "")


def moved_keys(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Those of `MOVED_KEYS` that a lab file has, each with its sentence."""
    for key, words in MOVED_KEYS.items():
        section: Any = data
        for part in key[:-1]:
            section = section.get(part) if isinstance(section, dict) else None
        if isinstance(section, dict) and key[-1] in section:
            yield key, words


def row_now(row: str) -> str:
    """The id that a row of the catalogue has today."""
    return OLD_ROWS.get(row, row)


def wrong_version(value: object) -> str:
    """What is wrong with the `version` of a file; empty where this program reads it."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        return f"must be a version of the file's form, {VERSION}, is {value!r}"
    if value > VERSION:
        return (
            f"is {value}: this agr-lab reads files up to version {VERSION}; update it, or write the file anew"
        )
    return ""
