"""A status that lacks what the harness reads is refused: a failure, and no trouble of the bench."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.bench.simulated import SimulatedAggregate
from harness.dut.agr import AgrAggregate
from harness.dut.implementation import Aggregate
from harness.verdict import ImplementationRefused

SAID: dict[str, Any] = {
    "agr0": {"mac": "02:00:00:00:00:01", "flags": [], "ports": {"re0": {"collecting": True}}}
}


def simulated() -> Aggregate:
    return SimulatedAggregate(cast(Any, SimpleNamespace(said=lambda: SAID)), "agr0", cast(Any, None))


def on_a_host() -> Aggregate:
    def config(*_: str) -> str:
        return json.dumps({"aggregates": SAID})

    return AgrAggregate("agr0", cast(Any, None), cast(Any, None), config)


@pytest.mark.parametrize("made", [simulated, on_a_host])
def test_what_is_lacking_is_named(made: Callable[[], Aggregate]) -> None:
    aggregate = made()
    assert aggregate.get("static") is False
    with pytest.raises(ImplementationRefused, match="says nothing of 'activity'"):
        aggregate.get("activity")
    with pytest.raises(ImplementationRefused, match="says nothing of 'distributing'"):
        aggregate.status()


def test_so_is_the_carrier() -> None:
    with pytest.raises(ImplementationRefused, match="says nothing of 'carrier'"):
        _ = simulated().carrier
