"""The self-tests on machines of any speed: their order, for workers that take a file each; no deadline.

What killed ones left on the machine is removed first.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from testcases.selftest import left_behind

settings.register_profile("any machine", deadline=None)  # a slow example is no failure
settings.load_profile("any machine")

FOLDER = Path(__file__).parent
LONGEST_FIRST = (
    "runs/test_bench_faults.py",
    "breakages/test_breakages.py",
    "switch_driver/test_awkward.py",
    "switch_driver/test_awkward_switch.py",
    "runs/test_faults.py",
    "runs/test_exit_codes.py",
    "runs/test_bad_switch.py",
    "runs/test_told_to_end.py",
    "daemon/test_guard.py",
    "daemon/test_takeover.py",
    "devices/test_devices.py",
    "oracle/test_oracle.py",
    "reference/test_limited.py",
    "reference/test_suite.py",
    "reference/test_hashes.py",
    "mutants/test_mutants.py",
)
"""Files that take longer than the others: whoever began one of them last would be waited for."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """As runs do with benches: the next one undoes what a killed one left. Not in each worker."""
    if os.geteuid() == 0 and not hasattr(session.config, "workerinput"):
        left_behind.clean()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those first; the others stay in their order."""
    place = {FOLDER / name: number for number, name in enumerate(LONGEST_FIRST)}
    assert all(path.exists() for path in place), "LONGEST_FIRST names a file that is not there"
    items.sort(key=lambda item: place.get(item.path, len(place)))
