"""The mark of a testcase: the rows that it claims, the wires and capabilities that it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from harness.profile.constants import LONG_TIMEOUT_TIME, SHORT_TIMEOUT_TIME

MARK = "conformance"
F = TypeVar("F", bound=Callable[..., Any])

WHOLE = {
    "restart": "it is killed, started anew or reloaded",
    "system-id": "a system identifier that aggregates may share is set",
    "system-priority": "the system priority is set",
    "switch": "settings of a whole switch are changed (`harness.switch.switch.WHOLE_SWITCH`)",
    "names": "commands on its host name its aggregates, the first of them agr0",
    "host": "commands on its host show all of its aggregates",
    "memory": "the memory of its processes is measured",
    "load": "as much is sent as the bench or the implementation can, or a pace is to be kept",
}
"""What a testcase may do to all of an implementation, whatever its own aggregate is."""


@dataclass(frozen=True)
class Spec:
    """What a testcase declares in `claims`.

    ``rows`` are catalogue ids; ``row_needs`` what single ones of them need, and where that is lacking they
    are not applicable and the others are judged all the same; ``wires`` the fewest straight wires (T1),
    ``most_wires`` how many it uses where there are more, ``switch_wires`` the fewest to the switch (T2);
    ``needs`` names PICS answers, bench capabilities (`harness.run.plan`) and readings, as
    "half_duplex=lacp_off"; ``seconds`` is about how long it takes, so that long ones start first;
    ``timeouts`` how many of the implementation's own timeouts it waits for (`Case.own_timeout`), which are
    short ones in ``seconds``; ``values`` are those that it makes its one aggregate with and that no word of
    ``needs`` says, by the names of `Aggregate.set` (a key as `Case.key` is asked for it): a LAG that has been
    set up by hand with them will do; ``whole``, words of `WHOLE`, is what it does to all of the
    implementation: where several testcases share one, each with wires and an aggregate of its own, it runs
    alone (`harness.run.plan.alone`); ``smoke`` takes part in the quick
    run; ``floods``: the tester breaks the slow protocols' rate on purpose (CF-12), or passes on what the
    implementation sends; ``looks_at`` names what it only looks at (`Case.look`): those that name the same
    should follow one another on one bench, where it is made once.
    """

    rows: tuple[str, ...]
    wires: int = 0
    switch_wires: int = 0
    needs: tuple[str, ...] = ()
    seconds: float = 5.0
    smoke: bool = False
    floods: bool = False
    looks_at: str = ""
    row_needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    timeouts: int = 0
    values: Mapping[str, str | int | bool] = field(default_factory=dict)
    whole: tuple[str, ...] = ()
    most_wires: int = 0

    def time(self, *, short: bool) -> float:
        """Seconds that it takes about, of an implementation that has the short timeout, or the long one
        alone."""
        return self.seconds + (0.0 if short else self.timeouts * (LONG_TIMEOUT_TIME - SHORT_TIMEOUT_TIME))

    @property
    def all_needs(self) -> tuple[str, ...]:
        """What it needs, and what its rows do."""
        return (*self.needs, *(need for needs in self.row_needs.values() for need in needs))

    @property
    def readings(self) -> tuple[str, ...]:
        """Names of the readings of which it needs a certain choice."""
        return tuple(need.partition("=")[0] for need in self.needs if "=" in need)

    @property
    def topology(self) -> str:
        """ "T1", "T2", or both."""
        return "+".join(name for name, wanted in (("T1", self.wires), ("T2", self.switch_wires)) if wanted)


def claims(
    *rows: str,
    wires: int = 0,
    switch_wires: int = 0,
    needs: Sequence[str] = (),
    seconds: float = 5.0,
    smoke: bool = False,
    floods: bool = False,
    looks_at: str = "",
    row_needs: Mapping[str, Sequence[str]] | None = None,
    timeouts: int = 0,
    values: Mapping[str, str | int | bool] | None = None,
    whole: Sequence[str] = (),
    most_wires: int = 0,
) -> Callable[[F], F]:
    """Mark a test function as a testcase that claims catalogue rows; see `Spec` for the fields.

    Its title is the first line of its docstring. Raises ValueError where no row is claimed, where a row needs
    something that is not, and for a word of ``whole`` that is none.
    """
    if not rows:
        raise ValueError("a testcase claims at least one row of the catalogue")
    by_row = {row: tuple(words) for row, words in (row_needs or {}).items()}
    if strange := set(by_row) - set(rows):
        raise ValueError(f"{min(strange)} needs something and is not claimed")
    if unknown := set(whole) - set(WHOLE):
        raise ValueError(f"whole: {min(unknown)} is none of {', '.join(WHOLE)}")
    needed = tuple(needs)
    spec = Spec(
        tuple(rows),
        wires,
        switch_wires,
        needed,
        seconds,
        smoke,
        floods,
        looks_at,
        by_row,
        timeouts,
        values or {},
        tuple(whole),
        most_wires,
    )
    return getattr(pytest.mark, MARK)(spec)  # type: ignore[no-any-return]


def spec_of(item: pytest.Item) -> Spec | None:
    """The declaration of a collected test, None where it has none."""
    mark = item.get_closest_marker(MARK)
    return mark.args[0] if mark else None


def title_of(item: pytest.Item) -> str:
    """The title of a testcase: the first line of its docstring."""
    doc: str = (getattr(item, "function", None).__doc__ or item.name).strip()
    return doc.splitlines()[0].rstrip(".")
