"""Commands on the host under test end within a bound, and say how long they took."""

from __future__ import annotations

import pytest

from harness.dut.host import HELD_UP, Host
from harness.verdict import ImplementationRefused


def test_a_command_that_hangs_is_ended() -> None:
    with pytest.raises(ImplementationRefused, match=r"sleep 1000: no answer within 0\.1 s") as refused:
        Host(None, command_time=0.1).run(["sleep", "1000"])
    assert (refused.value.seconds, refused.value.granted) == (0.1, HELD_UP * 0.1)


def test_a_command_that_declines_says_how_long_it_took() -> None:
    with pytest.raises(ImplementationRefused, match="exit 3: no; never") as refused:
        Host(None).run(["sh", "-c", "echo no; echo never; exit 3"])
    assert refused.value.seconds is not None and refused.value.granted == 0.0
