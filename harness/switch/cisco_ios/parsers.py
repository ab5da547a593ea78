"""`show lacp ...` of IOS, for which ntc-templates has nothing, and `show vlan brief`, for names with blanks.

Strict: a line that fits nowhere is an error, so that a disturbed answer is never taken for a short one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from harness.switch.cisco_ios.names import long_name
from harness.switch.switch import Internal, Neighbor, SystemId
from harness.verdict import BenchError


@dataclass(frozen=True)
class IosNeighbor(Neighbor):
    """A port in `show lacp neighbor detail`. ``flags``: S or F (rate), A or P (activity)."""

    flags: str
    age: int  # seconds since its last LACPDU


@dataclass(frozen=True)
class IosInternal(Internal):
    """A row of `show lacp internal`. ``bundle``: bndl, susp, down, hot-sby ..."""

    flags: str
    bundle: str
    admin_key: int


@dataclass(frozen=True)
class Counters:
    """A row of `show lacp counters`."""

    group: int
    port: str
    lacpdus_sent: int
    lacpdus_received: int
    markers_sent: int
    markers_received: int
    marker_responses_sent: int
    marker_responses_received: int
    errors: int


_PORT = r"(?P<port>[A-Z][A-Za-z-]*\d[\d/.:]*)"
_MAC = r"[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}"
_NUMBER = r"(?:0x[0-9A-Fa-f]+|\d+)"
_GROUP = re.compile(r"Channel group:? (?P<group>\d+)(?: neighbors)?$")
_LEGEND = re.compile(r"(?:Flags: +)?[A-Z] - Device is .*$|Partner's information:$|-+$")

_NEIGHBOR = re.compile(
    rf"{_PORT}\s+(?P<system_priority>\d+) *, *(?P<system>{_MAC})\s+(?P<port_number>{_NUMBER})\s+"
    r"(?P<age>\d+)\s*s\s+(?P<flags>[SFAP]+)$"
)
_NEIGHBOR_REST = re.compile(rf"(?P<port_priority>\d+)\s+(?P<key>{_NUMBER})\s+(?P<state>{_NUMBER})$")
_NEIGHBOR_HEAD = re.compile(
    r"(?:LACP +)?Partner +Partner +Partner$|Port +System ID +Port Number .*$|Port Priority +Oper Key .*$"
    r"|Port State Flags Decode:$|Activity: .*$|Collecting: .*$|(?:Active|Passive) .*$|(?:Yes|No) .*$"
)
_INTERNAL = re.compile(
    rf"{_PORT}\s+(?P<flags>[SFAP]+)\s+(?P<bundle>[a-z-]+)\s+(?P<port_priority>\d+)\s+"
    rf"(?P<admin_key>{_NUMBER})\s+(?P<key>{_NUMBER})\s+(?P<port_number>{_NUMBER})\s+(?P<state>{_NUMBER})$"
)
_INTERNAL_HEAD = re.compile(r"LACP port +Admin +Oper +Port +Port$|Port +Flags +State +Priority +Key .*$")
_COUNTERS = re.compile(
    rf"{_PORT}\s+(?P<lacpdus_sent>\d+)\s+(?P<lacpdus_received>\d+)\s+(?P<markers_sent>\d+)\s+"
    r"(?P<markers_received>\d+)\s+(?P<marker_responses_sent>\d+)\s+(?P<marker_responses_received>\d+)\s+"
    r"(?P<errors>\d+)$"
)
_COUNTERS_HEAD = re.compile(r"LACPDUs +Marker +Marker Response +LACPDUs$|Port +Sent +Recv .*$")
_SYSTEM_ID = re.compile(rf"(?P<priority>\d+) *, *(?P<system>{_MAC})$")


def colon_mac(dotted: str) -> str:
    """``0011.2233.4455`` as ``00:11:22:33:44:55``."""
    digits = dotted.replace(".", "").lower()
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def _rows(
    command: str, text: str, head: re.Pattern[str], row: re.Pattern[str], rest: re.Pattern[str] | None = None
) -> list[dict[str, Any]]:
    """The rows of a table, each with the group whose heading stands above it.

    ``rest`` is a further line of the row before it.
    """
    rows: list[dict[str, Any]] = []
    group = 0
    for line in map(str.strip, text.splitlines()):
        if match := _GROUP.match(line):
            group = int(match["group"])
        elif match := row.match(line):
            rows.append({"group": group} | _values(match))
        elif rest is not None and rows and (match := rest.match(line)):
            rows[-1] |= _values(match)
        elif line and not head.match(line) and not _LEGEND.match(line):
            raise BenchError(f"`{command}`: a line of the switch's answer is not understood: {line!r}")
    return rows


def _values(match: re.Match[str]) -> dict[str, Any]:
    return {name: _value(name, word) for name, word in match.groupdict().items()}


def _value(name: str, word: str) -> Any:
    if name == "port":
        return long_name(word)
    if name == "system":
        return colon_mac(word)
    return word if name in ("flags", "bundle") else int(word, 0)


def neighbors(text: str) -> list[IosNeighbor]:
    """`show lacp neighbor detail`, which unlike the table has the partner's system priority."""
    command = "show lacp neighbor detail"
    rows = _rows(command, text, _NEIGHBOR_HEAD, _NEIGHBOR, _NEIGHBOR_REST)
    for row in rows:
        if "state" not in row:
            raise BenchError(f"`{command}`: the switch's answer on {row['port']} is not whole")
    return [IosNeighbor(**row) for row in rows]


def internals(text: str) -> list[IosInternal]:
    """`show lacp internal`."""
    return [IosInternal(**row) for row in _rows("show lacp internal", text, _INTERNAL_HEAD, _INTERNAL)]


def counters(text: str) -> list[Counters]:
    """`show lacp counters`."""
    return [Counters(**row) for row in _rows("show lacp counters", text, _COUNTERS_HEAD, _COUNTERS)]


def system_id(text: str) -> SystemId:
    """`show lacp sys-id`."""
    match = _SYSTEM_ID.match(text.strip())
    if match is None:
        raise BenchError(f"`show lacp sys-id`: the switch's answer is not understood: {text.strip()!r}")
    return SystemId(int(match["priority"]), colon_mac(match["system"]))


_VLAN_RULE = re.compile(r"-+ -+ -+ -+$")
_VLAN_ROW = re.compile(r"(?P<number>\d+)\s+(?P<name>\S.*?)\s+(?:active|act/\S+|sus\w*|sus/\S+|act\S*)\b")


def vlan_names(text: str) -> dict[int, str]:
    """`show vlan brief`: the names of all VLANs, those too that VTP keeps out of the configuration."""
    names: dict[int, str] = {}
    in_table = False
    for line in map(str.rstrip, text.splitlines()):
        if _VLAN_RULE.match(line):
            in_table = True
        elif in_table and line[:1].isdigit():
            match = _VLAN_ROW.match(line)
            if match is None:
                raise BenchError(
                    f"`show vlan brief`: a line of the switch's answer is not understood: {line!r}"
                )
            names[int(match["number"])] = match["name"]
    if not names:
        raise BenchError(f"`show vlan brief`: the switch's answer is not understood: {text.strip()[:100]!r}")
    return names


_PARSERS: list[tuple[re.Pattern[str], Callable[[str], list[Any]]]] = [
    (re.compile(r"show lacp(?: \d+)? nei\w* det\w*$"), neighbors),
    (re.compile(r"show lacp(?: \d+)? int\w*$"), internals),
    (re.compile(r"show lacp(?: \d+)? cou\w*$"), counters),
    (re.compile(r"show lacp sys\S*$"), lambda text: [system_id(text)]),
]


def parse(command: str, text: str) -> list[dict[str, Any]] | None:
    """The rows of an answer as dictionaries; None when the command is none of ours."""
    for pattern, parser in _PARSERS:
        if pattern.match(command.strip()):
            return [asdict(row) for row in parser(text)]
    return None
