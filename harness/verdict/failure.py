"""What an implementation did wrong, as data: reports make sentences of it, nobody takes these apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """How a requirement was found to be broken."""

    CHECK = "check"
    PREMISE = "premise"  # what a testcase needs before it can judge its own rows
    REFUSAL = "refusal"  # a command that the implementation did not carry out
    CRASH = "crash"  # it raised what it may not, or spins
    RULE = "rule"  # the protocol monitor's


@dataclass(frozen=True)
class Limit:
    """The time that was judged, in seconds: the clause's own, what is added for timers, the bench and a link.

    ``word`` is "within" where something was to come in that time, "for" where nothing was, "at least" or
    "at most" where it is the limit of a figure. ``link`` is what is left of the implementation's own time to
    see that carrier came or went, where that was just before. ``clocks`` is by how much the clocks of two
    machines may differ, where what was compared is of two.
    """

    word: str
    clause: float
    tolerance: float = 0.0
    bench: float = 0.0
    link: float = 0.0
    clocks: float = 0.0

    @property
    def whole(self) -> float:
        """All of it, in seconds."""
        return self.clause + self.tolerance + self.bench + self.link + self.clocks


@dataclass(frozen=True)
class SeenFrame:
    """A frame as a failure shows it; ``time`` in seconds from the failure's `origin`."""

    time: float
    place: str
    text: str


@dataclass(frozen=True)
class Figure:
    """A measured value outside its limits."""

    value: float
    unit: str
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class KnownDeviation:
    """Why a failure is a known deviation: of which row, and until which day (ISO 8601)."""

    row: str
    reason: str
    reference: str
    expires: str


@dataclass(frozen=True)
class Failure:
    """One row that was broken.

    ``row`` and ``clause`` are the catalogue's. ``expected`` and ``seen`` are short and on one line: what the
    requirement is, and what there was instead; ``limit`` is the time of the requirement. ``frames`` are what
    the implementation sent instead, ``left_out`` how many more there were, ``origin`` what their times count
    from. ``window`` is the time that was judged, from and to in bench seconds; None where that is the whole
    testcase. ``granted`` are seconds of it that the implementation got beyond its time, because it was held
    up so long. ``doubt`` is why the bench's own measurements forbid a FAIL for it, "" where they do not.
    ``known`` is the deviation that it is; ``expired``: its day is over, so that it is none any more.
    """

    row: str
    clause: str
    expected: str
    seen: str
    kind: Kind = Kind.CHECK
    limit: Limit | None = None
    frames: tuple[SeenFrame, ...] = ()
    left_out: int = 0
    origin: str = ""
    figure: Figure | None = None
    window: tuple[float, float] | None = None
    granted: float = 0.0
    doubt: str = ""
    known: KnownDeviation | None = None
    expired: bool = False

    @property
    def is_premise(self) -> bool:
        """Whether it says nothing of the testcase's own rows."""
        return self.kind is Kind.PREMISE

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Failure:
        """Rebuild one that crossed a process border."""
        made = dict(data)
        made["kind"] = Kind(made["kind"])
        made["limit"] = Limit(**made["limit"]) if made["limit"] else None
        made["frames"] = tuple(SeenFrame(**frame) for frame in made["frames"])
        made["figure"] = Figure(**made["figure"]) if made["figure"] else None
        made["window"] = tuple(made["window"]) if made["window"] else None
        made["known"] = KnownDeviation(**made["known"]) if made["known"] else None
        return cls(**made)
