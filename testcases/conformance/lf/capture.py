"""What most rows about the format look at: all that a member says while it gets to know its partner."""

from __future__ import annotations

from typing import Any

from harness.case import Case
from harness.pdu import Frame
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME, PROMPT

ALONE = "the introduction of one port"
TOGETHER = "the introduction of two ports"
"""What testcases look at that do nothing but `look`."""

INTRODUCTION_TIME = AGGREGATE_WAIT_TIME + FAST_PERIODIC_TIME + PROMPT / 2
"""Seconds in which an implementation passes from EXPIRED to DISTRIBUTING, and each LACPDU of it differs."""


def introduction(
    case: Case, members: int = 1, during: float = INTRODUCTION_TIME, **variables: Any
) -> dict[str, list[Frame]]:
    """LACPDUs of each member from its attachment on, by wire; a willing, fast partner is on each.

    Nothing but their being there is judged, so that a malformed LACPDU reaches the check that names it.
    """
    wires = case.wires[:members]
    stations = [case.station(wire) for wire in wires]
    since = case.now()
    case.aggregate(wires, **variables)
    for station in stations:
        station.start()
    return case.lacpdus(stations, since=since, during=during)


def look(case: Case, members: int = 1) -> dict[str, list[Frame]]:
    """An `introduction`, the same for all that claim ``looks_at`` ALONE, or TOGETHER for two members."""
    return case.look(lambda: introduction(case, members))
