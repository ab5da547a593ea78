"""When an implementation came to tell of churn: between two readings of its status, which take time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.case import Case
from harness.dut.implementation import Aggregate, PortStatus
from harness.profile.constants import CHURN_DETECTION_TIME, PROMPT
from harness.wire.station import Station

AGAIN = 0.1
"""Seconds between two readings."""


@dataclass(frozen=True)
class Churning:
    """One side, "actor" or "partner", of a port as the status tells it."""

    aggregate: Aggregate
    station: Station
    side: str

    @property
    def words(self) -> str:
        """For reports."""
        return f"{self.side} churn on {self.station.wire.name}"

    def state(self) -> str | None:
        """The churn machine's."""
        return self._port().states.get(f"{self.side}_churn")

    def count(self) -> int | None:
        """How often it was declared (30.7.4.1)."""
        return self._port().debug.get(f"{self.side.capitalize()}ChurnCount")

    def named(self, state: str) -> str:
        """A state's name of this side: ``named(NO_CHURN)``."""
        return state.format(self.side.upper())

    def _port(self) -> PortStatus:
        return self.aggregate.status().ports[self.station.wire.port]


MONITOR, NO_CHURN, CHURN = "{}_CHURN_MONITOR", "NO_{}_CHURN", "{}_CHURN"


@dataclass(frozen=True)
class Told:
    """When the last reading without it was asked for, and when the first with it was answered."""

    before: float
    after: float


def told(case: Case, watched: Sequence[Churning], state: str, within: float) -> Mapping[Churning, Told]:
    """Read until each is in this state, for `within` seconds; what never was has no `after`.

    Each is read once more when the time is over, however long a reading takes.
    """
    deadline = case.now() + within
    before = dict.fromkeys(watched, case.now())
    after: dict[Churning, float] = {}
    while waiting := [one for one in watched if one not in after and before[one] < deadline]:
        for one in waiting:
            asked = case.now()
            if one.state() == one.named(state):
                after[one] = case.now()
            else:
                before[one] = asked
        case.run_for(AGAIN)
    return {one: Told(before[one], after.get(one, float("inf"))) for one in watched}


def churns(case: Case, since: Mapping[Churning, tuple[float, float]], rows: Mapping[Churning, str]) -> None:
    """FAIL unless each is declared churning 60 s after a moment between two times; not early, not late."""
    watched = list(since)
    begin = min(earliest for earliest, _ in since.values()) + case.earliest(CHURN_DETECTION_TIME) - PROMPT
    case.run_for(begin - case.now())
    ends = (latest + case.latest(CHURN_DETECTION_TIME, since=latest) for _, latest in since.values())
    for one, seen in told(case, watched, CHURN, max(ends) + PROMPT - case.now()).items():
        earliest, latest = since[one]
        row, limit, name = rows[one], CHURN_DETECTION_TIME, f"{rows[one].lower()}-churn"
        words = f"time without {one.words}"
        longest = seen.before - latest
        case.within(longest, None, limit, words, id=f"{name}-not-after", row=row, since=latest)
        words = f"time until {one.words}"
        case.within(seen.after - earliest, limit, None, words, id=f"{name}-not-before", row=row)


def at_once(case: Case, one: Churning, state: str, since: float, row: str) -> None:
    """FAIL unless this is told within 1 s."""
    seen = told(case, [one], state, since + PROMPT + case.latest(PROMPT, since=since) - case.now())[one]
    words, name = f"{one.words}: time until {one.named(state)}", f"{row.lower()}-told"
    case.within(seen.before - since, None, PROMPT, words, id=name, row=row, since=since)
    case.equal(seen.after < float("inf"), True, f"{one.words}: {one.named(state)} told", row=row)
