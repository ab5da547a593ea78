"""More news than an implementation may tell at once: it breaks the rate of 43B.2 on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.case import Case
from harness.pdu import Frame, PortInfo, lacpdu_frame
from harness.wire.station import Station

PROVOCATIONS_A_SECOND = 10

Provocation = Callable[[Station, int], PortInfo]
"""Changes what a station is in one more turn of a burst; gives the Partner information to say."""


def sync_toggles(station: Station, turn: int) -> PortInfo:
    """The partner is in sync, and is not."""
    station.change(Synchronization=turn % 2)
    return station.echo


def wrong_echo(station: Station, turn: int) -> PortInfo:
    """The partner knows nothing of the implementation."""
    return PortInfo()


def another_port(station: Station, turn: int) -> PortInfo:
    """The partner's port number is another one each time, its Port's identity with it."""
    station.change(port=first_port(station) + turn)
    return station.echo


def first_port(station: Station) -> int:
    """The number that the first turn of `another_port` says."""
    return station.info.port & 0xFF00 | 0x1000


def provoke(
    case: Case, begins: Mapping[Station, float], seconds: float, provocation: Provocation
) -> dict[Station, list[Frame]]:
    """A burst on each of some wires, from a moment of its own; gives the frames that passed."""
    sent: dict[Station, list[Frame]] = {station: [] for station in begins}
    turns = range(round(seconds * PROVOCATIONS_A_SECOND))
    due = [(begin + turn / PROVOCATIONS_A_SECOND, turn, station)
           for station, begin in begins.items() for turn in turns]  # fmt: skip
    for when, turn, station in sorted(due, key=_when):
        case.run_for(max(0.0, when - case.now()))
        echo = provocation(station, turn)
        sent[station].append(station.put(lacpdu_frame(station.wire.tap.mac, station.info, echo)))
    return sent


def _when(due: tuple[float, int, Any]) -> float:
    return due[0]
