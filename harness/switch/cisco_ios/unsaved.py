"""What a reload would lose of an IOS switch: its configuration before the run against the startup one."""

from __future__ import annotations

from collections.abc import Iterable

from harness.switch.cisco_ios import config
from harness.switch.journal import Entry

SHOWN = 3
"""How many lines that differ a message names."""

RELOAD = "reload"
"""The kind of the journal's part that says that a reload was begun: nothing is put back for it."""


def unsaved(running: str, startup: str, entries: Iterable[Entry]) -> list[str]:
    """Lines that would be lost (`+`), and lines that would come back (`-`), each with its section.

    ``running`` and ``startup`` are the configurations as shown; ``entries``, of the run's journals, are how
    parts of the running one were before the run: that counts.
    """
    before, saved = config.sections(running), config.sections(_without_size(startup))
    for entry in entries:
        _put_back(before, entry)
    lost = [f"+ {line}" for line in _lines(before) if line not in set(_lines(saved))]
    return lost + [f"- {line}" for line in _lines(saved) if line not in set(_lines(before))]


def _without_size(startup: str) -> str:
    """Without the line `Using 3401 out of 524288 bytes` that stands before it."""
    return "\n".join(line for line in startup.splitlines() if not line.startswith("Using "))


def _put_back(found: dict[str, list[str]], entry: Entry) -> None:
    if entry.part.kind == RELOAD:
        return
    if entry.part.kind == "section":
        found.pop(entry.part.name, None)
        # A VLAN that VTP keeps is in the journal without being in the configuration.
        if entry.before is not None and not (entry.part.name.startswith("vlan ") and not entry.before):
            found[entry.part.name] = entry.before
        return
    for line in [line for line in found if f"{line.removeprefix('no ')} ".startswith(f"{entry.part.name} ")]:
        del found[line]
    found.update({line: [] for line in entry.before or []})


def _lines(found: dict[str, list[str]]) -> list[str]:
    """Each heading, and each line with the heading that it stands under."""
    return [
        text
        for heading, lines in found.items()
        for text in (heading, *(f"{heading}: {one}" for one in lines))
    ]
