"""What was asked of an IOS switch, compared with its running configuration afterwards. Pure functions.

So a refusal is found in whatever words it came. What `default interface` leaves is not compared: a running
configuration does not show it. Of a list of VLANs that is added to, or taken from, only what was said counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from harness.switch.cisco_ios.answers import refusal
from harness.switch.cisco_ios.config import headings, setting
from harness.switch.cisco_ios.names import long_name, vlans
from harness.verdict import BenchError

_DEFAULTS = {
    "duplex": "auto",
    "lacp port-priority": "32768",
    "lacp rate": "normal",
    "lacp system-priority": "32768",
    "mtu": "1500",
    "port-channel load-balance": "src-mac",
    "port-channel min-links": "1",
    "speed": "auto",
    "switchport access vlan": "1",
    "switchport trunk allowed vlan": "all",
    "switchport trunk native vlan": "1",
    "vtp mode": "server",
}
"""Settings of which no line is shown while they have this value."""

_ON = ("cdp enable", "keepalive", "lldp receive", "lldp transmit", "switchport")
"""What is so unless its `no` is shown."""

_TEXT = ("description", "hostname", "name")
_SECRET = re.compile(r"\b(password|secret|key|key-string)\b.*")
_RELATIVE = re.compile(r"(switchport trunk allowed vlan) (?:add|except|remove) (.*)")
_NUMBERS = re.compile(r"\d+(?:[-,]\d+)*")


@dataclass(frozen=True)
class ConfigLine:
    """A configuration line: `section` it is of ("" outside any), and the switch's answer to it.

    `line` is without its `no`, "" for the section itself; `wanted` is False for `no` and `default`.
    """

    section: str
    line: str
    wanted: bool
    said: str

    def done(self, shown: Sequence[str] | None) -> bool:
        """Whether it has come about, by the lines of its section; None: there is no such section."""
        if not self.line:
            return (shown is not None) is self.wanted
        if shown is None:
            return False
        if _RELATIVE.fullmatch(self.line) and refusal(self.said):
            return False
        shown = _joined(shown)
        negated = any(same(f"no {self.line}", line) for line in shown)
        if self.line in _ON:
            return negated is not self.wanted
        if not self.wanted:
            return negated or not any(_of_setting(self.line, line) for line in shown)
        return not negated and (any(same(self.line, line) for line in shown) or self._is_default(shown))

    def _is_default(self, shown: Sequence[str]) -> bool:
        name = setting(self.line)
        is_default = _DEFAULTS.get(name) == self.line.removeprefix(f"{name} ")
        return is_default and not any(_of_setting(name, line) for line in shown)

    def text(self) -> str:
        """For messages: the line, where, and what the switch said."""
        line = f"`{self.line or self.section}`" if self.wanted else f"`no {self.line or self.section}`"
        where = f" of {self.section}" if self.section and self.line else ""
        return f"{line}{where} (the switch said: {' '.join(self.said.split()) or 'nothing'})"


def asked(lines: Iterable[str], answers: Iterable[str]) -> list[ConfigLine]:
    """What lines ask for, each with the answer to it; of several about one setting the last."""
    found: dict[tuple[str, str], ConfigLine] = {}
    inside: list[str] = []
    for line, said in zip(map(str.strip, lines), answers, strict=True):
        plain = re.sub(r"^(?:no|default)\s+", "", line)
        wanted = plain == line
        if plain == "exit":
            inside = []
        elif parts := [part.name for part in headings(plain)]:
            inside = parts if wanted else []
            if not line.startswith("default"):
                found.update({(name, ""): ConfigLine(name, "", wanted, said) for name in parts})
        else:
            for name in inside or [""]:
                found[name, setting(plain)] = ConfigLine(name, plain, wanted, said)
    return list(found.values())


def same(line: str, shown: str) -> bool:
    """Whether a line that a running configuration shows is this one, whose words may be abbreviated."""
    if relative := _RELATIVE.fullmatch(line):  # what comes of it depends on what was before
        return _of_setting(relative[1], shown)
    typed, words = _SECRET.sub(r"\1", line).split(), _SECRET.sub(r"\1", shown).split()
    if words[-1:] == ["edge"] and len(words) == len(typed) + 1:  # of `spanning-tree portfast`, on newer ones
        words.pop()
    if words[:1] and words[0] in _TEXT:
        return typed[:1] != [] and words[0].startswith(typed[0]) and typed[1:] == words[1:]
    return len(typed) == len(words) and all(map(_same_word, typed, words))


def _of_setting(line: str, shown: str) -> bool:
    """Whether a line that is shown sets what this line sets."""
    typed = setting(line).split()
    words = shown.split()
    return len(typed) <= len(words) and all(map(_same_word, typed, words))


def _same_word(typed: str, shown: str) -> bool:
    typed, shown = typed.lower(), shown.lower()
    if typed == shown:
        return True
    if not any(char.isdigit() for char in typed):
        return shown.startswith(typed)
    with suppress(BenchError):  # neither lists of VLANs nor names of interfaces
        if _NUMBERS.fullmatch(typed) and _NUMBERS.fullmatch(shown):
            return vlans(typed) == vlans(shown)
        return long_name(typed) == long_name(shown)
    return False


def _joined(shown: Sequence[str]) -> list[str]:
    """The lines of a section, a list of VLANs that goes on in a line with `add` as one."""
    lines: list[str] = []
    for line in shown:
        more = _RELATIVE.fullmatch(line)
        if more and lines and _of_setting(more[1], lines[-1]):
            lines[-1] += f",{more[2]}"
        else:
            lines.append(line)
    return lines
