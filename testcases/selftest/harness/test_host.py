"""Commands on the host under test end within a bound, and say how long they took."""

from __future__ import annotations

import pytest

from harness.dut.host import HELD_UP, Host
from harness.host.location import Here
from harness.verdict import BenchError, ImplementationRefused


def test_a_command_that_hangs_is_ended() -> None:
    with pytest.raises(ImplementationRefused, match=r"sleep 1000: no answer within 0\.1 s") as refused:
        Host(Here(None), command_time=0.1).run(["sleep", "1000"])
    assert (refused.value.seconds, refused.value.granted) == (0.1, HELD_UP * 0.1)


def test_a_command_that_declines_says_how_long_it_took() -> None:
    with pytest.raises(ImplementationRefused, match="exit 3: no; never") as refused:
        Host(Here(None)).run(["sh", "-c", "echo no; echo never; exit 3"])
    assert refused.value.seconds is not None and refused.value.granted == 0.0


CRASHES = ["sh", "-c", "kill -SEGV $$"]


def test_a_tool_that_crashes_says_nothing_of_the_implementation() -> None:
    with pytest.raises(BenchError, match=r"sh -c .*: it crashed, signal 11 .*; sh is a tool of the adapter"):
        Host(Here(None)).tool(CRASHES)


def test_the_implementation_s_own_command_that_crashes_is_its_failure() -> None:
    with pytest.raises(ImplementationRefused, match=r"it crashed, signal 11"):
        Host(Here(None)).run(CRASHES)


def test_what_a_tool_declines_the_operating_system_declines() -> None:
    with pytest.raises(ImplementationRefused, match="exit 2: no such interface"):
        Host(Here(None)).tool(["sh", "-c", "echo no such interface; exit 2"])
