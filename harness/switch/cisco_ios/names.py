"""Names of a Cisco switch's interfaces: long, short, as typed."""

from __future__ import annotations

import re

from harness.verdict import BenchError

_KINDS = {
    "FastEthernet": "Fa",
    "GigabitEthernet": "Gi",
    "TwoGigabitEthernet": "Tw",
    "FiveGigabitEthernet": "Fi",
    "TenGigabitEthernet": "Te",
    "TwentyFiveGigE": "Twe",
    "FortyGigabitEthernet": "Fo",
    "HundredGigE": "Hu",
    "Ethernet": "Et",
    "Port-channel": "Po",
    "Vlan": "Vl",
    "Loopback": "Lo",
}
_TYPED = re.compile(r"\s*([A-Za-z-]+)\s*(\d+(?:/\d+)*(?:\.\d+)?)\s*")
_RANGE = re.compile(rf"{_TYPED.pattern}(?:-\s*(\d+))?\s*")


def long_name(name: str) -> str:
    """``Gi1/0/1`` or ``gigabit 1/0/1`` as ``GigabitEthernet1/0/1``. BenchError for anything else."""
    match = _TYPED.fullmatch(name)
    if match is None:
        raise BenchError(f"{name!r} is no interface name of a switch, such as GigabitEthernet1/0/1")
    return _kind(match[1]) + match[2]


def short_name(name: str) -> str:
    """``GigabitEthernet1/0/1`` as ``Gi1/0/1``, as the switch writes in tables; else the name as it is."""
    match = _TYPED.fullmatch(name)
    return _KINDS.get(match[1], match[1]) + match[2] if match else name


def expand(text: str) -> list[str]:
    """``gi1/0/1 - 3 , gi1/0/7`` as long names, in order. Raises BenchError for anything else."""
    names: list[str] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise BenchError(f"{text!r} is no range of interfaces, such as GigabitEthernet1/0/1 - 4")
        stem, _, first = match[2].rpartition("/")
        for number in range(int(first), int(match[3] or first) + 1):
            names.append(_kind(match[1]) + (f"{stem}/{number}" if stem else str(number)))
    return names


def _kind(typed: str) -> str:
    """What a typed kind means: its abbreviation in tables, or a prefix; the first where several fit."""
    typed = typed.lower()
    for kind, short in _KINDS.items():
        if short.lower() == typed:
            return kind
    for kind in _KINDS:
        if kind.lower().startswith(typed):
            return kind
    raise BenchError(f"{typed!r} is no kind of interface; known are {', '.join(_KINDS)}")
