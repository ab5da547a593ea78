"""Managed objects of 30.7.1 and 30.7.2 as a status gives them, held against what they must come to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.case import Case, ask
from harness.dut.implementation import Aggregate, Managed
from harness.profile.constants import PROMPT
from harness.wire.wire import Wire

Objects = Mapping[str, Managed]


def aggregator(aggregate: Aggregate) -> Callable[[], Objects]:
    """Reads those of 30.7.1.1. The list of ports is in the order of their names."""

    def read() -> Objects:
        found = dict(aggregate.status().objects)
        listed = found.get("PortList")
        return {**found, "PortList": tuple(sorted(listed))} if isinstance(listed, tuple) else found

    return read


def port(aggregate: Aggregate, wire: Wire) -> Callable[[], Objects]:
    """Reads those of 30.7.2.1 of the port on a wire."""
    return lambda: aggregate.status().ports[wire.port].objects


def says(
    case: Case, read: Callable[[], Objects], wanted: Objects, words: str, *, row: str | None = None
) -> None:
    """FAIL unless the objects come to have these values. Those that cannot be read are not judged; where that
    is all of them, the row is not."""
    seen: dict[str, Managed] = {}

    def right() -> bool:
        found = read()
        seen.update({name: found[name] for name in wanted if name in found})
        return all(value == wanted[name] for name, value in seen.items())

    ask(case, right, within=PROMPT)
    if not seen:
        case.nothing_to_judge(f"{', '.join(wanted)} cannot be read", row=row)
        return
    wrong = {name: value for name, value in seen.items() if value != wanted[name]}
    expected = {name: wanted[name] for name in wrong or seen}
    case.check(not wrong, f"{words}: {_text(expected)}", _text(wrong), row=row)


def _text(objects: Objects) -> str:
    return ", ".join(f"{name} {value}" for name, value in objects.items())
