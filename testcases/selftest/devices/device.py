"""What a device is: one line of the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.pdu import PortInfo
from harness.profile import Edition
from harness.reference import Reference
from harness.reference.choices import Choices
from harness.reference.status import info_of


@dataclass(frozen=True)
class Timing:
    """How long a device takes, in seconds.

    ``tick``: it looks at its frames, links and timers so often, at whole multiples; 0: at once. An LACPDU is
    taken ``ingress`` after it came, and leaves ``egress`` after it was made; a Marker Response ``response``
    after that. Carrier that came or went is known ``up`` or ``down`` later, where it stays so long.
    """

    tick: float = 0.0
    ingress: float = 0.0
    egress: float = 0.0
    response: float = 0.0
    up: float = 0.0
    down: float = 0.0


def declared(partner_admin: PortInfo) -> dict[str, object]:
    """Partner_Admin_* as the PICS has them."""
    return {"partner_defaults": info_of(partner_admin)}


def unchanged(frame: bytes, port: bytes) -> bytes:
    """The frame as it is."""
    return frame


@dataclass(frozen=True)
class Device:
    """One device: what the standard leaves open (``freedom``, by ``clause``), and how it is taken here.

    ``takes`` and ``sends`` give a frame of a port (its address is the second argument) as the device sees it
    (None: not at all), and as it leaves. ``refuses`` are administrative variables that it does not have.
    ``pics``, ``readings``, ``edition`` and ``link_time`` are what its lab file says, in place of the
    reference model's. ``phases``: how many phases of its ticks each testcase meets. ``boundary`` makes it
    where that is not `boundary.Boundary`. One that is outside the clause has ``found``: rows of which one
    must fail on it, at each phase; ``alone``: and no other row may. ``unjudged`` are rows of which it gives
    nothing to judge.
    """

    name: str
    clause: str
    freedom: str
    choices: Callable[[], Choices] = Choices
    timing: Timing = Timing()
    boundary: Callable[[Device], Reference] | None = None
    takes: Callable[[bytes, bytes], bytes | None] = unchanged
    sends: Callable[[bytes, bytes], bytes] = unchanged
    refuses: frozenset[str] = frozenset()
    pics: Mapping[str, Any] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    edition: Edition = "802.3ad-2000"
    link_time: float = 0.0
    phases: int = 1
    found: tuple[str, ...] = ()
    alone: bool = True
    unjudged: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """Its name as a word of Python, and of a file."""
        return re.sub(r"\W+", "_", self.name)
