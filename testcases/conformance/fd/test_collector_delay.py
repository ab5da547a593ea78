"""How long the Frame Collector keeps a frame, beside the Collector_Max_Delay that it says (43.2.3)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, record
from harness.case.passage import ARRIVAL_TIME, BATCH
from harness.profile.constants import COLLECTOR_MAX_DELAY_UNIT, FAST_PERIODIC_TIME, PROMPT
from harness.wire.moment import may_be_from

ROUNDS = 3
"""Times that as many frames as an interface's queue holds come at once."""


@claims("FD-23", wires=1, seconds=9)
def test_collector_max_delay(case: Case) -> None:
    """A frame that is delivered has waited no longer than the Collector_Max_Delay that LACPDUs say"""
    lag = case.bundle()
    wire, client = lag.station.wire, lag.aggregate.client
    told = case.expect(lag.station, any_lacpdu(), within=2 * FAST_PERIODIC_TIME, premise="PT-01")
    said = told.collector_max_delay * COLLECTOR_MAX_DELAY_UNIT
    with case.offering(wire) as inward:
        case.expect(client, inward.data, within=PROMPT, premise="MX-15")
    (flow,) = case.conversations(1, wire.tap.mac)
    since = case.now()
    for number in range(ROUNDS):
        before = len(client.received(since))
        wire.tap.send_all(flow.frames(BATCH, first=number * BATCH))
        came = case.until(
            lambda before=before: len(client.received(since)) >= before + BATCH, within=ARRIVAL_TIME
        )
        if not came:
            case.report(f"of {BATCH} frames that came at once some were not delivered in {ARRIVAL_TIME:g} s")
    own = [frame for frame in wire.frames if frame.sent and may_be_from(frame.time, since)]
    sent = {record(frame): frame.time for frame in own}
    delivered = {record(frame): frame.time for frame in client.received(since)}
    waits = [delivered[key] - sent[key] for key in sent.keys() & delivered.keys() - {None}]
    if not waits:
        case.unmet("MX-15", "frames of the tester's at the client", "none")
    words = f"longest wait of a frame that was delivered, {said:g} s being said"
    # The allowance is for the bench's own way from wire to client.
    case.within(max(waits), None, said + case.late, words, id="collector-delay", exact=True)
