"""What two labs share, so that one of them has to end before the other begins."""

from __future__ import annotations

from collections.abc import Iterator

from harness.lab.place import Placed
from harness.lab.schema import Lab


def shared(one: Lab, other: Lab) -> str:
    """The first thing that both labs use, in words; "" where they can run side by side.

    Only what is there already can be shared: each emulated or simulated bench makes its own.
    """
    if one.kind != "hardware" or other.kind != "hardware":
        return ""
    used = set(_uses(other))
    return next((words for words in _uses(one) if words in used), "")


def _uses(lab: Lab) -> Iterator[str]:
    """Each port and each switch that a lab uses, in words that no other has."""
    yield from (f"port {port.interface}{_where(port)}" for port in lab.own_ports)
    if not lab.switch_is_judged:  # else its ports are the switch's
        where = _where(lab.implementation)
        yield from (f"port {wire.port}{where}" for wire in lab.wires)
    if lab.switch is not None:
        yield from (f"the switch at {place}" for place in lab.switch.places)


def _where(section: Placed) -> str:
    if section.at is not None and section.elsewhere:
        return f" of {section.at.host}"
    return f" in the namespace {section.namespace}" if section.namespace is not None else ""
