"""How a table that stands beside a figure of clause 43 is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, Generic, Protocol, TypeVar


class Owner(Protocol):
    """Who keeps the state of a machine: a port, or a drain (43A.3)."""

    def state_changed(self, machine: str, old: StrEnum, new: StrEnum) -> None:
        """The machine of this name has gone from ``old`` to ``new``."""


OwnerT = TypeVar("OwnerT", bound=Owner)


@dataclass(frozen=True)
class Condition(Generic[OwnerT]):
    """A condition in the clause's notation, and the same as a question to its owner's variables."""

    words: str
    holds: Callable[[OwnerT], bool]


UCT: Final[Condition[Any]] = Condition("UCT", lambda owner: True)
"""The unconditional transition."""

ANY: Final = "ANY"
"""Source of an arc that leads into its state from every other one ("global" arcs of the figures)."""

Action = Callable[[OwnerT, float], None]
Arc = tuple[StrEnum | str, Condition[OwnerT], StrEnum]


@dataclass(frozen=True)
class Machine(Generic[OwnerT]):
    """One figure: ``arcs`` are (state, condition, next state), tried from the top; ``entry`` has each state's
    actions, which are told the time in seconds.

    ``name`` is also the prefix of its owner's variable that keeps the state.
    """

    name: str
    clause: str
    arcs: tuple[Arc[OwnerT], ...]
    entry: Mapping[StrEnum, tuple[Action[OwnerT], ...]]

    def step(self, owner: OwnerT, now: float) -> bool:
        """Take the first arc whose condition holds. Returns whether one was taken."""
        for holds, target in self._arcs_of[getattr(owner, self._variable)]:
            if holds(owner):
                self.enter(owner, now, target)
                return True
        return False

    def enter(self, owner: OwnerT, now: float, state: StrEnum) -> None:
        """Go to ``state`` and do its actions."""
        old: StrEnum = getattr(owner, self._variable)
        setattr(owner, self._variable, state)
        if state is not old:
            owner.state_changed(self.name, old, state)
        for action in self.entry[state]:
            action(owner, now)

    @cached_property
    def _variable(self) -> str:
        return f"{self.name}_state"

    @cached_property
    def _arcs_of(self) -> dict[StrEnum, list[tuple[Callable[[OwnerT], bool], StrEnum]]]:
        return {
            state: [
                (condition.holds, target)
                for source, condition, target in self.arcs
                if (target is not state if source is ANY else source is state)
            ]
            for state in self.entry
        }
