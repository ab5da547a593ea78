"""What was done to the implementation and when: what a rule may expect of it changes with that.

What a testcase asks for is held against what it says that it needs: so it is known before a run that an
adapter cannot do it, on whichever bench the testcase was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from harness.dut.abilities import running, word_of
from harness.dut.implementation import (
    FIGURES,
    PARTNER_VARIABLES,
    PORT_VARIABLES,
    Aggregate,
    Dut,
    Variable,
)
from harness.verdict import (
    BenchError,
    ConformanceFailure,
    ImplementationBroke,
    ImplementationRefused,
    Inconclusive,
    NotApplicable,
)

_READS = {"version", "facts", "interface", "status", "get"}
_MAKES = {"aggregate", "existing"}
_NEEDS = {"add": "control", "remove": "control", "destroy": "control", "status": "status", "get": "get",
          "carrier": "carrier", "crash": "crash", "revive": "crash", "shut": "shut", "no_shut": "shut",
          "reload": "reload",
          "run": "agr(4)", "existing": "agr(4)", "interface": "agr(4)"}  # fmt: skip
"""What a testcase needs that calls a method, or reads a property, of the implementation or an aggregate."""

_VERDICTS = (
    BenchError,
    ConformanceFailure,
    ImplementationBroke,
    ImplementationRefused,
    Inconclusive,
    NotApplicable,
)


class UndeclaredNeed(Exception):
    """A testcase asks for more than it says that it needs: an ERROR of the testcase."""


@dataclass(frozen=True)
class Act:
    """One order, from when it was given until it was carried out; bench seconds."""

    start: float
    end: float


class Acts:
    """The orders of one testcase; `dut` is the implementation as a testcase is to use it.

    ``needs`` is what the testcase says that it needs: what it asks for beyond that raises UndeclaredNeed;
    None: nothing is held against it.
    """

    def __init__(self, dut: Dut, now: Callable[[], float], needs: Iterable[str] | None = None) -> None:
        self.all: list[Act] = []
        self.sets_partner = False  # Partner_Admin_* of a port (43.4.7)
        self._now = now
        self._needs = None if needs is None else set(needs)
        self.dut: Dut = _Recorded(dut, self)  # type: ignore[assignment]

    def do(self, order: Callable[[], Any]) -> Any:
        """Carry out an order and keep when."""
        start = self._now()
        try:
            return order()
        finally:
            self.all.append(Act(start, self._now()))

    def may(self, word: str) -> None:
        """From now on the testcase may ask for what this word stands for: it has made sure of it."""
        if self._needs is not None:
            self._needs.add(word)

    def hold(self, word: str, what: str) -> None:
        """Raises UndeclaredNeed where the testcase does not say that it needs this word."""
        needs = self._needs
        if needs is None or word in needs or "agr(4)" in needs:
            return
        if word == "status" and needs & {*FIGURES, "churn"}:
            return
        if word == "crash" and "restart" in needs:
            return
        raise UndeclaredNeed(
            f"the testcase asks for {what}, and its mark does not say so: needs=['{word}']; what it does "
            f"only where it can it asks for first: case.can('{word}')"
        )

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

    def __init__(self, of: Dut | Aggregate, acts: Acts, *, has_ports: bool = False) -> None:
        self._of = of
        self._acts = acts
        self._has_ports = has_ports

    def __getattr__(self, name: str) -> Any:
        if name in _NEEDS:
            self._acts.hold(_NEEDS[name], f"`{name}`")
        with _adapter(self._of.name, name):
            found = getattr(self._of, name)
        if not callable(found):
            return found

        def call(*words: Any, **named: Any) -> Any:
            with _adapter(self._of.name, name):
                return found(*words, **named)

        if name in _READS:
            return call

        def order(*words: Any, **named: Any) -> Any:
            self._hold(name, words, named)
            made = self._acts.do(lambda: call(*words, **named))
            if name in _MAKES:
                ports = words[1] if len(words) > 1 else named.get("ports", ())
                return _Recorded(made, self._acts, has_ports=bool(ports))
            self._has_ports = self._has_ports or name == "add"
            return made

        return order

    def _hold(self, name: str, words: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Hold what variables are set, and when, against what the testcase says that it needs."""
        if name == "aggregate":
            for variable, value in named.items():
                if variable != "ports":
                    self._hold_value(variable.replace("_", "-"), value)
        elif name == "set":
            variable = named.get("variable", words[0] if words else "")
            value = named.get("value", words[1] if len(words) > 1 else "")
            self._hold_value(variable, value)
            self._acts.sets_partner |= variable in PARTNER_VARIABLES
            if self._has_ports and variable not in PORT_VARIABLES:
                self._acts.hold(running(variable), f"`set {variable}` of an aggregate that has ports")

    def _hold_value(self, variable: str, value: Variable) -> None:
        word = word_of(variable, value)
        if word is not None:
            self._acts.hold(word, f"{variable} {value}")


@contextmanager
def _adapter(name: str, what: str) -> Iterator[None]:
    """What an adapter does not foresee is the adapter's: an ERROR with one message, nobody's failure."""
    try:
        yield
    except _VERDICTS:
        raise
    except AttributeError as error:
        if error.name == what:  # there is none of that name: the testcase's
            raise
        raise _broke(name, what, error) from error
    except Exception as error:
        raise _broke(name, what, error) from error


def _broke(name: str, what: str, error: Exception) -> BenchError:
    return BenchError(f"the adapter broke in `{what}` of {name}: {type(error).__name__}: {error}")
