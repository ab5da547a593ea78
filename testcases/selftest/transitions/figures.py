"""The figures as they are measured: with notes of what is taken, and one transition as it should not be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from harness.reference.churn import ACTOR_CHURN, PARTNER_CHURN
from harness.reference.mux import COUPLED, INDEPENDENT
from harness.reference.periodic import PERIODIC
from harness.reference.receive import RECEIVE
from harness.reference.table import BEGIN, Condition, Machine, Transition
from harness.reference.variables import Port

FIGURES = {
    "Receive machine": RECEIVE,
    "Periodic Transmission machine": PERIODIC,
    "Mux machine, independent control": INDEPENDENT,
    "Mux machine, coupled control": COUPLED,
    "Actor Churn Detection machine": ACTOR_CHURN,
    "Partner Churn Detection machine": PARTNER_CHURN,
}

TRANSITIONS = {one.id: one for machine in FIGURES.values() for one in machine.transitions}

MISSING = "missing"
"""In place of a state: the transition is not there."""

MOST = 500
"""Transitions at one instant: more, and the machines do not come to rest."""


class Restless(Exception):
    """The machines do not come to rest: what was changed is no figure any more."""


@dataclass(frozen=True)
class Variant:
    """A transition that leads into another state, or is `MISSING`."""

    transition: str
    to: str


def variants(transition: str) -> list[Variant]:
    """All of a transition. That of BEGIN, which is over when the first frame can come, leads nowhere else."""
    one = TRANSITIONS[transition]
    (machine,) = (figure for figure in FIGURES.values() if one in figure.transitions)
    others = [state for state in machine.entry if state != one.to and one.condition is not BEGIN]
    return [Variant(transition, to) for to in (MISSING, *others)]


class Notes(dict[str, Machine]):
    """The machines for `Choices.figures`: they note their transitions, and one of them has the variant.

    ``taken`` are the transitions that were taken, but for those that lead into the state that is left.
    """

    def __init__(self, variant: Variant | None) -> None:
        super().__init__()
        self.taken: set[str] = set()
        self._drawn = {one.clause + one.name: self._with_notes(one, variant) for one in FIGURES.values()}
        self._instant = 0.0
        self._count = 0

    def get(self, name: str, drawn: Machine | None = None) -> Machine | None:  # type: ignore[override]
        """The machine that is to stand for this one."""
        return drawn if drawn is None else self._drawn.get(drawn.clause + name, drawn)

    def _with_notes(self, machine: Machine, variant: Variant | None) -> Machine:
        return replace(machine, transitions=tuple(self._transitions(machine, variant)))

    def _transitions(self, machine: Machine, variant: Variant | None) -> Iterator[Transition]:
        for one in machine.transitions:
            changed = one
            if variant is not None and variant.transition == one.id:
                if variant.to == MISSING:
                    continue
                changed = replace(one, to=variant.to)
            holds = self._noting(machine.name, changed, one.condition.holds)
            yield replace(changed, condition=Condition(one.condition.words, holds))

    def _noting(
        self, machine: str, transition: Transition, holds: Callable[[Port], bool]
    ) -> Callable[[Port], bool]:
        def noted(port: Port) -> bool:
            if not holds(port):
                return False
            if port.states.get(machine) != transition.to or transition.state == transition.to:
                self.taken.add(transition.id)
            self._not_for_ever(port)
            return True

        return noted

    def _not_for_ever(self, port: Port) -> None:
        self._count = self._count + 1 if port.now == self._instant else 0
        self._instant = port.now
        if self._count > MOST:
            raise Restless(f"{port.name}: more than {MOST} transitions at one instant")
