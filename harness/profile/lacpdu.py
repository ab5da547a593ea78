"""What the editions ask of an LACPDU's version, and of what stands behind its Collector TLV (43.4.2.2).

Octets are those of a frame without FCS, counted from 0. Each function says what is wrong, "" where nothing
is; ``reading`` is the choice in force of `lacp_version`, or of `version_2_tlvs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LENGTH: Final = 124
"""Octets of the frame of an LACPDU of version 1."""

_VERSION_AT = 15
_BEHIND_COLLECTOR = 72
_RESERVED = 50
_TERMINATOR = bytes(2)

_VERSIONS: Mapping[str, range] = {"one": range(1, 2), "one_or_two": range(1, 3), "any": range(1, 256)}


def is_version_2(octets: bytes) -> bool:
    """Whether an LACPDU says that it is of version 2 or later: the layout of version 1 need not hold."""
    return octets[_VERSION_AT] > 1


def version_wrong(octets: bytes, reading: str) -> str:
    """LF-06: Version_Number is one that the edition has."""
    version = octets[_VERSION_AT]
    return "" if version in _VERSIONS[reading] else f"version {version}, not {reading.replace('_', ' ')}"


def terminator_wrong(octets: bytes, reading: str) -> str:
    """LF-10: the Terminator, type 0 and length 0, stands behind the last TLV."""
    at = _BEHIND_COLLECTOR
    if is_version_2(octets):
        if reading == "reported":
            return ""
        at = _last_tlv_end(octets)
    found = octets[at : at + 2]
    return "" if found == _TERMINATOR else f"Terminator type and length {found.hex(' ') or 'missing'}"


def reserved_wrong(octets: bytes, reading: str) -> str:
    """LF-13: 50 octets of 0 stand behind the Terminator; in version 2 whatever is left."""
    if is_version_2(octets):
        return "" if reading == "reported" or not any(octets[_last_tlv_end(octets) :]) else _not_zero(octets)
    rest = octets[_BEHIND_COLLECTOR + len(_TERMINATOR) :][:_RESERVED]
    return "" if rest == bytes(_RESERVED) else _not_zero(octets)


def length_wrong(octets: bytes) -> str:
    """LF-14: 124 octets; in version 2 at least as many, so that whoever knows version 1 can read it."""
    long_enough = is_version_2(octets) and len(octets) > LENGTH
    return "" if len(octets) == LENGTH or long_enough else f"{len(octets)} octets"


def _not_zero(octets: bytes) -> str:
    return f"reserved octets behind the Terminator {octets[_BEHIND_COLLECTOR + 2 :].hex(' ') or 'missing'}"


def _last_tlv_end(octets: bytes) -> int:
    """Where the Terminator has to stand: behind the last TLV that has a type, by their lengths."""
    at = _BEHIND_COLLECTOR
    while at + 1 < len(octets) and octets[at] != 0:
        at += max(octets[at + 1], 2)
    return at
