"""What was done to the implementation and when: what a rule may expect of it changes with that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.dut.implementation import Aggregate, Dut

_READS = {"version", "facts", "interface", "status", "get"}
_MAKES = {"aggregate", "existing"}


@dataclass(frozen=True)
class Act:
    """One order, from when it was given until it was carried out; bench seconds."""

    start: float
    end: float


class Acts:
    """The orders of one testcase; `dut` is the implementation as a testcase is to use it."""

    def __init__(self, dut: Dut, now: Callable[[], float]) -> None:
        self.all: list[Act] = []
        self._now = now
        self.dut: Dut = _Recorded(dut, self)  # type: ignore[assignment]

    def do(self, order: Callable[[], Any]) -> Any:
        """Carry out an order and keep when."""
        start = self._now()
        try:
            return order()
        finally:
            self.all.append(Act(start, self._now()))

    def between(self, start: float, end: float) -> bool:
        """Whether anything was done to the implementation in this time."""
        return any(act.start <= end and act.end >= start for act in self.all)

    def epoch(self, time: float, late: float = 0.0) -> int | None:
        """Number of the orders before; None while one is carried out, and for `late` seconds after that:
        a frame that passes then may have left before."""
        if self.between(time - late, time):
            return None
        return sum(act.end < time for act in self.all)


class _Recorded:
    """Passes everything on; what is not known to read only is kept as an act."""

    def __init__(self, of: Dut | Aggregate, acts: Acts) -> None:
        self._of = of
        self._acts = acts

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._of, name)
        if not callable(found) or name in _READS:
            return found

        def order(*words: Any, **named: Any) -> Any:
            made = self._acts.do(lambda: found(*words, **named))
            return _Recorded(made, self._acts) if name in _MAKES else made

        return order
