"""Machines that capture, and how wrong their clocks are, drawn from a seed."""

from __future__ import annotations

import random

from harness.lab.schema import Capturer, Lab
from harness.wire.moment import DRIFT

MOST_ERROR = 0.05
"""Seconds: fifty times what a simulated bench allows for, a twentieth of what the clause calls prompt."""


def capturers(seed: int, lab: Lab) -> dict[str, Capturer]:
    """One machine captures at all of the tester's ports, or each port has one of its own; another one, or the
    same, has the aggregates."""
    draw = random.Random(seed)
    wires = [wire.name for wire in lab.wires]
    groups = draw.choice([[wires], [wires], [[name] for name in wires], [wires[:2], wires[2:]], []])
    places: list[tuple[list[str], bool]] = [(group, False) for group in groups]
    if places and draw.random() < 0.3:
        places[0] = (places[0][0], True)
    elif not places or draw.random() < 0.8:
        places.append(([], True))
    return {
        f"machine {number}": _capturer(draw, named, clients)
        for number, (named, clients) in enumerate(places, start=1)
    }


def _capturer(draw: random.Random, wires: list[str], clients: bool) -> Capturer:
    error = draw.uniform(0.001, MOST_ERROR)
    drift = draw.choice([-DRIFT, DRIFT, draw.uniform(-DRIFT, DRIFT), 0.0])
    ahead = error * draw.choice([-1.0, 1.0, draw.uniform(-1.0, 1.0)])
    return Capturer(wires=wires, clients=clients, error=error, ahead=ahead, drift=drift)


def with_clocks(lab: Lab, seed: int) -> Lab:
    """A simulated bench with other machines' clocks."""
    impairments = lab.impairments.model_copy(update={"captured_by": capturers(seed, lab)})
    return lab.model_copy(update={"impairments": impairments})
