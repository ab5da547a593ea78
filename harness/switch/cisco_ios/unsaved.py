"""What a reload would lose of an IOS switch: its configuration before the run against the startup one."""

from __future__ import annotations

from collections.abc import Iterable

from harness.switch.cisco_ios import config
from harness.switch.journal import Entry

SHOWN = 3
"""How many lines that differ a message names."""

NO_STARTUP = "startup-config is not present"
"""What `show startup-config` says where nothing was ever saved."""

_SIZE = ("Using ", "Uncompressed configuration ")
_CERTIFICATES = "crypto pki certificate chain "

RELOAD = "reload"
"""The kind of the journal's part that says that a reload was begun: nothing is put back for it."""


def unsaved(running: str, startup: str, entries: Iterable[Entry]) -> list[str]:
    """Lines that would be lost (`+`), and lines that would come back (`-`), each with its section.

    ``running`` and ``startup`` are the configurations as shown; ``entries``, of the run's journals, are how
    parts of the running one were before the run: that counts, the last entry of a part most.
    """
    before, saved = config.sections(running), config.sections(_without_size(startup))
    for entry in entries:
        _put_back(before, entry)
    for found in (before, saved):
        found |= {name: _names(lines) for name, lines in found.items() if name.startswith(_CERTIFICATES)}
    was, will_be = _lines(before), _lines(saved)  # in the order in which they are shown
    differs = [f"+ {line}" for line in was if line not in will_be]
    differs += [f"- {line}" for line in will_be if line not in was]
    if config.texts(running) != config.texts(startup):
        differs.append("+ a text of a banner or a macro")
    return differs


def _without_size(startup: str) -> str:
    """Without what is said of its size before it: `Using 3401 out of 524288 bytes`."""
    return "\n".join(line for line in startup.splitlines() if not line.startswith(_SIZE))


def _names(lines: list[str]) -> list[str]:
    """Certificates by their names: the one configuration has what is in them, the other names their file."""
    return [line.partition(" nvram:")[0] for line in lines if line.startswith("certificate ")]


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


def _lines(found: dict[str, list[str]]) -> dict[str, None]:
    """Each heading, and each line with the heading that it stands under."""
    return {
        text: None
        for heading, lines in found.items()
        for text in (heading, *(f"{heading}: {one}" for one in lines))
    }
