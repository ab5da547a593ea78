"""Configuration text of an IOS switch: sections, what a change touches, how to undo it. Pure functions."""

from __future__ import annotations

import re

from harness.switch.cisco_ios.names import expand, long_name, vlans
from harness.switch.journal import Part
from harness.verdict import BenchError

_INTERFACE = re.compile(r"(?i)int\w*\s+(?!range\b)(?P<name>.+)$")
_RANGE = re.compile(r"(?i)int\w*\s+range\s+(?P<names>.+)$")
_VLAN = re.compile(r"(?i)vlan\s+(?P<numbers>\d[\d\s,-]*)$")
# A line in an interface's section that makes another section, where there is none yet.
_MAKES = {
    re.compile(r"(?i)chan[\w-]*\s+(\d+)\b"): "interface Port-channel{}",
    re.compile(r"(?i)sw\w*\s+ac\w*\s+v\w*\s+(\d+)$"): "vlan {}",
}
_TEXT = re.compile(
    r"\s*(?:banner [\w-]+|vacant-message|refuse-message|menu \S+ title|aaa authentication \S+-?message"
    r"|aaa authentication banner) (?P<end>\^C|\S)(?P<text>.*)$"
)
"""A line that begins a text, which ends with the same sign; what stands in it is no configuration."""

_MACRO = re.compile(r"macro name ")
_MACRO_END = "@"

_FRAME = ("Building configuration", "Current configuration", "! Last", "! NVRAM", "ntp clock-period")

# Settings with one value: `no` takes the words alone, and a new value replaces the old one.
_SINGLE = (
    "channel-group",
    "description",
    "duplex",
    "hostname",
    "lacp max-bundle",
    "lacp port-priority",
    "lacp rate",
    "lacp system-priority",
    "mtu",
    "name",
    "port-channel load-balance",
    "port-channel min-links",
    "speed",
    "switchport access vlan",
    "switchport mode",
    "switchport trunk allowed vlan",
    "switchport trunk native vlan",
    "vtp mode",
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
        if re.match(r"(end|do|reload|write|copy|erase|configure|banner|macro)\b", plain):
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


def entered(part: Part, lines: list[str]) -> bool:
    """Whether lines enter this section, and not only name it: a port's VLAN is not changed by the port."""
    return any(part in headings(re.sub(r"^(?:no|default) ", "", line.strip())) for line in lines)


def headings(line: str) -> list[Part]:
    """The sections that a line enters, without its `no`: several for a range; none for another line."""
    if match := _RANGE.match(line):
        return [Part("section", f"interface {name}") for name in expand(match["names"])]
    if match := _INTERFACE.match(line):
        return [Part("section", f"interface {long_name(match['name'])}")]
    if match := _VLAN.match(line):
        return [Part("section", f"vlan {number}") for number in vlans(match["numbers"])]
    return []


def sections(text: str) -> dict[str, list[str]]:
    """A running configuration as heading -> its lines without indent; a line alone is an empty section.

    A heading for several, such as ``vlan 10-12,100``, stands once for each. Banners and macros are left out.
    Raises BenchError for a banner that does not end.
    """
    found: dict[str, list[str]] = {}
    inside: list[list[str]] = []
    for line in _parted(text.splitlines())[0]:
        if line.startswith(" ") and inside:
            for lines in inside:
                lines.append(line.strip())
        elif line.strip() in ("", "!", "end") or is_frame(line):
            inside = []
        else:
            inside = [found.setdefault(heading, []) for heading in _unfolded(line.rstrip())]
    return found


def _unfolded(heading: str) -> list[str]:
    try:
        return [part.name for part in headings(heading)] or [heading]
    except BenchError:  # an interface of a kind that is not known
        return [heading]


def texts(text: str) -> list[str]:
    """The lines of banners and macros, which `sections` leaves out. Raises as it does."""
    return _parted(text.splitlines())[1]


def _parted(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines but those of banners and macros, and the lines of these."""
    plain: list[str] = []
    inside: list[str] = []
    left = iter(lines)
    for line in left:
        plain.append(line)
        end = ""
        if match := _TEXT.match(line):
            end = "" if match["end"] in match["text"] else match["end"]
        elif _MACRO.match(line):
            end = _MACRO_END
        for text in left if end else ():
            inside.append(text)
            if end in text:
                break
        else:
            if end:
                raise BenchError(f"the switch's configuration: the text of `{line.strip()}` does not end")
    return plain, inside


def is_frame(line: str) -> bool:
    """Whether a line of `show running-config` is about the configuration, or drifts by itself."""
    return line.startswith(_FRAME)


def current(text: str, part: Part) -> list[str] | None:
    """What a running configuration has of a part: a section's lines (None: not there), or matching lines."""
    found = sections(text)
    if part.kind == "section":
        return found.get(part.name)
    return [line for line in found if f"{line.removeprefix('no ')} ".startswith(f"{part.name} ")]


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
    # All lines of a setting that differs: a long list of VLANs has several, and the first replaces them.
    differ = {setting(line) for line in before if line not in now} | {setting(line) for line in removed}
    added = [line for line in before if setting(line) in differ]
    # A port leaves its channel group before anything else changes: members are not free to.
    removed.sort(key=lambda line: not line.startswith("channel-group"))
    lines = [_no(line) for line in removed if setting(line) not in kept or line.startswith("channel-group")]
    lines += [line for line in added if line != "shutdown"]
    return list(dict.fromkeys(lines)) + [line for line in added if line == "shutdown"]


def setting(line: str) -> str:
    """The words that name what a line sets; the whole line where a setting may have several."""
    plain = line.removeprefix("no ")
    return next((words for words in _SINGLE if f"{plain} ".startswith(f"{words} ")), plain)


def _no(line: str) -> str:
    return line.removeprefix("no ") if line.startswith("no ") else f"no {setting(line)}"
