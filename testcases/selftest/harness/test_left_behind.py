"""Namespaces of self-tests that were killed are removed by the next; those of living ones stay."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from testcases.selftest.host import ip
from testcases.selftest.left_behind import NAMESPACES, clean, left_behind

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")

MAKER = 'import os; name = f"agrz-{os.getpid()}-a"; os.system(f"ip netns add {name}"); print(name)'


@pytest.fixture
def dead() -> Iterator[str]:
    """The namespace of a process that has ended."""
    done = subprocess.run([sys.executable, "-c", MAKER], check=True, capture_output=True, text=True)
    yield (name := done.stdout.strip())
    with suppress(subprocess.CalledProcessError):
        ip("netns", "delete", name)


@pytest.fixture(
    params=[f"agrz-{os.getpid()}-a", f"agrz-lab{os.getpid()}"], ids=["of a living one", "named after none"]
)
def staying(request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of this process, and one that is named after none."""
    ip("netns", "add", request.param)
    yield request.param
    ip("netns", "delete", request.param)


def test_what_a_dead_one_left_goes_with_what_runs_there(dead: str, staying: str) -> None:
    inside = subprocess.Popen(["ip", "netns", "exec", dead, "sleep", "600"])
    try:
        assert dead in left_behind()
        assert staying not in left_behind()
        clean()
        assert not (NAMESPACES / dead).exists()
        assert (NAMESPACES / staying).exists()
    finally:
        inside.kill()
        inside.wait()
