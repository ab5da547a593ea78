"""The Marker Responder: what a Marker Response carries (43.2.6, 43.5)."""

from __future__ import annotations

import pytest

from harness.case import Case, claims, marker_response
from harness.timers import PROMPT

REQUESTS = {
    "plain": (0x0107, "02:00:5e:00:53:21", 0x01020304),
    "zero": (0, "00:00:00:00:00:00", 0),
    "ones": (0xFFFF, "ff:ff:ff:ff:ff:ff", 0xFFFFFFFF),
}


@claims("MK-06", wires=1, smoke=True)
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_copies_the_request(case: Case, request_: tuple[int, str, int]) -> None:
    """Requester_Port, Requester_System and Requester_Transaction_ID come back unchanged"""
    port, system, transaction = request_
    station = case.bundle().station
    asked = station.marker(transaction, port=port, system=system)
    answer = case.expect(station, marker_response(), since=asked.time, within=PROMPT).marker
    case.equal(answer.requester_port, port, "Requester_Port")
    case.equal(answer.requester_system, system, "Requester_System")
    case.equal(answer.transaction_id, transaction, "Requester_Transaction_ID")
