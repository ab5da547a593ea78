"""Whether an IOS switch has started anew, by what `show version` says of its last start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from harness.verdict import BenchError

MINUTE = 60.0

_MINUTES = {"years": 525600, "weeks": 10080, "days": 1440, "hours": 60, "minutes": 1}


@dataclass(frozen=True)
class Start:
    """The last start of a switch: whole ``minutes`` of its uptime, and its own words.

    ``restarted`` is the moment, "" where its clock is not set; ``words`` are for people.
    """

    minutes: int
    restarted: str
    words: str

    @classmethod
    def of(cls, version: Mapping[str, Any]) -> Self:
        """By the fields of `show version` (ntc-templates). Raises BenchError where it tells no uptime."""
        uptime = version.get("uptime") or ""
        minutes = sum(int(version.get(f"uptime_{unit}") or 0) * each for unit, each in _MINUTES.items())
        if not uptime or (not minutes and not uptime.startswith("0 min")):
            raise BenchError(f"`show version` does not tell how long the switch has been up: {uptime!r}")
        restarted, reason = version.get("restarted") or "", version.get("reload_reason") or ""
        words = [f"uptime is {uptime}"]
        words += [f"System returned to ROM by {reason}"] if reason else []
        words += [f"System restarted at {restarted}"] if restarted else []
        return cls(minutes, restarted, ", ".join(words))

    @property
    def telling(self) -> bool:
        """Whether a start after this one can be told from none."""
        return self.minutes > 0 or bool(self.restarted)

    def is_before(self, later: Start, seconds: float) -> bool:
        """Whether the switch has started between two looks, ``seconds`` apart: at this one, and at ``later``.

        One that has not been started has been up for all that time besides. The moment of a start moves with
        the clock that it is told by, so it counts only where uptime does not tell.
        """
        if self.minutes:
            return later.minutes < self.minutes + int(seconds / MINUTE)
        return later.restarted != self.restarted
