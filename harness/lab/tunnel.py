"""A wire through the switch: two of its ports alone in a VLAN, which pass frames on as a cable would."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.lab.section import value_error

LACP = "lacp"
"""What a tunnel must pass to be a wire at all."""

KINDS = {
    LACP: "LACPDUs, Markers and frames of 64 to 1518 octets",
    "other_subtypes": "other frames to the slow protocols' address (subtypes 0 and 3 to 255)",
    "reserved_groups": "other reserved addresses (01-80-C2-00-00-00 to -0F)",
    "tagged_frames": "tagged frames",
    "dei": "tags with DEI set",
    "jumbo": "jumbo frames",
}
"""Kinds of frames that a tunnel may pass or not, by the word by which a testcase needs them."""

MOST_VLAN = 4094


@dataclass(frozen=True)
class Tunnel:
    """Between the switch's port ``near``, of the implementation, and ``far``, of the tester.

    ``blocked`` are the kinds of frames that were found not to pass; ``reaction`` seconds from an order to the
    switch, to shut that port or to set it up, until frames stop or pass: 0 until it was measured. It is
    ``proven`` where probes went through it, from end to end.
    """

    near: str
    far: str
    vlan: int
    blocked: frozenset[str] = frozenset()
    reaction: float = 0.0
    proven: bool = False

    @property
    def words(self) -> str:
        """For reports: the way that frames take."""
        return f"{self.near} == VLAN {self.vlan} == {self.far}"

    @property
    def fit(self) -> bool:
        """Whether it is a wire."""
        return LACP not in self.blocked


def vlans_text(text: str) -> str:
    """A text of VLANs as it stands; raises where it is none."""
    numbers(text)
    return text


def numbers(text: str) -> list[int]:
    """The VLANs of "3900-3909" or "100,110-112", in order."""
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 2 <= first <= last <= MOST_VLAN:
            raise value_error(f"{text!r} is no list of VLANs (2 to {MOST_VLAN}), as 3900-3909")
        found += range(first, last + 1)
    return list(dict.fromkeys(found))
