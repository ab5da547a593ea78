"""The devices as a lab file loads them: ``load: "testcases.selftest.devices.made:ticks_of_100_ms"``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from harness.reference import Reference
from testcases.selftest.devices.boundary import Boundary
from testcases.selftest.devices.table import BY_ID


def __getattr__(name: str) -> Callable[[], Reference]:
    """What makes the device of this id. AttributeError where there is none."""
    if name not in BY_ID:
        raise AttributeError(f"there is no device {name}")
    device = BY_ID[name]
    return partial(device.boundary or Boundary, device)
