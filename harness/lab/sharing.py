"""What two labs share, so that one of them has to end before the other begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.lab.schema import Lab, Port


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
    ports = [wire.tester for wire in lab.wires] + [wire.capture_at for wire in lab.wires]
    for port in (*ports, *(cable.tester for cable in lab.tester_wires)):
        if port is not None:
            yield _port(port.interface, _place(port))
    if not lab.switch_is_judged:  # else its ports are the switch's
        at, namespace = lab.implementation.at, lab.implementation.namespace
        for wire in lab.wires:
            yield _port(wire.port, at.model_dump() if at is not None else {"namespace": namespace})
    if lab.switch is not None:
        for place in lab.switch.places:
            yield f"the switch at {place}"


def _place(port: Port) -> Mapping[str, Any]:
    """What its keys say of where it is."""
    return {key: value for key, value in port.model_dump().items() if key != "interface"}


def _port(name: str, place: Mapping[str, Any]) -> str:
    where = "".join(f" in the {key} {value}" for key, value in place.items() if value is not None)
    return f"port {name}{where}"
