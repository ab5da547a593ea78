"""What Open vSwitch says of a member of a bond: words of `lacp/show` as fields and state bits."""

from __future__ import annotations

import pytest

from harness.dut.openvswitch import _status
from harness.pdu import State
from harness.verdict import ImplementationRefused

SAID = """current attached
  port_id: 1
  port_priority: 65535
  may_enable: true

  actor sys_id: aa:e7:ac:a6:49:41
  actor sys_priority: 65535
  actor port_id: 1
  actor port_priority: 65535
  actor key: 1
  actor state: activity synchronized collecting distributing

  partner sys_id: 00:00:00:00:00:00
  partner sys_priority: 0
  partner port_id: 0
  partner port_priority: 0
  partner key: 0
  partner state:
"""


def test_a_partner_without_a_state_bit_is_read() -> None:
    status = _status(SAID)
    assert (status.collecting, status.distributing) == (True, True)
    assert (status.actor.system, status.actor.port_priority) == ("aa:e7:ac:a6:49:41", 65535)
    assert status.partner.state == State(0)


def test_an_answer_that_is_none_says_so() -> None:
    with pytest.raises(ImplementationRefused, match="unreadable answer"):
        _status("current attached")
