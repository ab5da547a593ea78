"""The tester's own manners: without them no verdict is worth anything (43B.2)."""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.profile.constants import FAST_PERIODIC_TIME, MAX_LACPDUS_PER_FAST_PERIODIC_TIME
from harness.verdict import Inconclusive

NEWS = 4 * MAX_LACPDUS_PER_FAST_PERIODIC_TIME


@claims("CF-12", wires=1, seconds=11)
def test_rate(case: Case) -> None:
    """A partner with much to tell keeps to three LACPDUs a second, and what it tells is heard"""
    station = case.bundle().station
    case.settle()
    since = case.now()
    for turn in range(NEWS):
        said = station.say(Distributing=turn % 2)
    heard = lacpdu(partner={"Distributing": (NEWS - 1) % 2})
    case.expect(station, heard, since=said.time, within=FAST_PERIODIC_TIME)
    own = [frame.time for frame in station.wire.frames if frame.sent and frame.time >= since]
    close = [later - own[place] for place, later in enumerate(own[MAX_LACPDUS_PER_FAST_PERIODIC_TIME:])]
    words = "shortest time for four LACPDUs of the tester"
    case.within(min(close), None, None, words, id="four-lacpdus-of-the-tester")
    if min(close) < FAST_PERIODIC_TIME:
        raise Inconclusive(f"the tester sent more than {MAX_LACPDUS_PER_FAST_PERIODIC_TIME} LACPDUs "
                           f"in {FAST_PERIODIC_TIME:g} s (43.4.16)")  # fmt: skip
