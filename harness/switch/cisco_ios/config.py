"""Configuration text of an IOS switch: sections, what a change touches, how to undo it. Pure functions."""

from __future__ import annotations

import re

from harness.switch.cisco_ios.names import expand, long_name
from harness.switch.journal import Part
from harness.verdict import BenchError

_INTERFACE = re.compile(r"(?i)int\w*\s+(?!range\b)(?P<name>.+)$")
_RANGE = re.compile(r"(?i)int\w*\s+range\s+(?P<names>.+)$")
_SECTION = re.compile(r"(?i)(?P<kind>vlan)\s+(?P<name>\d+)$")
# A line in an interface's section that makes another section, where there is none yet.
_MAKES = {
    re.compile(r"channel-group (\d+)\b"): "interface Port-channel{}",
    re.compile(r"switchport access vlan (\d+)$"): "vlan {}",
}

_FRAME = ("Building configuration", "Current configuration", "! Last", "! NVRAM", "ntp clock-period")

# Settings with one value: `no` takes the words alone, and a new value replaces the old one.
_SINGLE = (
    "channel-group",
    "description",
    "duplex",
    "hostname",
    "lacp port-priority",
    "lacp rate",
    "lacp system-priority",
    "mtu",
    "port-channel load-balance",
    "port-channel min-links",
    "speed",
    "switchport access vlan",
    "switchport mode",
    "switchport trunk allowed vlan",
    "switchport trunk native vlan",
)


def touched(lines: list[str]) -> list[Part]:
    """Every part of the configuration that lines touch, in order, once each.

    A part is a "section" by its heading ("interface GigabitEthernet1/0/1", "vlan 100"), or a "line" by its
    first words ("lacp system-priority").

    Raises BenchError for lines that leave configuration mode, or that cannot be put back.
    """
    found: list[Part] = []
    inside: list[Part] = []
    for line in map(str.strip, lines):
        plain = re.sub(r"^(?:no|default) ", "", line)
        if re.match(r"(end|do|reload|write|copy|erase|configure)\b", line):
            raise BenchError(f"`{line}` is no configuration line that can be taken back")
        if line == "exit":
            inside = []
        elif entered := headings(plain):
            inside = [] if plain != line else entered
            found += entered
        elif not inside:
            found.append(Part("line", " ".join(plain.split()[:-1][:2]) or plain))
        else:
            found += [
                Part("section", heading.format(match[1]))
                for pattern, heading in _MAKES.items()
                if (match := pattern.match(plain))
            ]
    return list(dict.fromkeys(found))


def headings(line: str) -> list[Part]:
    """The sections that a line enters, without its `no`; none for another line."""
    if match := _RANGE.match(line):
        return [Part("section", f"interface {name}") for name in expand(match["names"])]
    if match := _INTERFACE.match(line):
        return [Part("section", f"interface {long_name(match['name'])}")]
    if match := _SECTION.match(line):
        return [Part("section", f"{match['kind'].lower()} {match['name']}")]
    return []


def sections(text: str) -> dict[str, list[str]]:
    """A running configuration as heading -> its lines without indent; a line alone is an empty section."""
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in text.splitlines():
        if line.startswith(" ") and lines is not None:
            lines.append(line.strip())
        elif line.strip() in ("", "!", "end") or is_frame(line):
            lines = None
        else:
            lines = found.setdefault(line.rstrip(), [])
    return found


def is_frame(line: str) -> bool:
    """Whether a line of `show running-config` is about the configuration, or drifts by itself."""
    return line.startswith(_FRAME)


def current(text: str, part: Part) -> list[str] | None:
    """What a running configuration has of a part: a section's lines (None: not there), or matching lines."""
    found = sections(text)
    if part.kind == "section":
        return found.get(part.name)
    return [heading for heading in found if f"{heading} ".startswith(f"{part.name} ")]


def undo(part: Part, before: list[str] | None, now: list[str] | None) -> list[str]:
    """Configuration lines that turn what a part is now into what it was before."""
    if before == now:
        return []
    if before is None:
        return [f"no {part.name}"]
    lines = _undo_lines(before, now or [])
    return [part.name, *lines, "exit"] if part.kind == "section" else lines


def _undo_lines(before: list[str], now: list[str]) -> list[str]:
    kept = {setting(line) for line in before}
    removed = [line for line in now if line not in before]
    added = [line for line in before if line not in now]
    # A port leaves its channel group before anything else changes: members are not free to.
    removed.sort(key=lambda line: not line.startswith("channel-group"))
    lines = [_no(line) for line in removed if setting(line) not in kept or line.startswith("channel-group")]
    lines += [line for line in added if line != "shutdown"]
    return lines + [line for line in added if line == "shutdown"]


def setting(line: str) -> str:
    """The words that name what a line sets; the whole line where a setting may have several."""
    plain = line.removeprefix("no ")
    return next((words for words in _SINGLE if f"{plain} ".startswith(f"{words} ")), plain)


def _no(line: str) -> str:
    return line.removeprefix("no ") if line.startswith("no ") else f"no {setting(line)}"
