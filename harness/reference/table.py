"""State machines of clause 43.4 as tables: (state, condition) -> (actions, next state).

The standard draws its machines as boxes, with actions that are carried out on entry, and arrows with
conditions. A `Machine` is such a drawing written down: `entry` has the boxes, `transitions` the arrows. An
arrow from `ANY` leads in from every state, its own included: while its condition holds no other is followed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.reference.variables import Port

ANY = "any state"


@dataclass(frozen=True)
class Condition:
    """A condition in the clause's notation, and the predicate on a port's variables."""

    words: str
    holds: Callable[[Port], bool]


@dataclass(frozen=True)
class Action:
    """An action in the clause's notation, and the function that carries it out on a port's variables."""

    words: str
    do: Callable[[Port], None]


@dataclass(frozen=True)
class Transition:
    """One transition. `id` names it in `sources.yaml`."""

    id: str
    state: str
    condition: Condition
    to: str


@dataclass(frozen=True)
class Machine:
    """One state machine. `name` is also the key of its state in `Port.states`."""

    name: str
    clause: str
    entry: Mapping[str, tuple[Action, ...]]
    transitions: tuple[Transition, ...]

    def changed(
        self,
        entry: Mapping[str, tuple[Action, ...]] | None = None,
        transitions: Mapping[str, Transition | None] | None = None,
    ) -> Machine:
        """The figure with other actions in some boxes, and other arrows by their ids (None: without it)."""
        other = transitions or {}
        arrows = (other.get(arrow.id, arrow) for arrow in self.transitions)
        kept = tuple(arrow for arrow in arrows if arrow is not None)
        return Machine(self.name, self.clause, {**self.entry, **(entry or {})}, kept)

    def step(self, port: Port) -> bool:
        """Take one transition whose condition holds; False where there is none and the state stays."""
        state = port.states.get(self.name)
        for transition in self.transitions:
            if transition.state not in (ANY, state) or not transition.condition.holds(port):
                continue
            self.enter(port, transition.to)
            return transition.state != ANY or transition.to != state
        return False

    def enter(self, port: Port, state: str) -> None:
        """Enter a state, and carry out its actions."""
        port.states[self.name] = state
        for action in self.entry[state]:
            action.do(port)


@dataclass(frozen=True)
class Rule:
    """A requirement that a clause has in words, not in a figure. `id` names it in `sources.yaml`."""

    id: str
    clause: str
    words: str


UCT = Condition("UCT", lambda port: True)
BEGIN = Condition("BEGIN = TRUE", lambda port: port.BEGIN)


def _bits(whose: str, bits: Mapping[str, bool]) -> str:
    return "; ".join(f"{whose}_Oper_Port_State.{name} = {str(on).upper()}" for name, on in bits.items())


def actor(**bits: bool) -> Action:
    """Set bits of Actor_Oper_Port_State."""

    def do(port: Port) -> None:
        port.actor = port.actor.change(**bits)

    return Action(_bits("Actor", bits), do)


def partner(**bits: bool) -> Action:
    """Set bits of Partner_Oper_Port_State."""

    def do(port: Port) -> None:
        port.partner = port.partner.change(**bits)

    return Action(_bits("Partner", bits), do)


def start(timer: str, seconds: float, name: str) -> Action:
    """Start a timer with a constant of 43.4.4, whose name stands in the table."""

    def do(port: Port) -> None:
        port.start(timer, seconds)

    return Action(f"start {timer}({name})", do)


def stop(timer: str) -> Action:
    """Stop a timer."""

    def do(port: Port) -> None:
        port.timers.pop(timer, None)

    return Action(f"stop {timer}", do)


def expired(timer: str) -> Condition:
    """A timer has expired."""
    return Condition(f"{timer} expired", lambda port: timer in port.timers and port.timers[timer] <= port.now)


def _ntt(port: Port) -> None:
    port.NTT = True


NTT = Action("NTT = TRUE", _ntt)
