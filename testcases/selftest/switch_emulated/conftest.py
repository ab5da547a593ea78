"""Fixtures of the tests without Open vSwitch."""

import pytest

from fixtures.switch.session import Mode
from testcases.selftest.switch_emulated.fake import Operator


@pytest.fixture
def operator() -> Operator:
    """An operator in privileged mode on a switch with four ports."""
    operator = Operator()
    operator.session.mode = Mode.PRIVILEGED
    return operator
