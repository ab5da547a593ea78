"""Names of a Cisco switch's interfaces: long, short, as typed; and ranges of them, unfolded.

The kinds of interfaces, with the ways in which they are abbreviated, are netutils'. Here stands only where
IOS itself writes another word.
"""

from __future__ import annotations

import re

from netutils.constants import BASE_INTERFACES
from netutils.interface import abbreviated_interface_name
from netutils.vlan import vlanconfig_to_list

from harness.verdict import BenchError

_SHORT = {
    "AppGigabitEthernet": "Ap",
    "BDI": "BD",
    "FiftyGigE": "Fif",
    "FiveGigabitEthernet": "Fi",
    "FourHundredGigE": "Fou",
    "HundredGigE": "Hu",
    "TwoGigabitEthernet": "Tw",
    "TwoHundredGigE": "TwoH",
    "Vlan": "Vl",
    "Wlan-GigabitEthernet": "Wl",
}
"""Kinds that IOS names, or abbreviates, in another way than netutils; that of 5 Gbit/s is not in netutils."""

_LONG = {
    "Bdi": "BDI",
    "FiftyGigabitEthernet": "FiftyGigE",
    "FourHundredGigabitEthernet": "FourHundredGigE",
    "HundredGigabitEthernet": "HundredGigE",
    "TwoHundredGigabitEthernet": "TwoHundredGigE",
    "VLAN": "Vlan",
}
"""netutils' words for kinds, and those that IOS takes and shows."""

_COMMON = ("GigabitEthernet", "FastEthernet", "TenGigabitEthernet", "Ethernet")
"""What a prefix means first that several kinds have, such as ``f``."""

_KINDS = {
    word: _LONG.get(long, long)
    for word, long in BASE_INTERFACES.items()
    if re.fullmatch("[A-Za-z-]{2,}", word)  # a single letter is a prefix
} | {short: long for long, short in _SHORT.items()}
"""Kinds by every word for them; where netutils and IOS differ, IOS' meaning."""

_NUMBER = r"\d+(?:/\d+)*(?:\.\d+)?(?::\d+)?"
_TYPED = re.compile(rf"\s*([A-Za-z-]+?)\s*({_NUMBER})\s*")
_RANGE = re.compile(rf"\s*(?:([A-Za-z-]+?)\s*)?({_NUMBER})\s*(?:-\s*(?:[A-Za-z-]+\s*)?({_NUMBER})\s*)?")


def long_name(name: str) -> str:
    """``Gi1/0/1`` or ``gigabit 1/0/1`` as ``GigabitEthernet1/0/1``. BenchError for anything else."""
    match = _TYPED.fullmatch(name)
    if match is None:
        raise BenchError(f"{name!r} is no interface name of a switch, such as GigabitEthernet1/0/1")
    return _kind(match[1]) + match[2]


def short_name(name: str) -> str:
    """``GigabitEthernet1/0/1`` as ``Gi1/0/1``, as the switch writes in tables; else the name as it is."""
    own = {kind: kind for kind in _SHORT}
    return str(abbreviated_interface_name(name, addl_name_map=own, addl_reverse_map=_SHORT))


def expand(text: str) -> list[str]:
    """``gi1/0/1 - 3 , gi1/0/7`` as long names, in order. Raises BenchError for anything else.

    Also as other switches write it: ``Et1/1-1/4,7``, ``gi1-gi4``.
    """
    names: list[str] = []
    kind = stem = ""
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if match is None or not (match[1] or kind):
            raise BenchError(f"{text!r} is no range of interfaces, such as GigabitEthernet1/0/1 - 4")
        kind = _kind(match[1]) if match[1] else kind
        above, slash, first = match[2].rpartition("/")
        stem = above + slash if match[1] or slash else stem
        last = match[3].rpartition("/")[2] if match[3] else first
        if not match[3]:
            names.append(f"{kind}{stem}{first}")
        elif first.isdecimal() and last.isdecimal() and int(first) <= int(last):
            names += [f"{kind}{stem}{number}" for number in range(int(first), int(last) + 1)]
        else:
            raise BenchError(f"{text!r} is no range of interfaces: {part.strip()!r} has no first and last")
    return names


def vlans(text: str) -> list[int]:
    """``1-3,7`` as VLAN numbers, in order, once each. Raises BenchError for anything else."""
    try:
        return sorted(set(vlanconfig_to_list(re.sub(r"\s", "", text))))
    except (ValueError, IndexError):
        raise BenchError(f"{text!r} is no list of VLANs, such as 1-3,7") from None


def _kind(typed: str) -> str:
    """What a typed kind means: a word for it, in its own or any case, or a prefix of one kind's name."""
    if typed in _KINDS:
        return _KINDS[typed]
    word = typed.lower()
    for known, kind in _KINDS.items():
        if known.lower() == word:
            return kind
    for kind in (*_COMMON, *_KINDS.values()):
        if kind.lower().startswith(word):
            return kind
    known_kinds = ", ".join(sorted(set(_KINDS.values())))
    raise BenchError(f"{typed!r} is no kind of interface; known are {known_kinds}")
