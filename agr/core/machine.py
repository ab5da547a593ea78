"""How a table that stands beside a figure of clause 43 is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from agr.core.outputs import StateChanged
from agr.core.port import Port

Condition = Callable[[Port], bool]
Action = Callable[[Port, float], None]

# Source of an arc that leads into its state from every other one ("global" arcs of the figures).
ANY: Final = "ANY"

Arc = tuple[StrEnum | str, Condition, StrEnum]


def always(port: Port) -> bool:
    """UCT, the unconditional transition."""
    return True


@dataclass(frozen=True)
class Machine:
    """``arcs`` are (state, condition, next state), tried from the top; ``entry`` the actions of each state.

    ``name`` is also the prefix of the port's variable that keeps the state.
    """

    name: str
    arcs: tuple[Arc, ...]
    entry: Mapping[StrEnum, tuple[Action, ...]]

    def state(self, port: Port) -> StrEnum:
        """Where ``port`` is."""
        state: StrEnum = getattr(port, f"{self.name}_state")
        return state

    def step(self, port: Port, now: float) -> bool:
        """Take the first arc whose condition holds. Returns whether one was taken."""
        for condition, target in self._arcs_of[self.state(port)]:
            if condition(port):
                self.enter(port, now, target)
                return True
        return False

    @cached_property
    def _arcs_of(self) -> dict[StrEnum, list[tuple[Condition, StrEnum]]]:
        return {
            state: [
                (condition, target)
                for source, condition, target in self.arcs
                if (target is not state if source is ANY else source is state)
            ]
            for state in self.entry
        }

    def enter(self, port: Port, now: float, state: StrEnum) -> None:
        """Go to ``state`` and do its actions."""
        old = self.state(port)
        setattr(port, f"{self.name}_state", state)
        if state is not old:
            port.emit(StateChanged(port.name, self.name, str(old), str(state)))
        for action in self.entry[state]:
            action(port, now)
